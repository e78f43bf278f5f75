import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { guardClients } from '../../../src/tokens/client-guard.ts';
import type { TokenAnswer } from '../../../src/tokens/parse-token-answer.ts';
import type { TokenInquiry } from '../../../src/tokens/request-token.ts';
import { destinationOf } from './support/destination-of.ts';

/** IAS locks a client id for an hour after five wrong secrets in a row (token-flows.md C2, H42): be no such storm. */
const refusedClient = (error = 'invalid_client') =>
  new AppError({ code: 'ERR_TOKEN_SERVICE', status: 502, members: { error, tokenServiceStatus: 401 } });
const refusedUser = new AppError({ code: 'ERR_TOKEN_SERVICE', status: 502, members: { error: 'invalid_grant' } });
const down = new AppError({ code: 'ERR_TOKEN_SERVICE', status: 502 });

async function inquiry(more: object = {}): Promise<TokenInquiry> {
  const { name, tokenService } = await destinationOf({
    Authentication: 'OAuth2ClientCredentials' as const,
    clientId: 'c',
    clientSecret: 's',
    tokenServiceURL: 'https://ias.example/oauth2/token',
    ...more,
  });
  return { destination: name, tokenService, fields: { grant_type: 'client_credentials' }, now: 0 };
}

/** A guard before a service that answers as it is told, with a clock in seconds. */
function guarded(answer: (count: number) => AppError | undefined) {
  const clock = { seconds: 1_000_000 };
  let sent = 0;
  const ask = guardClients(
    () => clock.seconds * 1000,
    async (): Promise<TokenAnswer> => {
      sent += 1;
      const count = sent;
      await tick();
      const error = answer(count);
      if (error) throw error;
      return { token: `${count}`, expiresAt: 0 };
    },
  );
  return { ask, clock, sent: () => sent };
}

describe('a client that is refused', () => {
  test.each(['invalid_client', 'unauthorized'])('with %s is not tried again at once, whoever waits', async (error) => {
    const { ask, sent } = guarded(() => refusedClient(error));
    const one = await inquiry();
    const got = await Promise.allSettled(Array.from({ length: 100 }, () => ask(one)));
    expect(got.every(({ status }) => status === 'rejected')).toBe(true);
    expect(sent()).toBe(1);
  });

  test('is tried after 2 s, 30 s, 5 minutes, and each hour: the fifth time is more than an hour away', async () => {
    const { ask, clock, sent } = guarded(() => refusedClient());
    const one = await inquiry();
    for (const pause of [2, 30, 300, 3600, 3600]) {
      const before = sent();
      await expect(ask(one)).rejects.toMatchObject({ headers: { 'retry-after': String(pause) } });
      clock.seconds += pause - 1;
      await expect(ask(one)).rejects.toMatchObject({ headers: { 'retry-after': '1' } });
      expect(sent()).toBe(before + 1);
      clock.seconds += 1;
    }
  });

  test('and is let in later has a clean record', async () => {
    const { ask, clock } = guarded((count) => (count === 2 ? undefined : refusedClient()));
    const one = await inquiry();
    await expect(ask(one)).rejects.toThrow(AppError);
    clock.seconds += 2;
    await expect(ask(one)).resolves.toMatchObject({ token: '2' });
    await expect(ask(one)).rejects.toMatchObject({ headers: { 'retry-after': '2' } });
  });

  test('does not stand in the way of another proof, another client or another service', async () => {
    const { ask, sent } = guarded(() => refusedClient());
    const others = [
      {},
      { clientSecret: 'other' },
      { clientId: 'other' },
      { tokenServiceURL: 'https://other.example/token' },
      { 'tokenService.addClientCredentialsInBody': 'false' },
      { 'tokenService.body.client_assertion': 'x' },
    ];
    for (const more of others) await expect(ask(await inquiry(more))).rejects.toThrow(AppError);
    expect(sent()).toBe(others.length);
  });

  test('two destinations with the same client and proof are one client', async () => {
    const { ask, sent } = guarded(() => refusedClient());
    await expect(ask(await inquiry({ Name: 'a', URL: 'https://a.example' }))).rejects.toThrow(AppError);
    await expect(ask(await inquiry({ Name: 'b', URL: 'https://b.example' }))).rejects.toThrow(AppError);
    expect(sent()).toBe(1);
  });
});

