import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { anonymous, type Principal } from '../../../src/authorization/principal.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import type { Credential } from '../../../src/tokens/credential.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { destinationOf } from '../../unit/tokens/support/destination-of.ts';
import { userWith } from '../../unit/tokens/support/principal-of.ts';
import {
  type Answer,
  countingTokens,
  json,
  startTokenServer,
  type TokenServer,
} from '../../unit/tokens/support/token-server.ts';

/**
 * T-40: other products gave one caller the token of another when many asked at once (CVE-2025-26620, CVE-2024-51987).
 * Here the token says what was asked for it: a hash of everything that arrived.
 */
const servers: TokenServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(answer: Answer): Promise<TokenServer> {
  const server = await startTokenServer(answer);
  servers.push(server);
  return server;
}

/** Answers after a while that differs, with a token that names the request it is for. */
const naming: Answer = async ({ path, rawBody, headers }, response) => {
  await sleep(Math.random() * 30);
  const { authorization = '', 'x-zid': zone = '' } = headers;
  const asked = createHash('sha256').update([path, rawBody, authorization, zone].join('\n')).digest('base64url');
  json(response, 200, { access_token: asked, token_type: 'Bearer', expires_in: 3600 });
};

const alice = userWith('token-of-alice');
const bob = userWith('token-of-bob');
const oauth = (url: string) => ({ clientId: 'c', clientSecret: 's', tokenServiceURL: url });

/** Ten sets of parameters, each differing from another in one thing. */
function parameterSets(url: string): [object, Principal][] {
  const base = { Authentication: 'OAuth2JWTBearer', ...oauth(url) };
  return [
    [base, alice],
    [base, bob],
    [{ ...base, scope: 'a' }, alice],
    [{ ...base, scope: 'a b' }, alice],
    [{ ...base, 'tokenService.body.resource': 'urn:x' }, alice],
    [{ ...base, 'tokenService.body.assertion': 'fixed' }, alice],
    [{ ...base, 'tokenServiceURL.headers.x-zid': 'tenant' }, alice],
    [{ ...base, clientId: 'd' }, alice],
    [{ ...base, tokenServiceURL: `${url}/other` }, alice],
    [{ ...base, Authentication: 'OAuth2ClientCredentials' }, anonymous],
  ];
}

const shownBy = (credential: Credential) => (credential.kind === 'header' ? credential.value : '');

describe('500 requests at once, with ten sets of parameters', () => {
  test('each gets the token for its own, and each set is asked for once', async () => {
    const server = await serve(naming);
    const tokens = createTokens();
    const sets = await Promise.all(
      parameterSets(server.url).map(
        async ([raw, principal]): Promise<[Destination, Principal]> => [
          (await destinationOf(raw as Parameters<typeof destinationOf>[0])) as Destination,
          principal,
        ],
      ),
    );
    const asked = Array.from({ length: 500 }, (_, n) => n % sets.length);
    const got = await Promise.all(
      asked.map(async (n) => {
        await sleep(Math.random() * 20);
        const [destination, principal] = sets[n] as [Destination, Principal];
        return [n, shownBy(await tokens.obtain(destination, principal))] as const;
      }),
    );
    const bySet = Map.groupBy(got, ([n]) => n);
    const distinct = [...bySet.values()].map((some) => [...new Set(some.map(([, value]) => value))]);
    expect(distinct.map(({ length }) => length)).toEqual(new Array(10).fill(1));
    expect(new Set(distinct.flat()).size).toBe(10);
    expect(server.received).toHaveLength(10);

    // And each token is the one its own parameters get when nobody else asks.
    const alone = await Promise.all(
      sets.map(async ([destination, principal]) => shownBy(await createTokens().obtain(destination, principal))),
    );
    expect([...bySet.keys()].sort((a, b) => a - b).map((n) => bySet.get(n)?.[0]?.[1])).toEqual(alone);
  });
});

describe('the cache key changes exactly when an input does', () => {
  const base = { Authentication: 'OAuth2ClientCredentials' as const, ...oauth('https://login.example/t'), scope: 's' };
  const others: object[] = [
    { ...base, clientId: 'd' },
    { ...base, clientSecret: 't' },
    { ...base, scope: 's ' },
    { ...base, scope: undefined },
    { ...base, tokenServiceURL: 'https://login.example/u' },
    { ...base, Authentication: 'OAuth2JWTBearer' },
    { ...base, 'tokenService.body.a': 'b' },
    { ...base, 'tokenService.body.a': 'bc' },
    { ...base, 'tokenService.body.ab': 'c' },
    { ...base, 'tokenServiceURL.headers.a': 'b' },
    { ...base, 'tokenServiceURL.queries.a': 'b' },
    { ...base, tokenServiceUser: 'u', tokenServicePassword: 'p' },
    { ...base, tokenServiceUser: 'up', tokenServicePassword: 'p' },
    { ...base, 'tokenService.addClientCredentialsInBody': 'false' },
    { ...base, TrustAll: 'true' },
    { ...base, Name: 'invoices' },
    { ...base, URL: 'https://other.example' },
  ];

  test('any two of these are different destinations', async () => {
    const all = await Promise.all([base, ...others].map((raw) => destinationOf(raw as typeof base)));
    expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).toBe(all.length);
  });

  test('the same configuration read again is the same', async () => {
    const [one, again] = await Promise.all([destinationOf(base), destinationOf({ ...base })]);
    expect(one.fingerprint).toBe(again.fingerprint);
  });
});

test('fifty first calls at once are one request', async () => {
  const server = await serve(countingTokens());
  const destination = await destinationOf({ Authentication: 'OAuth2ClientCredentials', ...oauth(server.url) });
  const tokens = createTokens();
  const got = await Promise.all(Array.from({ length: 50 }, () => tokens.obtain(destination, anonymous)));
  expect(new Set(got.map(shownBy))).toEqual(new Set(['Bearer token-1']));
  expect(server.received).toHaveLength(1);
});

test('a failure reaches all who wait and who come right after, is asked about once, and is soon forgotten', async () => {
  let healthy = false;
  const server = await serve((_, response) =>
    healthy ? json(response, 200, { access_token: 't' }) : json(response, 400, { error: 'invalid_grant' }),
  );
  const destination = await destinationOf({ Authentication: 'OAuth2ClientCredentials', ...oauth(server.url) });
  const clock = { now: Date.now() };
  const tokens = createTokens({ now: () => clock.now });
  const got = await Promise.allSettled(Array.from({ length: 20 }, () => tokens.obtain(destination, anonymous)));
  expect(got.every(({ status }) => status === 'rejected')).toBe(true);
  healthy = true;
  await expect(tokens.obtain(destination, anonymous)).rejects.toMatchObject({ status: 502 });
  expect(server.received).toHaveLength(1);
  clock.now += 2_000;
  expect(shownBy(await tokens.obtain(destination, anonymous))).toBe('Bearer t');
});
