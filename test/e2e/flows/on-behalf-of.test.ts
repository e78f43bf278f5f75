import { decodeJwt } from 'jose';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import type { Browser } from '../support/browser.ts';
import { type Flows, openFlows } from '../support/open-flows.ts';
import { onBehalfOf, openLandscape, tokenCalls } from '../support/open-landscape.ts';

let landscape: Landscape;
let flows: Flows;
let browser: Browser;
beforeAll(async () => {
  landscape = await openLandscape();
  flows = await openFlows(landscape, [], { SESSION_TIMEOUT: '600' });
  browser = await flows.browserOf(users.everywhere);
});
beforeEach(() => landscape.calls.clear());

const forms = () => tokenCalls(landscape, onBehalfOf).map(({ full }) => new URLSearchParams(full.body));
const shown = () => landscape.calls.graph.map(({ full }) => full.headers['authorization'] ?? '');

describe('On-Behalf-Of (token-flows.md A3, A7)', () => {
  test('with a secret shows Graph a token of the logged-in user', async () => {
    const answer = await browser.fetch(flows.at('/graph-user/me?$select=id,displayName'));
    expect([answer.status, answer.json['id']]).toEqual([200, users.everywhere.oid]);
    const [form] = forms();
    expect(Object.fromEntries(form ?? [])).toMatchObject({
      client_id: landscape.entra.client.id,
      client_secret: landscape.entra.client.secret,
      requested_token_use: 'on_behalf_of',
      scope: landscape.graph.defaultScope,
    });
    expect(decodeJwt(form?.get('assertion') ?? '').aud).toBe(landscape.entra.client.id);
    const token = decodeJwt(shown()[0]?.replace('Bearer ', '') ?? '');
    expect(token).toMatchObject({ aud: landscape.graph.resource, oid: users.everywhere.oid });
    expect(landscape.calls.graph[0]?.full.query, 'the query is the client’s own').toBe('$select=id,displayName');
  });

  test('with an assertion minted for the request sends no secret', async () => {
    const answer = await browser.fetch(flows.at('/graph-user-assertion/me'));
    expect([answer.status, answer.json['id']]).toEqual([200, users.everywhere.oid]);
    const [form] = forms();
    expect(form?.get('client_secret')).toBeNull();
    expect(decodeJwt(form?.get('client_assertion') ?? '')).toMatchObject({
      iss: landscape.entra.client.id,
      sub: landscape.entra.client.id,
      aud: landscape.entra.tokenUrl,
    });
  });

  test('asks for a token once and uses it until shortly before its end', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const { at, browserOf } = await openFlows(landscape, [], { SESSION_TIMEOUT: '600', JWT_REFRESH: '0' });
      const user = await browserOf(users.everywhere);
      for (let i = 0; i < 5; i++) expect((await user.fetch(at('/graph-user/me'))).status).toBe(200);
      vi.advanceTimersByTime(50 * 60_000);
      await user.fetch(at('/graph-user/me'));
      expect(forms()).toHaveLength(1);
      vi.advanceTimersByTime(8 * 60_000);
      expect((await user.fetch(at('/graph-user/me'))).status).toBe(200);
      expect(forms()).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
  });

  test('replaces whatever Authorization the client sends', async () => {
    const headers = { authorization: 'Bearer forged', Authorization_: 'x' };
    expect((await browser.fetch(flows.at('/graph-user/me'), { headers })).status).toBe(200);
    expect(shown()).toHaveLength(1);
    expect(shown()[0]).not.toContain('forged');
  });

  test('takes the id_token where the login has no token of its own for us (A7 #6)', async () => {
    const { at, browserOf } = await openFlows(landscape, [], { OIDC_SCOPES: 'openid profile email offline_access' });
    const user = await browserOf(users.everywhere);
    landscape.calls.clear();
    expect((await user.fetch(at('/graph-user/me'))).json['id']).toBe(users.everywhere.oid);
    expect(decodeJwt(forms()[0]?.get('assertion') ?? '')).toHaveProperty('nonce');
  });

  test('needs a user: on a public route an anonymous caller gets 401, and nobody is asked', async () => {
    const answer = await fetch(flows.at('/public/graph-user/me'));
    expect(answer.status).toBe(401);
    expect([...landscape.calls.entra, ...landscape.calls.graph]).toHaveLength(0);
  });

  test('goes with the POST of a body, which arrives whole', async () => {
    const request = { requests: [{ id: '1', method: 'GET', url: '/me' }] };
    const answer = await browser.fetch(flows.at('/graph-user/$batch'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    expect(answer.status).toBe(200);
    expect(answer.json['responses']).toMatchObject([{ id: '1', status: 200, body: { id: users.everywhere.oid } }]);
  });
});
