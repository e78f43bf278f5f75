import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import type { AppError } from '../../../src/errors/app-error.ts';
import { type LogoutTokenRules, verifyLogoutToken } from '../../../src/login/verify-logout-token.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';
const seconds = () => Math.floor(Date.now() / 1000);

let sign: (claims: JWTPayload, header?: Record<string, unknown>) => Promise<string>;
let forge: (claims: JWTPayload) => Promise<string>;
let rules: LogoutTokenRules;
const seen = new Set<string>();
let publicKey: Uint8Array;

beforeAll(async () => {
  const ours = await generateKeyPair('RS256', { extractable: true });
  const theirs = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(ours.publicKey)), kid: 'k', alg: 'RS256' };
  publicKey = new Uint8Array(await crypto.subtle.exportKey('spki', ours.publicKey));
  const signedBy =
    (key: CryptoKey) =>
    (claims: JWTPayload, header: Record<string, unknown> = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k', typ: 'logout+jwt', ...header }).sign(key);
  sign = signedBy(ours.privateKey);
  forge = signedBy(theirs.privateKey);
  rules = {
    keys: createLocalJWKSet({ keys: [jwk] }),
    issuer: 'https://login.example',
    audience: 'harbour',
    algorithms: ['RS256'],
    firstUse: (jti) => !seen.has(jti) && seen.add(jti) !== undefined,
  };
});

let count = 0;
const claims = (told: Record<string, unknown> = {}): JWTPayload => {
  count += 1;
  return {
    iss: 'https://login.example',
    aud: 'harbour',
    iat: seconds(),
    exp: seconds() + 120,
    jti: `jti-${count}`,
    sub: 'ada',
    sid: 'sid-1',
    events: { [event]: {} },
    ...told,
  };
};

describe('a good logout token says whose sessions end (OpenID Connect Back-Channel Logout 2.4)', () => {
  test.each([
    ['one session', {}, { sid: 'sid-1', subject: 'ada' }],
    ['one session, without the user', { sub: undefined }, { sid: 'sid-1', subject: undefined }],
    ['all sessions of a user', { sid: undefined }, { sid: undefined, subject: 'ada' }],
    ['among other audiences', { aud: ['other', 'harbour'] }, { sid: 'sid-1', subject: 'ada' }],
    ['with further events', { events: { [event]: {}, x: {} } }, { sid: 'sid-1', subject: 'ada' }],
  ])('%s', async (_, told, expected) => {
    expect(await verifyLogoutToken(await sign(claims(told)), rules)).toEqual(expected);
  });

  test.each(['logout+jwt', 'application/logout+jwt', 'JWT', 'LOGOUT+JWT'])('of type %s', async (typ) => {
    expect((await verifyLogoutToken(await sign(claims(), { typ }), rules)).subject).toBe('ada');
  });
});

describe('H70: everything else is refused with 400 (T-38, token-flows.md F5)', () => {
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each<[string, () => Promise<string>]>([
    ['another audience', () => sign(claims({ aud: 'canal' }))],
    ['another issuer', () => sign(claims({ iss: 'https://evil.example' }))],
    ['signed by another key', () => forge(claims())],
    ['not signed', async () => `${base64({ alg: 'none', typ: 'logout+jwt' })}.${base64(claims())}.`],
    [
      'signed with the public key as a secret',
      () => new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'k' }).sign(publicKey),
    ],
    ['with a nonce: an id_token in disguise', () => sign(claims({ nonce: 'n' }))],
    ['without the event', () => sign(claims({ events: {} }))],
    ['without events', () => sign(claims({ events: undefined }))],
    ['with events that are no object', () => sign(claims({ events: event }))],
    ['with a list of events', () => sign(claims({ events: [event] }))],
    ['neither sid nor sub', () => sign(claims({ sid: undefined, sub: undefined }))],
    ['without jti', () => sign(claims({ jti: undefined }))],
    ['with a jti that is no text', () => sign(claims({ jti: 7 as unknown as string }))],
    ['without iat', () => sign(claims({ iat: undefined }))],
    ['made long ago', () => sign(claims({ iat: seconds() - 3_600, exp: seconds() + 3_600 }))],
    ['made in the future', () => sign(claims({ iat: seconds() + 3_600 }))],
    ['ended', () => sign(claims({ exp: seconds() - 120 }))],
    ['without an end', () => sign(claims({ exp: undefined }))],
    ['an access token', () => sign(claims(), { typ: 'at+jwt' })],
    ['no token', async () => 'x.y.z'],
    ['nothing', async () => ''],
  ])('%s', async (_, make) => {
    const failure = await verifyLogoutToken(await make(), rules).catch((cause: AppError) => cause);
    expect(failure).toMatchObject({ status: 400, members: { error: 'invalid_request' } });
  });

  test('the same token twice', async () => {
    const token = await sign(claims());
    await verifyLogoutToken(token, rules);
    await expect(verifyLogoutToken(token, rules)).rejects.toMatchObject({ status: 400 });
  });

  test('a token that was not good does not use up its jti', async () => {
    const jti = 'shared-by-forger';
    await expect(verifyLogoutToken(await forge(claims({ jti })), rules)).rejects.toMatchObject({ status: 400 });
    expect(await verifyLogoutToken(await sign(claims({ jti })), rules)).toMatchObject({ subject: 'ada' });
  });
});
