import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  beginPendingLogin,
  codeChallenge,
  openPendingLogin,
  ownCookiePrefix,
  pendingLoginCookie,
} from '../../../src/login/pending-login.ts';

const key = randomBytes(32);
const login = {
  provider: 'oidc',
  returnUrl: '/quay/7?full=1',
  redirectUri: 'https://harbour.example/login/callback',
};
const begin = (now?: number) => beginPendingLogin(login, key, now);

describe('an attempt rides in its own cookie (design section 6)', () => {
  test('and comes out of it as it went in', () => {
    const { pending, cookie } = begin(1_234);
    expect(openPendingLogin(cookie.name, cookie.value, [key])).toEqual(pending);
    expect(pending).toMatchObject({ ...login, begunAt: 1_234 });
  });

  test('also when the secret has been changed meanwhile, as long as the earlier one is known', () => {
    const { pending, cookie } = begin();
    expect(openPendingLogin(cookie.name, cookie.value, [randomBytes(32), key])).toEqual(pending);
  });

  test('which the state of the callback names', () => {
    const { pending, cookie } = begin();
    expect(pendingLoginCookie(pending.state)).toBe(cookie.name);
    expect(cookie.name.startsWith(ownCookiePrefix)).toBe(true);
  });

  test('so that attempts in several tabs do not disturb each other', () => {
    const names = new Set(Array.from({ length: 500 }, () => begin().cookie.name));
    expect(names.size).toBe(500);
  });

  test('twenty attempts with ordinary deep links fit into the 16 KiB of headers that node takes', () => {
    const size = Array.from({ length: 20 }, () => begin().cookie).reduce(
      (sum, { name, value }) => sum + name.length + value.length + 3,
      0,
    );
    expect(size).toBeLessThan(12_000);
  });
});

describe('what protects the attempt', () => {
  test('state, nonce and code verifier are long, unlike each other, and never come twice', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const { state, nonce, codeVerifier } = begin().pending;
      expect(state).toMatch(/^[\w-]{8}\.[\w-]{43}$/);
      expect(nonce).toMatch(/^[\w-]{43}$/);
      expect(codeVerifier).toMatch(/^[\w-]{43,128}$/);
      for (const value of [state.slice(9), nonce, codeVerifier]) seen.add(value);
    }
    expect(seen.size).toBe(600);
  });

  test('the challenge is S256 of the verifier (RFC 7636 appendix B)', () => {
    expect(codeChallenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
    expect(codeChallenge('x')).toBe(createHash('sha256').update('x').digest('base64url'));
  });

  test('the state, which the browser shows everywhere, does not give the others away', () => {
    const { pending, cookie } = begin();
    expect(cookie.value).not.toContain(pending.nonce);
    expect(cookie.value).not.toContain(pending.codeVerifier);
    expect(cookie.value).not.toContain(pending.state.slice(9));
  });
});

describe('a cookie that is not of this attempt opens nothing (T-30, T-33)', () => {
  const mine = begin();
  const other = begin();

  test.each([
    ['another attempt’s cookie under this name', mine.cookie.name, other.cookie.value, key],
    ['this cookie under another name', other.cookie.name, mine.cookie.value, key],
    ['another house’s key', mine.cookie.name, mine.cookie.value, randomBytes(32)],
    ['cut short', mine.cookie.name, mine.cookie.value.slice(0, -1), key],
    ['empty', mine.cookie.name, '', key],
    ['something else', mine.cookie.name, 'undefined', key],
  ])('%s', (_, name, value, withKey) => {
    expect(openPendingLogin(name, value, [withKey])).toBeUndefined();
  });
});

describe('a state that is none of ours names no cookie (T-31)', () => {
  const { state } = begin().pending;

  test.each([
    '',
    'x',
    state.slice(0, -1),
    `${state}x`,
    ` ${state}`,
    `${state}\n`,
    state.replace('.', ''),
    state.replace('.', ';'),
    `../${state.slice(3)}`,
    `${'='.repeat(8)}.${'a'.repeat(43)}`,
    `ümlautxx.${'a'.repeat(43)}`,
  ])('%j', (text) => {
    expect(pendingLoginCookie(text)).toBeUndefined();
  });
});
