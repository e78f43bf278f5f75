import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PolicyVerdict } from '../../../demo/landscape/entra/policies.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import type { Answer, Browser } from '../support/browser.ts';
import { type Flows, openFlows } from '../support/open-flows.ts';
import { onBehalfOf, openLandscape, tokenCalls } from '../support/open-landscape.ts';

/** What Entra ID refuses, and what the caller learns of it: 401 or 403 where the user can mend it, else 502. */
let landscape: Landscape;
let flows: Flows;
let browser: Browser;
beforeAll(async () => {
  landscape = await openLandscape();
  const { entra, graph } = landscape;
  const base = {
    url: graph.url,
    Authentication: 'OAuth2ClientCredentials',
    tokenServiceURL: entra.tokenUrl,
    clientId: entra.client.id,
    scope: graph.defaultScope,
  };
  flows = await openFlows(landscape, [
    { ...base, name: 'wrong-secret', clientSecret: 'a-secret-that-is-wrong' },
    { ...base, name: 'secret-id', clientSecret: entra.client.secretId },
    { ...base, name: 'expired-secret', clientSecret: entra.client.expiredSecret },
    { ...base, name: 'unknown-client', clientId: '00000000-1111-4222-8333-444444444444', clientSecret: 'x-x-x-x' },
    { ...base, name: 'wrong-scope', clientSecret: entra.client.secret, scope: 'openid email offline_access' },
    {
      ...base,
      name: 'wrong-tenant',
      clientSecret: entra.client.secret,
      tokenServiceURL: entra.tokenUrl.replace(entra.tenant, 'other.example.com'),
    },
  ]);
  browser = await flows.browserOf(users.everywhere);
});
beforeEach(() => {
  landscape.hooks.reset();
  landscape.calls.clear();
});

function expectRefused(answer: Answer, status: number, errorCode: string) {
  expect(answer.status).toBe(status);
  expect(answer.header('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ code: 'ERR_TOKEN_SERVICE', errorCode, hint: expect.any(String) });
  expect(answer.json['requestId']).toBe(answer.header('x-request-id'));
  expect(landscape.calls.graph, 'the backend is not called').toHaveLength(0);
  const { secret, secretId, expiredSecret } = landscape.entra.client;
  for (const hidden of [secret, secretId, expiredSecret, 'a-secret-that-is-wrong'])
    expect(answer.text).not.toContain(hidden);
  expect(answer.text).not.toMatch(/\bey[\w-]{20,}\.ey/);
}

/** A user for whom On-Behalf-Of is decided so. */
async function askWithPolicy(verdict: PolicyVerdict, headers = {}): Promise<Answer> {
  const other = await flows.browserOf(users.withoutEmployeeRecord);
  landscape.calls.clear();
  landscape.hooks.entra.setPolicy(({ grant }) => (grant === 'on_behalf_of' ? verdict : { kind: 'allowed' }));
  return other.fetch(flows.at('/graph-user/me'), { headers });
}

describe('a user', () => {
  test('who has not consented gets 403 with AADSTS65001', async () => {
    const yuki = await flows.browserOf(users.withoutConsent);
    expectRefused(await yuki.fetch(flows.at('/graph-user/me')), 403, 'AADSTS65001');
  });

  test('of whom a second factor is wanted gets 401 with the challenge, to be met by a login (token-flows.md A10)', async () => {
    const claims = '{"access_token":{"polids":{"essential":true,"values":["2f1e-é"]}}}';
    const answer = await askWithPolicy({ kind: 'mfa-required', claims });
    expectRefused(answer, 401, 'AADSTS50076');
    const challenge = answer.header('www-authenticate') ?? '';
    expect(challenge).toMatch(/^Bearer .*error="(?:insufficient_claims|interaction_required)"/);
    expect(Buffer.from(/claims="([^"]+)"/.exec(challenge)?.[1] ?? '', 'base64').toString()).toBe(claims);
  });

  test('who is blocked by Conditional Access gets 401', async () => {
    expectRefused(await askWithPolicy({ kind: 'blocked' }), 401, 'AADSTS53003');
  });

  test('reads the reason on a page, too', async () => {
    const yuki = await flows.browserOf(users.withoutConsent);
    const page = await yuki.visit(flows.at('/graph-user/me'));
    expect(page.status).toBe(403);
    expect(page.header('content-type')).toContain('text/html');
    expect(page.text).toMatch(/consent/i);
  });
});

describe('a configuration that Entra ID does not accept', () => {
  test.each([
    ['wrong-secret', 'AADSTS7000215'],
    ['secret-id', 'AADSTS7000215'],
    ['expired-secret', 'AADSTS7000222'],
    ['unknown-client', 'AADSTS700016'],
    ['wrong-scope', 'AADSTS1002012'],
    ['wrong-tenant', 'AADSTS90002'],
  ])('(%s) is answered 502 with %s and what to do', async (destination, code) => {
    expectRefused(await browser.fetch(flows.at(`/${destination}/users`)), 502, code);
  });
});

describe('a directory that has too much to do', () => {
  test('is left alone as long as it says, and its Retry-After is handed on', async () => {
    const answer = await askWithPolicy({ kind: 'throttled', retryAfterSeconds: 60 });
    expectRefused(answer, 502, 'AADSTS90055');
    expect(answer.header('retry-after')).toBe('60');
    const other = await flows.browserOf(users.withoutEmployeeRecord);
    await other.fetch(flows.at('/graph-user/me'));
    landscape.calls.clear();
    for (let i = 0; i < 5; i++) expect((await other.fetch(flows.at('/graph-user/me'))).status).toBe(502);
    expect(tokenCalls(landscape, onBehalfOf)).toHaveLength(0);
  });
});
