import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../../demo/landscape/users.ts';
import type { User } from '../../../src/authorization/principal.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import type { AppError } from '../../../src/errors/app-error.ts';
import { claimsOf } from '../../../src/tokens/claims-challenge.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { openQuay, ownDestinations, type Quay } from './support/landscape.ts';

/** Continuous access evaluation and step-up from end to end (token-flows.md A10): who asks for claims, who gets them. */
let quay: Quay;
let graph: Destination;
let mara: User;

beforeAll(async () => {
  quay = await openQuay();
  const own = (await ownDestinations(quay)).find(({ Name }) => Name === 'graph-user-assertion');
  const capable = { 'tokenService.body.claims': '{"access_token":{"xms_cc":{"values":["cp1"]}}}' };
  graph = (await quay.read([{ ...own, ...capable, Name: 'graph' }])).get('graph');
  mara = await quay.logIn(users.everywhere);
});
afterEach(() => quay.landscape.hooks.reset());
afterAll(() => quay.close());

const demanded = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';

describe('Graph takes a token back and says what the next one must have', () => {
  test('the token is asked for once more with those claims and ours, and is taken', async () => {
    const tokens = createTokens();
    const first = await tokens.obtain(graph, mara);
    expect((await quay.call(graph, first, '/me')).status).toBe(200);
    quay.landscape.hooks.graph.revoke(users.everywhere);
    const refused = await quay.call(graph, first, '/me');
    const claims = claimsOf(refused.challenge);
    expect([refused.status, claims]).toEqual([401, expect.stringContaining('"nbf"')]);
    quay.landscape.calls.clear();
    const second = await tokens.obtain(graph, mara, { rejected: first, claims });
    const sent = new URLSearchParams(quay.landscape.calls.entra.at(-1)?.full.body).get('claims');
    expect(JSON.parse(sent ?? '')).toMatchObject({
      access_token: { xms_cc: { values: ['cp1'] }, nbf: expect.any(Object) },
    });
    expect((await quay.call(graph, second, '/me')).status).toBe(200);
    expect(tokens.obtain(graph, mara), 'and is kept').toEqual(second);
  });

  test('many requests with the same challenge are one token request', async () => {
    const tokens = createTokens();
    const first = await tokens.obtain(graph, mara);
    quay.landscape.hooks.graph.revoke(users.everywhere);
    const claims = claimsOf((await quay.call(graph, first, '/me')).challenge);
    quay.landscape.calls.clear();
    await Promise.all(Array.from({ length: 30 }, () => tokens.obtain(graph, mara, { rejected: first, claims })));
    expect(quay.landscape.calls.entra).toHaveLength(1);
  });
});

describe('Entra ID will not go on without the user', () => {
  test.each(['mfa-required', 'mfa-enrollment-required'] as const)(
    '%s: 401 with the very claims, for whoever can begin a login with them',
    async (kind) => {
      quay.landscape.hooks.entra.setPolicy(() => ({ kind, claims: demanded }));
      const obtaining = Promise.resolve(createTokens().obtain(graph, mara, { claims: demanded }));
      const error = (await obtaining.catch((caught: unknown) => caught)) as AppError;
      expect(error).toMatchObject({
        code: 'ERR_TOKEN_SERVICE',
        status: 401,
        members: { error: 'interaction_required', destination: 'graph' },
      });
      expect(claimsOf(error.headers['www-authenticate'])).toBe(demanded);
    },
  );

  test('missing consent is 403, and no challenge: a login would not mend it', async () => {
    const yuki = await quay.logIn(users.withoutConsent);
    const error = await Promise.resolve(createTokens().obtain(graph, yuki)).catch((caught: AppError) => caught);
    expect(error).toMatchObject({ status: 403, members: { errorCode: 'AADSTS65001', suberror: 'consent_required' } });
    expect(error).toMatchObject({ headers: {} });
  });

  test('a technical user has nobody to log in: the challenge is told, and asked about once', async () => {
    const own = (await ownDestinations(quay)).find(({ Name }) => Name === 'graph-technical');
    const technical = (await quay.read([own])).get('graph-technical');
    quay.landscape.hooks.entra.setPolicy(() => ({ kind: 'blocked' }));
    quay.landscape.calls.clear();
    const tokens = createTokens();
    for (let call = 0; call < 3; call += 1)
      await expect(tokens.obtain(technical, mara, { claims: demanded })).rejects.toMatchObject({
        members: { errorCode: 'AADSTS53003' },
      });
    expect(quay.landscape.calls.entra).toHaveLength(1);
  });
});
