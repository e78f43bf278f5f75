import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { destinationsOf } from '../../../demo/landscape/destinations.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import type { Browser } from '../support/browser.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { type Flows, openFlows } from '../support/open-flows.ts';
import { onBehalfOf, openLandscape, tokenCalls } from '../support/open-landscape.ts';

/** A backend that answers 401 may have been shown a token that is no good any more (design section 3, A10). */
let landscape: Landscape;
let api: Backend;
let flows: Flows;
let browser: Browser;
beforeAll(async () => {
  [landscape, api] = await Promise.all([openLandscape(), openBackend()]);
  const { Name: _, ...graphUser } = destinationsOf(landscape).find(({ Name }) => Name === 'graph-user') ?? {};
  const capable = '{"access_token":{"xms_cc":{"values":["CP1"]}}}';
  flows = await openFlows(landscape, [
    { name: 'graph-capable', ...graphUser, 'tokenService.body.claims': capable },
    { name: 'api', ...graphUser, URL: api.origin },
    { name: 'brokered', ...graphUser, URL: api.origin, 'csrfToken.fetch': 'true' },
  ]);
});
beforeEach(async () => {
  vi.useRealTimers();
  landscape.hooks.reset();
  api.answerWith(undefined);
  browser = await flows.browserOf(users.everywhere);
  landscape.calls.clear();
  api.forget();
});

const forms = () => tokenCalls(landscape, onBehalfOf).map(({ full }) => new URLSearchParams(full.body));
const graphStatuses = () => landscape.calls.graph.map(({ status }) => status);

