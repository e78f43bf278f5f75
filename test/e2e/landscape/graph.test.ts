import { decodeJwt, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { signGraphToken } from '../../../demo/landscape/entra/graph-nonce.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { startLandscape } from '../../../demo/landscape/start-landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Answer, postForm, readAnswer } from './post-form.ts';
import { signIn, type Tokens } from './sign-in.ts';

let landscape: Landscape;
let tokens: Tokens;
let appOnly: string;
/** App-only without any role: another application's. */
let powerless: string;
/** The user's, of a client that declared cp1. */
let capable: string;

beforeAll(async () => {
  landscape = await startLandscape();
  const { client, otherClient } = landscape.entra;
  [tokens, appOnly, powerless] = await Promise.all([
    signIn(landscape, users.everywhere),
    technicalToken(client.id, client.secret),
    technicalToken(otherClient.id, otherClient.secret),
  ]);
  capable = await capableToken('{"access_token":{"xms_cc":{"values":["cp1"]}}}');
});
afterAll(() => landscape.stop());
afterEach(() => landscape.hooks.reset());

async function technicalToken(id: string, secret: string): Promise<string> {
  const { entra, graph } = landscape;
  const fields = { grant_type: 'client_credentials', client_id: id, client_secret: secret, scope: graph.defaultScope };
  return String((await postForm(entra.tokenUrl, fields)).body['access_token']);
}

async function capableToken(claims: string): Promise<string> {
  const { entra, graph } = landscape;
  const answer = await postForm(entra.tokenUrl, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    client_id: entra.client.id,
    client_secret: entra.client.secret,
    assertion: tokens.id_token,
    requested_token_use: 'on_behalf_of',
    scope: graph.defaultScope,
    claims,
  });
  return String(answer.body['access_token']);
}

async function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return readAnswer(await fetch(`${landscape.graph.url}${path}`, { headers }));
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** A token Graph would believe, with changed claims. */
function forged(change: Readonly<Record<string, unknown>>, key = landscape.keys.directory): string {
  return signGraphToken(
    { alg: 'RS256', kid: key.thumbprints.x5t },
    { ...decodeJwt(tokens.access_token), ...change },
    key.keys.privateKey,
  );
}

interface Row {
  readonly row: string;
  readonly defect: string;
  readonly headers: () => Record<string, string> | Promise<Record<string, string>>;
  readonly message: string;
}

const unauthenticated: readonly Row[] = [
  { row: 'H37', defect: 'no token', headers: () => ({}), message: 'Access token is empty.' },
  {
    row: 'H37',
    defect: 'an empty bearer',
    headers: () => ({ authorization: 'Bearer ' }),
    message: 'Access token is empty.',
  },
  {
    row: 'H37',
    defect: 'Basic credentials',
    headers: () => ({ authorization: 'Basic dTpw' }),
    message: 'Access token is empty.',
  },
  {
    row: 'H37',
    defect: 'an opaque token',
    headers: () => bearer('opaque'),
    message: 'CompactToken parsing failed with error code: 80049217',
  },
  {
    row: 'H37',
    defect: 'an ID token',
    headers: () => bearer(tokens.id_token),
    message: 'Access token validation failure. Invalid audience.',
  },
  {
    row: 'H37',
    defect: 'an expired token',
    headers: () => bearer(forged({ exp: Math.floor(Date.now() / 1000) - 1 })),
    message: 'Lifetime validation failed, the token is expired.',
  },
  {
    row: 'H37',
    defect: "a token signed with a stranger's key",
    headers: () => bearer(forged({}, landscape.keys.ias)),
    message: 'Access token validation failure. Invalid signature.',
  },
  {
    row: 'H37',
    defect: 'a token signed by the directory but without nonce',
    headers: async () => {
      const token = new SignJWT(decodeJwt(tokens.access_token)).setProtectedHeader({ alg: 'RS256' });
      return bearer(await token.sign(landscape.keys.directory.keys.privateKey));
    },
    message: 'Access token validation failure. Invalid signature.',
  },
  {
    row: 'H37',
    defect: 'a token of another issuer',
    headers: () => bearer(forged({ iss: 'https://sts.windows.net/other/' })),
    message: 'Access token validation failure. Invalid issuer.',
  },
];

interface PermissionRow {
  readonly row: string;
  readonly call: string;
  readonly token: () => string;
  readonly outcome: readonly [status: number, code: string];
}