describe('before anything is known of a client', () => {
  test('one request goes alone; when it is let in, the others go together', async () => {
    const { ask, sent } = guarded(() => undefined);
    const one = await inquiry();
    const asked = Array.from({ length: 50 }, () => ask(one));
    await Promise.resolve();
    expect(sent()).toBe(1);
    expect(new Set((await Promise.all(asked)).map(({ token }) => token)).size).toBe(50);
  });

  test("a user's refusal shows that the client was let in", async () => {
    const { ask, sent } = guarded((count) => (count === 1 ? refusedUser : undefined));
    const one = await inquiry();
    const got = await Promise.allSettled(Array.from({ length: 10 }, () => ask(one)));
    expect(got.map(({ status }) => status)).toEqual(['rejected', ...new Array(9).fill('fulfilled')]);
    expect(sent()).toBe(10);
  });

  test('a grant that is not allowed does not hold back the others of the same client (token-flows.md D5)', async () => {
    const members = {
      error: 'invalid_client',
      tokenServiceStatus: 401,
      description: 'Unauthorized grant type: password',
    };
    const notThis = new AppError({ code: 'ERR_TOKEN_SERVICE', status: 502, members });
    const { ask } = guarded((count) => (count === 1 ? notThis : undefined));
    const one = await inquiry();
    await expect(ask(one)).rejects.toBe(notThis);
    await expect(ask(one)).resolves.toMatchObject({ token: '2' });
  });

  describe("XSUAA's one word for clients and assertions it refuses (token-flows.md D5)", () => {
    const urn = 'urn:ietf:params:oauth:grant-type:';
    const unauthorized = (description: string) =>
      new AppError({
        code: 'ERR_TOKEN_SERVICE',
        status: 502,
        members: { error: 'unauthorized', tokenServiceStatus: 401, description },
      });
    const askedTwice = async (grant: string, description: string) => {
      const { ask, sent } = guarded(() => unauthorized(description));
      const one = { ...(await inquiry()), fields: { grant_type: grant } };
      for (let i = 0; i < 2; i++) await expect(ask(one)).rejects.toThrow(AppError);
      return sent() === 2;
    };

    test.each([
      [`${urn}saml2-bearer`, 'Invalid SAML assertion: audience'],
      [`${urn}jwt-bearer`, 'Assertion is missing'],
      [`${urn}jwt-bearer`, ''],
      ['refresh_token', 'The token was revoked'],
    ])('%s: "%s" of one user does not hold back the others', async (grant, description) => {
      expect(await askedTwice(grant, description)).toBe(true);
    });

    test.each([
      [`${urn}saml2-bearer`, 'Bad credentials'],
      [`${urn}jwt-bearer`, 'Client authentication failed'],
      [`${urn}jwt-bearer`, 'Client with requested ID does not exist'],
      ['refresh_token', 'Unsupported instance credential for sb-x'],
      ['client_credentials', 'Something new'],
      ['password', ''],
    ])('%s: "%s" is about the client', async (grant, description) => {
      expect(await askedTwice(grant, description)).toBe(false);
    });
  });

  test('a service that is down does not make them queue up one after the other', async () => {
    let most = 0;
    let now = 0;
    const ask = guardClients(Date.now, async () => {
      now += 1;
      most = Math.max(most, now);
      await tick();
      now -= 1;
      throw down;
    });
    const one = await inquiry();
    const got = await Promise.allSettled(Array.from({ length: 20 }, () => ask(one)));
    expect(got.every(({ status }) => status === 'rejected')).toBe(true);
    expect(most).toBe(19);
  });
});

test("what the user's own token proves is never held back", async () => {
  const { ask, sent } = guarded(() => refusedClient());
  const one = { ...(await inquiry()), bearer: 'token-of-alice' };
  for (let count = 0; count < 3; count += 1) await expect(ask(one)).rejects.toThrow(AppError);
  expect(sent()).toBe(3);
});