describe('Graph refuses the token of a user', () => {
  test('because it was revoked: it is asked once more with a fresh one, and the client sees the answer only', async () => {
    expect((await browser.fetch(flows.at('/graph-user/me'))).status).toBe(200);
    landscape.hooks.graph.revoke(users.everywhere);
    landscape.hooks.clock.advance(2); // a token issued now is younger than the revocation
    const answer = await browser.fetch(flows.at('/graph-user/me'));
    expect([answer.status, answer.json['id']]).toEqual([200, users.everywhere.oid]);
    expect(graphStatuses()).toEqual([200, 401, 200]);
    expect(forms()).toHaveLength(2);
    expect((await browser.fetch(flows.at('/graph-user/me'))).status, 'the fresh one is kept').toBe(200);
    expect(forms()).toHaveLength(2);
  });

  test('for good: its 401 passes after one more try', async () => {
    await browser.fetch(flows.at('/graph-user/me'));
    landscape.hooks.graph.revoke(users.everywhere);
    landscape.hooks.clock.advance(-10);
    const answer = await browser.fetch(flows.at('/graph-user/me'));
    expect(answer.status).toBe(401);
    expect(answer.json['error']).toMatchObject({ code: 'InvalidAuthenticationToken' });
    expect(answer.header('www-authenticate')).toContain('authorization_uri');
    expect(graphStatuses()).toEqual([200, 401, 401]);
  });

  test('with a claims challenge: a token that meets it is asked for once, with the claims as JSON', async () => {
    expect((await browser.fetch(flows.at('/graph-capable/me'))).status).toBe(200);
    landscape.hooks.graph.revoke(users.everywhere);
    const answer = await browser.fetch(flows.at('/graph-capable/me'));
    expect([answer.status, answer.json['id']]).toEqual([200, users.everywhere.oid]);
    expect(forms()).toHaveLength(2);
    const claims = JSON.parse(forms()[1]?.get('claims') ?? '{}') as Record<string, unknown>;
    expect(claims).toEqual({
      access_token: { xms_cc: { values: ['CP1'] }, nbf: { essential: true, value: expect.any(String) } },
    });
  });

  test('a POST with one: it gets the challenge, and the next has a token that meets it', async () => {
    const body = JSON.stringify({ requests: [{ id: '1', method: 'GET', url: '/me' }] });
    const headers = { 'content-type': 'application/json' };
    const batch = () => browser.fetch(flows.at('/graph-capable/$batch'), { method: 'POST', headers, body });
    expect((await batch()).status).toBe(200);
    landscape.hooks.graph.revoke(users.everywhere);
    const refused = await batch();
    expect([refused.status, refused.header('www-authenticate')]).toEqual([401, expect.stringContaining('claims=')]);
    expect((await batch()).status).toBe(200);
    expect(forms().map((form) => form.get('claims')?.includes('nbf'))).toEqual([false, true]);
    expect(graphStatuses()).toEqual([200, 401, 200]);
  });

  test('with a challenge that the directory does not meet either: 401 with the challenge, for the login', async () => {
    await browser.fetch(flows.at('/graph-capable/me'));
    landscape.hooks.graph.revoke(users.everywhere);
    const more = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    landscape.hooks.entra.setPolicy(({ claims }) =>
      claims?.includes('nbf') ? { kind: 'mfa-required', claims: more } : { kind: 'allowed' },
    );
    const answer = await browser.fetch(flows.at('/graph-capable/me'));
    expect(answer.status).toBe(401);
    const challenge = answer.header('www-authenticate') ?? '';
    expect(Buffer.from(/claims="([^"]+)"/.exec(challenge)?.[1] ?? '', 'base64').toString()).toBe(more);
    expect(forms()).toHaveLength(2);
    expect(graphStatuses()).toEqual([200, 401]);
  });

  describe('and the directory wants the user, whose login is older than a minute (A10)', () => {
    const more = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    beforeEach(async () => {
      await browser.fetch(flows.at('/graph-capable/me'));
      landscape.hooks.graph.revoke(users.everywhere);
      landscape.hooks.entra.setPolicy(({ claims }) =>
        claims?.includes('nbf') ? { kind: 'mfa-required', claims: more } : { kind: 'allowed' },
      );
      landscape.calls.clear();
      vi.useFakeTimers({ now: Date.now() + 120_000, toFake: ['Date'] });
    });

    test('a navigation becomes a login with the very claims, and comes back to where it wanted to go', async () => {
      const wanted = flows.at('/graph-capable/me?$select=id');
      const provider = await browser.openUntil(wanted, ({ pathname }) => pathname.endsWith('/authorize'));
      expect(provider.searchParams.get('claims')).toBe(more);
      expect([forms().length, graphStatuses()]).toEqual([1, [401]]);
      landscape.hooks.entra.setPolicy(() => ({ kind: 'allowed' }));
      const landed = await browser.open(provider);
      expect([landed.url.href, landed.status, landed.json['id']]).toEqual([wanted, 200, users.everywhere.oid]);
    });

    test.each([
      ['a script', { accept: 'application/json' }],
      ['an XMLHttpRequest', { accept: '*/*', 'x-requested-with': 'XMLHttpRequest' }],
    ])('%s is told where to log in, with the challenge', async (_, headers) => {
      const answer = await browser.fetch(flows.at('/graph-capable/me'), { headers });
      expect([answer.status, answer.header('content-type')]).toEqual([401, 'application/problem+json']);
      const loginUrl = new URL(String(answer.json['loginUrl']), flows.at('/'));
      expect([loginUrl.pathname, loginUrl.searchParams.get('claims')]).toEqual(['/-/login', more]);
      expect(answer.header('www-authenticate')).toContain('insufficient_claims');
      expect(answer.header('location')).toBeUndefined();
    });
  });

  test('for fifty requests at once: one fresh token serves them all', async () => {
    await browser.fetch(flows.at('/graph-user/me'));
    landscape.hooks.graph.revoke(users.everywhere);
    landscape.hooks.clock.advance(2);
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.fetch(flows.at('/graph-user/me'))));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(forms()).toHaveLength(2);
  });
});

