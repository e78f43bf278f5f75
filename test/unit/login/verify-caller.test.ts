import { describe, expect, test, vi } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import type { RelyingParty } from '../../../src/login/relying-party.ts';
import { userOf } from '../../../src/login/user-of.ts';
import { createVerifyCaller } from '../../../src/login/verify-caller.ts';

const start = 1_000_000_000_000;

/** Providers by name, each accepting the tokens that begin with its name; and what they were asked. */
function verifying(names: readonly string[], exp: number | null = start / 1_000 + 600, claims = {}) {
  const verifyToken = vi.fn(async (name: string, token: string) => {
    if (token.startsWith(`down.${name}`)) throw new AppError({ code: 'ERR_LOGIN_FAILED', status: 502 });
    if (!token.startsWith(name)) throw new AppError({ code: 'ERR_LOGIN_FAILED', status: 401 });
    return userOf(name, token, { ...(exp === null ? {} : { exp }), ...claims }, []);
  });
  const parties = new Map(
    names.map((name) => [
      name,
      { party: { verifyToken: (token: string) => verifyToken(name, token) } as RelyingParty },
    ]),
  );
  const clock = { now: start };
  const verifyCaller = createVerifyCaller(parties, () => clock.now);
  const verify = (token: string, thumbprint?: string) => verifyCaller({ kind: 'bearer', token }, thumbprint);
  return { verify, verifyToken, clock };
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
  test('and verified once for all who show it meanwhile, refused or not; another one is another matter', async () => {
    const { verify, verifyToken } = verifying(['one']);
    const all = await Promise.all([...Array.from({ length: 30 }, () => verify('one.token')), verify('one.other')]);
    expect(all.map(({ token }) => token)).toEqual([...Array.from({ length: 30 }, () => 'one.token'), 'one.other']);
    expect(verifyToken).toHaveBeenCalledTimes(2);
    const refused = await Promise.allSettled(Array.from({ length: 30 }, () => verify('wrong')));
    expect(refused.every(({ status }) => status === 'rejected')).toBe(true);
    expect(verifyToken).toHaveBeenCalledTimes(3);
    await expect(verify('wrong')).rejects.toMatchObject({ status: 401 });
    expect(verifyToken).toHaveBeenCalledTimes(4);
  });

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

describe('a provider that cannot be asked', () => {
  test('is not the caller’s fault: 502', async () => {
    const { verify } = verifying(['one', 'two']);
    for (const name of ['one', 'two'])
      expect(await verify(`down.${name}`).catch((cause: unknown) => cause)).toMatchObject({ status: 502 });
  });

  test('does not keep a token of another one out', async () => {
    const down = { verifyToken: async () => Promise.reject(new AppError({ code: 'ERR_LOGIN_FAILED', status: 502 })) };
    const up = { verifyToken: async (token: string) => userOf('up', token, {}, []) };
    const parties = new Map(Object.entries({ down, up }).map(([name, party]) => [name, { party: party as never }]));
    expect(await createVerifyCaller(parties)({ kind: 'bearer', token: 't' })).toMatchObject({ provider: 'up' });
  });
});

describe('a token bound to a key (RFC 8705, RFC 7800; token-flows.md H66)', () => {
  const mine = 'a'.repeat(43);
  const statusOf = (cnf: unknown, shown: string | undefined) =>
    verifying(['one'], start / 1_000 + 600, { cnf })
      .verify('one.token', shown)
      .then(
        () => 200,
        ({ status }: AppError) => status,
      );

  test.each<[string, unknown, string | undefined, number]>([
    ['none, no certificate', undefined, undefined, 200],
    ['none, with a certificate', undefined, mine, 200],
    ['the certificate shown', { 'x5t#S256': mine }, mine, 200],
    ['another certificate', { 'x5t#S256': mine }, 'b'.repeat(43), 401],
    ['no certificate shown', { 'x5t#S256': mine }, undefined, 401],
    ['an empty thumbprint, none shown', { 'x5t#S256': undefined }, undefined, 401],
    ['a DPoP key', { jkt: mine }, mine, 401],
    ['both', { 'x5t#S256': mine, jkt: mine }, mine, 401],
    ['nothing', {}, mine, 401],
    ['a text', mine, mine, 401],
    ['null', null, mine, 401],
  ])('%s', async (_, cnf, shown, status) => {
    expect(await statusOf(cnf, shown)).toBe(status);
  });

  test('is checked at each request, remembered or not', async () => {
    const { verify, verifyToken } = verifying(['one'], start / 1_000 + 600, { cnf: { 'x5t#S256': mine } });
    await verify('one.token', mine);
    await expect(verify('one.token', 'b'.repeat(43))).rejects.toMatchObject({ status: 401 });
    await expect(verify('one.token')).rejects.toMatchObject({ status: 401 });
    expect(verifyToken).toHaveBeenCalledTimes(1);
  });
});

describe('other proofs', () => {
  const user = userOf('uaa', 'token', { exp: start / 1_000 + 600 }, []);
  const tokens = { user, idToken: undefined, refreshToken: undefined, sid: undefined, expiresAt: 0 };
  const password = { kind: 'password', user: 'skipper', password: 'ahoy' } as const;
  const weak = { kind: 'weak', token: 'e30.e30.x' } as const;
  const unused = async () => {
    throw new Error('not asked');
  };
  const made = (kind: 'xsuaa' | 'ias', party: object) =>
    createVerifyCaller(new Map([['p', { provider: { kind }, party: party as RelyingParty }]]), () => start);

  test('a password is checked at XSUAA, once a minute', async () => {
    const logInWithPassword = vi.fn(async () => tokens);
    const verify = made('xsuaa', { logInWithPassword });
    expect([await verify(password), await verify(password)]).toEqual([user, user]);
    expect(logInWithPassword).toHaveBeenCalledTimes(1);
    await verify({ ...password, password: 'other' });
    expect(logInWithPassword).toHaveBeenCalledTimes(2);
  });

  test('and at nobody else', async () => {
    await expect(made('ias', { logInWithPassword: unused })(password)).rejects.toMatchObject({ status: 401 });
  });

  test('a token is exchanged where the provider does that, and refused elsewhere', async () => {
    expect(await made('ias', { exchangeToken: async () => user })(weak)).toBe(user);
    await expect(made('xsuaa', {})(weak)).rejects.toMatchObject({ status: 401 });
  });

  test('a provider that is down is not the caller’s mistake', async () => {
    const down = async () => {
      throw new AppError({ code: 'ERR_LOGIN_FAILED', status: 502 });
    };
    await expect(made('xsuaa', { logInWithPassword: down })(password)).rejects.toMatchObject({ status: 502 });
  });
});
