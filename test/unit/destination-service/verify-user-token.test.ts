import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createVerifyUserToken } from '../../../src/destination-service/verify-user-token.ts';
import type { UserTokenVerification } from '../../../src/destinations/user-token.ts';
import { AppError } from '../../../src/errors/app-error.ts';
import { userWith } from '../tokens/support/principal-of.ts';

/** A user token that a caller hands in is believed only as far as the destination says (destination-service.md 2.3). */
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let others: typeof keys;
let jwk: Record<string, unknown>;
beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true });
  others = await generateKeyPair('RS256');
  jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k' };
});

const seconds = () => Math.floor(Date.now() / 1000);
const sign = (told: JWTPayload = {}, header: Record<string, unknown> = {}, key = keys.privateKey) =>
  new SignJWT({ iss: 'https://idp.example', aud: 'harbour', sub: 'ada', exp: seconds() + 60, ...told })
    .setProtectedHeader({ alg: 'RS256', kid: 'k', typ: 'JWT', ...header })
    .sign(key);
const rules = (told: Partial<UserTokenVerification> = {}): UserTokenVerification => ({
  keys: { kind: 'inline', jwks: { keys: [jwk] } },
  type: 'JWT',
  issuer: undefined,
  audience: undefined,
  ...told,
});
const nobody = async () => {
  throw new Error('no provider');
};
const verify = createVerifyUserToken(nobody);

describe('a user token from elsewhere', () => {
  test('stands for its user, with keys written into the destination', async () => {
    expect(await verify(await sign({ user_name: 'ada' }), rules())).toMatchObject({
      kind: 'user',
      claims: { sub: 'ada', user_name: 'ada' },
    });
  });

  test('or with keys at an address, which is asked once and in the way we are told', async () => {
    const fetchKeys = vi.fn(async () => Response.json({ keys: [jwk] }));
    const verifyThere = createVerifyUserToken(nobody, fetchKeys);
    const there = rules({ keys: { kind: 'uri', uri: new URL('https://idp.example/keys') } });
    for (let i = 0; i < 2; i++) expect(await verifyThere(await sign(), there)).toMatchObject({ kind: 'user' });
    expect(fetchKeys).toHaveBeenCalledOnce();
  });

  test('and a key that the issuer has just changed to is asked for at once (token-flows.md C9)', async () => {
    const next = { ...(await exportJWK(others.publicKey)), kid: 'next' };
    const fetchKeys = vi.fn(async () => Response.json({ keys: [next] }));
    fetchKeys.mockResolvedValueOnce(Response.json({ keys: [jwk] }));
    const verifyThere = createVerifyUserToken(nobody, fetchKeys);
    const there = rules({ keys: { kind: 'uri', uri: new URL('https://idp.example/keys') } });
    await verifyThere(await sign(), there);
    const renewed = await sign({}, { kid: 'next' }, others.privateKey);
    expect(await verifyThere(renewed, there)).toMatchObject({ kind: 'user' });
    const invented = await sign({}, { kid: 'invented' }, others.privateKey);
    await expect(verifyThere(invented, there)).rejects.toThrow(AppError);
    expect(fetchKeys, 'and others’ inventions are no flood').toHaveBeenCalledTimes(2);
  });

  test('without rules is for the configured providers to judge', async () => {
    const ada = userWith('t');
    expect(await createVerifyUserToken(async () => ada)('t', undefined)).toBe(ada);
  });

  test.each<[string, () => Promise<string>, Partial<UserTokenVerification>]>([
    ['signed with another key', () => sign({}, {}, others.privateKey), {}],
    ['with a kid nobody has', () => sign({}, { kid: 'x' }), {}],
    ['expired', () => sign({ exp: seconds() - 120 }), {}],
    ['not valid yet', () => sign({ nbf: seconds() + 120 }), {}],
    ['without an end', () => sign({ exp: undefined as unknown as number }), {}],
    ['of another issuer', () => sign(), { issuer: 'https://idp.example/' }],
    ['for another audience', () => sign({ aud: ['other'] }), { audience: 'harbour' }],
    ['of another type', () => sign({}, { typ: 'at+jwt' }), {}],
    ['a plain JWT where an access token is wanted', () => sign(), { type: 'at+jwt' }],
    ['of no type where one is wanted', () => sign({}, { typ: undefined }), { type: 'at+jwt' }],
    ['not signed', async () => `${encoded({ alg: 'none' })}.${(await sign()).split('.')[1]}.`, {}],
    ['signed with the public key as a secret', forged, {}],
    ['no JWT', async () => 'opaque', {}],
    ['too long', async () => `${await sign({ x: 'x'.repeat(20_000) })}`, {}],
  ])('%s is refused with 401, and is not told', async (_, make, told) => {
    const token = await make();
    const error = await verify(token, rules(told)).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ status: 401 });
    expect(JSON.stringify(error)).not.toContain(token);
  });

  test.each([
    ['application/at+jwt', 'at+jwt'],
    ['AT+JWT', 'at+jwt'],
    [undefined, 'JWT'],
  ])('typ %s is taken for %s (RFC 7519 5.1, RFC 9068 2.1)', async (typ, type) => {
    expect(await verify(await sign({}, { typ }), rules({ type }))).toMatchObject({ kind: 'user' });
  });
});

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function forged(): Promise<string> {
  const text = `${encoded({ alg: 'HS256', kid: 'k', typ: 'JWT' })}.${encoded({ sub: 'eve', exp: seconds() + 60 })}`;
  return `${text}.${createHmac('sha256', JSON.stringify(jwk)).update(text).digest('base64url')}`;
}