describe('a backend that answers 401', () => {
  const refuse = () => {
    api.answerWith((request, response) => void request.resume().on('end', () => response.writeHead(401).end('no')));
  };

  test.each(['GET', 'HEAD'])('to %s is asked twice, with another token each time', async (method) => {
    refuse();
    expect((await browser.fetch(flows.at('/api/'), { method })).status).toBe(401);
    expect(new Set(api.received.map(({ headers }) => headers.authorization)).size).toBe(2);
    expect(api.received).toHaveLength(2);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'MERGE'])('to %s is asked once: it may have acted', async (method) => {
    refuse();
    const answer = await browser.fetch(flows.at('/api/'), {
      method,
      ...(method === 'DELETE' ? {} : { body: 'ship=1' }),
    });
    expect([answer.status, answer.text]).toEqual([401, 'no']);
    expect(api.received).toHaveLength(1);
  });

  test.each([
    ['POST', 'ship=1'],
    ['DELETE', undefined],
  ])('to %s gets another token with the next one: the old may be withdrawn', async (method, body) => {
    const ask = () => browser.fetch(flows.at('/api/'), { method, ...(body === undefined ? {} : { body }) });
    refuse();
    expect((await ask()).status).toBe(401);
    api.answerWith(undefined);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    const [first, second, third] = api.received.map(({ headers }) => headers.authorization);
    expect(second).not.toBe(first);
    expect(third, 'which is kept').toBe(second);
    expect(forms()).toHaveLength(2);
  });

  test('or 403 with a claims challenge is asked again with a token that meets it (token-flows.md A10)', async () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const challenge = `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
    let calls = 0;
    api.answerWith((_, response) => {
      calls += 1;
      if (calls === 1) response.writeHead(403, { 'www-authenticate': challenge }).end('more');
      else response.end('at last');
    });
    const answer = await browser.fetch(flows.at('/api/'));
    expect([answer.status, answer.text]).toEqual([200, 'at last']);
    expect(forms().map((form) => form.get('claims'))).toEqual([null, claims]);
  });

  test('to the question for a CSRF token: with another token, and the request goes with that one', async () => {
    const refused: unknown[] = [];
    api.answerWith((request, response) => {
      const { authorization } = request.headers;
      if (refused.length === 0) refused.push(authorization);
      const isGood = authorization !== refused[0];
      response.writeHead(isGood ? 200 : 401, isGood ? { 'x-csrf-token': 'csrf-1' } : {}).end('done');
    });
    const headers = { 'sec-fetch-site': 'same-origin' };
    const answer = await browser.fetch(flows.at('/brokered/ships'), { method: 'POST', body: 'ship=1', headers });
    expect([answer.status, answer.text]).toEqual([200, 'done']);
    expect(api.received.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'POST']);
    const [, second, third] = api.received.map((call) => call.headers);
    expect(third).toMatchObject({ authorization: second?.authorization, 'x-csrf-token': 'csrf-1' });
  });

  test('to that question always: the request itself is sent, and answered 401', async () => {
    refuse();
    const headers = { 'sec-fetch-site': 'same-origin' };
    const answer = await browser.fetch(flows.at('/brokered/ships'), { method: 'POST', body: 'ship=1', headers });
    expect(answer.status).toBe(401);
    expect(api.received.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'POST']);
  });

  test('with a long page is asked again all the same, and the page is thrown away', async () => {
    let calls = 0;
    api.answerWith((_, response) => {
      calls += 1;
      if (calls === 1) response.writeHead(401).end('x'.repeat(500_000));
      else response.end('at last');
    });
    const answer = await browser.fetch(flows.at('/api/'));
    expect([answer.status, answer.text]).toEqual([200, 'at last']);
  });
});

describe('SuccessFactors refuses a token that it issued (LGN0022)', () => {
  test('and is asked once more with a new one (token-flows.md E3)', async () => {
    const path = "/successfactors/User('103214')?$format=json";
    expect((await browser.fetch(flows.at(path))).status).toBe(200);
    landscape.hooks.successFactors.rejectIssuedTokens();
    expect((await browser.fetch(flows.at(path))).status).toBe(200);
    const asked = landscape.calls.successFactors.filter(({ path: at }) => at === '/oauth/token');
    expect(asked.map(({ full }) => new URLSearchParams(full.body).get('new_token'))).toEqual([null, 'true']);
  });

  test('a batch, which cannot be sent again: the next one goes with a new token, else all would fail for a day', async () => {
    const batch = () => browser.fetch(flows.at('/successfactors/$batch'), { method: 'POST', body: 'x' });
    await batch();
    landscape.hooks.successFactors.rejectIssuedTokens();
    expect((await batch()).status).toBe(403);
    expect((await batch()).status).not.toBe(403);
    const asked = landscape.calls.successFactors.filter(({ path: at }) => at === '/oauth/token');
    expect(asked.map(({ full }) => new URLSearchParams(full.body).get('new_token'))).toEqual([null, 'true']);
  });
});