const refused: readonly PermissionRow[] = [
  { row: 'H39', call: '/me', token: () => appOnly, outcome: [400, 'BadRequest'] },
  { row: 'H39', call: '/users', token: () => powerless, outcome: [403, 'Authorization_RequestDenied'] },
  { row: 'H39', call: '/users', token: () => tokens.access_token, outcome: [403, 'Authorization_RequestDenied'] },
  {
    row: 'H39',
    call: `/users/${users.withoutConsent.email}`,
    token: () => tokens.access_token,
    outcome: [403, 'Authorization_RequestDenied'],
  },
  { row: 'B3', call: '/users/nobody@example.com', token: () => appOnly, outcome: [404, 'Request_ResourceNotFound'] },
  {
    row: 'B1',
    call: `/users/${users.everywhere.oid.toUpperCase()}`,
    token: () => appOnly,
    outcome: [404, 'Request_ResourceNotFound'],
  },
  { row: 'B3', call: '/harbours', token: () => appOnly, outcome: [400, 'BadRequest'] },
  { row: 'B1', call: '/me?$orderby=id', token: () => tokens.access_token, outcome: [400, 'BadRequest'] },
  { row: 'B1', call: '/me?$select=harbour', token: () => tokens.access_token, outcome: [400, 'BadRequest'] },
];

describe('Graph', () => {
  it.each(unauthenticated)('$row: refuses $defect', async ({ headers, message }) => {
    const clientRequestId = '11111111-2222-4333-8444-555555555555';
    const answer = await get('/me', { ...(await headers()), 'client-request-id': clientRequestId });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      error: {
        code: 'InvalidAuthenticationToken',
        message,
        innerError: {
          date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
          'request-id': answer.headers.get('request-id'),
          'client-request-id': clientRequestId,
        },
      },
    });
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="", authorization_uri="${landscape.entra.origin}/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`,
    );
    expect(answer.headers.get('client-request-id')).toBe(clientRequestId);
    expect(JSON.parse(answer.headers.get('x-ms-ags-diagnostic') ?? '')).toHaveProperty('ServerInfo.DataCenter');
  });

  it.each(refused)('$row: answers $call with $outcome', async ({ call, token, outcome }) => {
    const answer = await get(call, bearer(token()));
    expect(answer.status).toBe(outcome[0]);
    expect(answer.body).toMatchObject({ error: { code: outcome[1] } });
  });

  it('H39: says why an application has no /me', async () => {
    const { body } = await get('/me', bearer(appOnly));
    expect(body).toMatchObject({ error: { message: '/me request is only valid with delegated authentication flow.' } });
  });

  it('H38: sends a claims challenge after a revocation to a client that declared cp1, and a token made for it is accepted', async () => {
    landscape.hooks.graph.revoke(users.everywhere);
    const answer = await get('/me', bearer(capable));
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
    const [, encoded = ''] =
      /error="insufficient_claims", claims="([^"]+)"/.exec(answer.headers.get('www-authenticate') ?? '') ?? [];
    const challenge = JSON.parse(Buffer.from(encoded, 'base64').toString()) as {
      access_token: { nbf: { value: string } };
    };
    expect(challenge.access_token.nbf).toMatchObject({ essential: true, value: expect.stringMatching(/^\d+$/) });
    const merged = { access_token: { xms_cc: { values: ['cp1'] }, ...challenge.access_token } };
    expect((await get('/me', bearer(await capableToken(JSON.stringify(merged))))).status).toBe(200);
  });

  it('H38: just refuses the token of a client that did not', async () => {
    landscape.hooks.graph.revoke(users.everywhere);
    const answer = await get('/me', bearer(tokens.access_token));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).not.toContain('claims=');
  });

  it('B4: throttles with Retry-After, and is available again afterwards', async () => {
    landscape.hooks.graph.throttle(1, 3);
    const answer = await get('/me', bearer(tokens.access_token));
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(answer.body).toMatchObject({ error: { code: 'TooManyRequests' } });
    expect((await get('/me', bearer(tokens.access_token))).status).toBe(200);
  });

  it('gives the user of the token', async () => {
    const { body } = await get('/me', bearer(tokens.access_token));
    expect(body).toEqual({
      '@odata.context': `${landscape.graph.url}/$metadata#users/$entity`,
      businessPhones: ['+46 8 555 0101'],
      displayName: 'Mara Lindqvist',
      givenName: 'Mara',
      jobTitle: 'Harbour Pilot',
      mail: 'mara.lindqvist@example.com',
      mobilePhone: null,
      officeLocation: 'Quay 1',
      preferredLanguage: 'sv-SE',
      surname: 'Lindqvist',
      userPrincipalName: 'mara.lindqvist@example.com',
      id: users.everywhere.oid,
    });
  });

  it('takes path segments and property names in any case, and selects', async () => {
    const { body } = await get('/ME?$select=DisplayName', bearer(tokens.access_token));
    expect(body).toMatchObject({ displayName: 'Mara Lindqvist' });
    expect(body).not.toHaveProperty('id');
  });

  it('lists users for an application with the role, page by page', async () => {
    const first = await get('/users?$top=2&$select=displayName', bearer(appOnly));
    expect(first.body['value']).toHaveLength(2);
    const second = await readAnswer(await fetch(String(first.body['@odata.nextLink']), { headers: bearer(appOnly) }));
    expect(second.body['value']).toEqual([{ displayName: 'Yuki Brandt' }]);
    expect(second.body).not.toHaveProperty('@odata.nextLink');
  });

  it('lets people read themselves by id and by name', async () => {
    for (const key of [users.everywhere.oid, users.everywhere.email]) {
      expect((await get(`/users/${key}`, bearer(tokens.access_token))).body).toMatchObject({
        displayName: 'Mara Lindqvist',
      });
    }
  });

  it('has JSON at the root and XML at $metadata, which needs no token', async () => {
    expect((await get('/', bearer(appOnly))).body).toMatchObject({
      value: [{ name: 'users', kind: 'EntitySet' }, { kind: 'Singleton' }],
    });
    const metadata = await fetch(`${landscape.graph.url}/$metadata`);
    expect(metadata.status).toBe(200);
    expect(metadata.headers.get('content-type')).toContain('application/xml');
  });

  it("answers userinfo with the subject of the client's ID token", async () => {
    const answer = await readAnswer(
      await fetch(`${landscape.graph.origin}/oidc/userinfo`, { headers: bearer(tokens.access_token) }),
    );
    expect(answer.body).toMatchObject({ sub: decodeJwt(tokens.id_token).sub, email: users.everywhere.email });
  });
});

