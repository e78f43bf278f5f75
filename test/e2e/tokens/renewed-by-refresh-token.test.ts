import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../../demo/landscape/users.ts';
import type { User } from '../../../src/authorization/principal.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { openQuay, ownDestinations, type Quay } from './support/landscape.ts';

/** On-Behalf-Of with offline_access (token-flows.md A6): the next token comes by refresh token, without the user's. */
let quay: Quay;
let graph: Destination;
let mara: User;

beforeAll(async () => {
  quay = await openQuay();
  const own = (await ownDestinations(quay)).find(({ Name }) => Name === 'graph-user-assertion');
  graph = (await quay.read([{ ...own, scope: 'https://graph.microsoft.com/User.Read offline_access' }])).get(
    'graph-user-assertion',
  );
});
afterEach(() => quay.landscape.hooks.reset());
afterAll(() => quay.close());

/** Tokens whose clock goes with the landscape's. */
async function begin() {
  mara = await quay.logIn(users.everywhere);
  let seconds = 0;
  const tokens = createTokens({ now: () => Date.now() + seconds * 1000 });
  const first = await tokens.obtain(graph, mara);
  const later = (by: number) => {
    seconds += by;
    quay.landscape.hooks.clock.advance(by);
    quay.landscape.calls.clear();
  };
  const grants = () => quay.landscape.calls.entra.map(({ grant, status }) => [grant, status]);
  return { tokens, first, later, grants };
}

describe('an hour later', () => {
  test("Entra ID takes the refresh token, though the user's own token has expired", async () => {
    const { tokens, first, later, grants } = await begin();
    later(3_700);
    const second = await tokens.obtain(graph, mara);
    expect(second).not.toEqual(first);
    expect((await quay.call(graph, second, '/me')).status).toBe(200);
    expect(grants()).toEqual([['refresh_token', 200]]);
    later(3_700);
    expect((await quay.call(graph, await tokens.obtain(graph, mara), '/me')).status).toBe(200);
    expect(grants()).toEqual([['refresh_token', 200]]);
  });

  test("a revoked one is not the end, as long as the user's token lives", async () => {
    const { tokens, later, grants } = await begin();
    later(3_400);
    quay.landscape.hooks.entra.revokeRefreshTokens(users.everywhere);
    expect((await quay.call(graph, await tokens.obtain(graph, mara), '/me')).status).toBe(200);
    expect(grants()).toEqual([
      ['refresh_token', 400],
      ['urn:ietf:params:oauth:grant-type:jwt-bearer', 200],
    ]);
  });

  test('when both are gone the user logs in again: 401', async () => {
    const { tokens, later } = await begin();
    later(3_700);
    quay.landscape.hooks.entra.revokeRefreshTokens(users.everywhere);
    await expect(Promise.resolve(tokens.obtain(graph, mara))).rejects.toMatchObject({
      status: 401,
      members: { errorCode: 'AADSTS500133' },
    });
  });
});
