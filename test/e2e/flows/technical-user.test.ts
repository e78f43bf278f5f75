import { decodeJwt } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Flows, openFlows } from '../support/open-flows.ts';
import { openLandscape, tokenCalls } from '../support/open-landscape.ts';

let landscape: Landscape;
let flows: Flows;
beforeAll(async () => {
  landscape = await openLandscape();
  flows = await openFlows(landscape);
});
beforeEach(() => landscape.calls.clear());

const technical = () => tokenCalls(landscape, 'client_credentials').map(({ full }) => new URLSearchParams(full.body));

describe('a technical user', () => {
  test.each([
    ['a secret', 'graph-technical-secret', 'client_secret', 'client_assertion'],
    ['an assertion minted for the request', 'graph-technical', 'client_assertion', 'client_secret'],
  ])('with %s reads what the application may read', async (_, destination, shown, hidden) => {
    const browser = await flows.browserOf(users.withoutConsent);
    const answer = await browser.fetch(flows.at(`/${destination}/users`));
    expect(answer.status).toBe(200);
    expect(answer.json['value']).toHaveLength(landscape.users.length);
    const [form] = technical();
    expect(form?.get(shown)).toBeTruthy();
    expect(form?.get(hidden)).toBeNull();
    expect(form?.get('assertion'), 'the user is nobody’s business').toBeNull();
    const token = landscape.calls.graph[0]?.full.headers['authorization']?.replace('Bearer ', '') ?? '';
    expect(decodeJwt(token)).toMatchObject({ idtyp: 'app', roles: ['User.Read.All'] });
    expect(decodeJwt(token)).not.toHaveProperty('scp');
  });

  test('serves anonymous callers of a public route', async () => {
    expect((await fetch(flows.at('/public/graph-technical/users'))).status).toBe(200);
  });

  test("is told by Graph what it may not do: the backend's own refusal passes, and is no retry's business", async () => {
    const browser = await flows.browserOf(users.everywhere);
    const answer = await browser.fetch(flows.at('/graph-technical/me'));
    expect(answer.status).toBe(400);
    expect(answer.json['error']).toMatchObject({ code: 'BadRequest' });
    expect(landscape.calls.graph).toHaveLength(1);
  });

  test('with mutual TLS shows its certificate to the token service, and no secret', async () => {
    const browser = await flows.browserOf(users.everywhere);
    const answer = await browser.fetch(flows.at('/ias-api/cost-centers'));
    expect(answer.status).toBe(200);
    expect(answer.json['caller']).toMatchObject({ kind: 'application' });
    const [call] = landscape.calls.ias;
    const form = new URLSearchParams(call?.full.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'client_credentials',
      client_id: landscape.ias.client.id,
      resource: landscape.ias.client.costCentersResource,
    });
    expect(form.get('client_secret')).toBeNull();
    expect(call?.full.headers['authorization']).toBeUndefined();
    const token = landscape.calls.costCenters[0]?.full.headers['authorization']?.replace('Bearer ', '') ?? '';
    const { x5tS256 } = landscape.ias.client.certificate.thumbprints;
    expect(decodeJwt(token)['cnf'], 'the token is bound to it (RFC 8705)').toEqual({ 'x5t#S256': x5tS256 });
  });
});

describe('a named user over mutual TLS', () => {
  test('becomes a user of IAS: the login token is exchanged by jwt-bearer', async () => {
    // IAS knows its people by e-mail, which stands in the id_token: no scope of our own, so that is the user token.
    const { at, browserOf } = await openFlows(landscape, [], { OIDC_SCOPES: 'openid profile email' });
    const browser = await browserOf(users.everywhere);
    landscape.calls.clear();
    const answer = await browser.fetch(at('/ias-user/cost-centers'));
    expect(answer.status).toBe(200);
    expect(answer.json['caller']).toMatchObject({ kind: 'user' });
    const form = new URLSearchParams(landscape.calls.ias[0]?.full.body);
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(decodeJwt(form.get('assertion') ?? '')).toMatchObject({ email: users.everywhere.email });
  });

  test('is not reached with a token service that is not trusted: 502, and nothing secret was sent', async () => {
    const { ias, costCenters } = landscape;
    const untrusted = {
      name: 'untrusted',
      url: costCenters.origin,
      Authentication: 'OAuth2ClientCredentials',
      tokenServiceURL: ias.tokenUrl,
      clientId: ias.client.id,
      clientSecret: ias.client.secret,
    };
    const { at } = await openFlows(landscape, [untrusted]);
    const answer = await fetch(at('/public/untrusted/cost-centers'), { headers: { accept: 'application/json' } });
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({
      code: 'ERR_TOKEN_SERVICE',
      hint: expect.stringContaining('TrustStoreLocation'),
    });
    expect([...landscape.calls.ias, ...landscape.calls.costCenters]).toHaveLength(0);
  });
});