const step = (id: string, url = '/me', more: object = {}) => ({ id, method: 'GET', url, ...more });

describe('$batch', () => {
  const batch = async (requests: unknown, token = tokens.access_token) => {
    const init = {
      method: 'POST',
      headers: { ...bearer(token), 'content-type': 'application/json' },
      body: JSON.stringify({ requests }),
    };
    return readAnswer(await fetch(`${landscape.graph.url}/$batch`, init));
  };

  it.each([
    ['21 requests', Array.from({ length: 21 }, (_, index) => step(String(index)))],
    ['two requests of one id', [step('1'), step('1')]],
    ['ids that differ in case only', [step('a'), step('A')]],
    ['a body without Content-Type', [{ id: '1', method: 'POST', url: '/me', body: {} }]],
    ['a dependency that is not there', [step('1', '/me', { dependsOn: ['2'] })]],
    ['dependencies in a circle', [step('1', '/me', { dependsOn: ['2'] }), step('2', '/me', { dependsOn: ['1'] })]],
    ['no requests', undefined],
  ])('H40: refuses %s as a whole', async (_name, requests) => {
    const answer = await batch(requests);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { code: 'BadRequest' } });
  });

  it('H40: needs a token itself', async () => {
    expect((await batch([step('1')], 'opaque')).status).toBe(401);
  });

  it('H40: answers each request for itself, and 424 to those whose dependency failed', async () => {
    const answer = await batch([
      step('good'),
      step('bad', '/users'),
      step('next', '/me', { dependsOn: ['bad'] }),
      step('after', '/me', { dependsOn: ['good'] }),
    ]);
    expect(answer.status).toBe(200);
    const responses = answer.body['responses'] as readonly { id: string; status: number }[];
    expect(Object.fromEntries(responses.map(({ id, status }) => [id, status]))).toEqual({
      good: 200,
      bad: 403,
      next: 424,
      after: 200,
    });
  });

  it('H40: throttles each request by itself', async () => {
    landscape.hooks.graph.throttle(1, 9);
    const { body } = await batch([step('1'), step('2')]);
    expect(body['responses']).toMatchObject([{ status: 429, headers: { 'Retry-After': '9' } }, { status: 200 }]);
  });
});
