import { describe, expect, test, vi } from 'vitest';
import type { RelyingParty } from '../../../src/login/relying-party.ts';
import { userOf } from '../../../src/login/user-of.ts';
import { createVerifyCallerToken } from '../../../src/login/verify-caller-token.ts';

const start = 1_000_000_000_000;

/** Providers by name, each accepting the tokens that begin with its name; and what they were asked. */
function verifying(names: readonly string[], exp: number | null = start / 1_000 + 600) {
  const verifyToken = vi.fn(async (name: string, token: string) => {
    if (!token.startsWith(name)) throw new Error('not mine');
    return userOf(name, token, exp === null ? {} : { exp }, []);
  });
  const parties = new Map(
    names.map((name) => [
      name,
      { party: { verifyToken: (token: string) => verifyToken(name, token) } as RelyingParty },
    ]),
  );
  const clock = { now: start };
  return { verify: createVerifyCallerToken(parties, () => clock.now), verifyToken, clock };
}

describe('a machine caller is whom its token stands for (xs-app.md section 9)', () => {
  test('at any configured provider', async () => {
    const { verify } = verifying(['one', 'two']);
    expect(await verify('one.token')).toMatchObject({ provider: 'one', token: 'one.token' });
    expect(await verify('two.token')).toMatchObject({ provider: 'two' });
  });

  test.each(['three.token', '', 'x'.repeat(20_000), `one.${'x'.repeat(16_384)}`])(
    'a token that nobody accepts, or nobody should look at, is 401',
    async (token) => {
      const { verify } = verifying(['one', 'two']);
      const failure = await verify(token).catch((cause: unknown) => cause);
      expect(failure).toMatchObject({
        status: 401,
        code: 'ERR_LOGIN_REQUIRED',
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      });
      if (token !== '') expect(JSON.stringify(failure)).not.toContain(token);
    },
  );
});

describe('a verified token is remembered for a minute', () => {
  test('and not verified again meanwhile', async () => {
    const { verify, verifyToken, clock } = verifying(['one']);
    await verify('one.token');
    clock.now += 59_000;
    await verify('one.token');
    expect(verifyToken).toHaveBeenCalledTimes(1);
    clock.now += 2_000;
    await verify('one.token');
    expect(verifyToken).toHaveBeenCalledTimes(2);
  });

  test('but never beyond its own end', async () => {
    const { verify, verifyToken, clock } = verifying(['one'], start / 1_000 + 10);
    await verify('one.token');
    clock.now += 10_000;
    await verify('one.token');
    expect(verifyToken).toHaveBeenCalledTimes(2);
  });

  test('a token without an end is not remembered at all', async () => {
    const { verify, verifyToken } = verifying(['one'], null);
    await verify('one.token');
    await verify('one.token');
    expect(verifyToken).toHaveBeenCalledTimes(2);
  });

  test('a refusal is not remembered', async () => {
    const { verify, verifyToken } = verifying(['one']);
    for (let i = 0; i < 3; i++) await verify('other').catch(() => {});
    expect(verifyToken).toHaveBeenCalledTimes(3);
  });

  test('no more than a thousand: memory does not grow with the number of callers (T-28)', async () => {
    const { verify, verifyToken } = verifying(['one']);
    for (let i = 0; i <= 1_000; i++) await verify(`one.${i}`);
    verifyToken.mockClear();
    await verify('one.1000');
    expect(verifyToken).toHaveBeenCalledTimes(0);
    await verify('one.0');
    expect(verifyToken).toHaveBeenCalledTimes(1);
  });

  test('one caller’s token never answers for another’s', async () => {
    const { verify } = verifying(['one']);
    const users = await Promise.all(Array.from({ length: 200 }, (_, i) => verify(`one.${i % 20}`)));
    expect(users.map(({ token }) => token)).toEqual(users.map((_, i) => `one.${i % 20}`));
  });
});
