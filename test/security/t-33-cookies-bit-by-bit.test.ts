import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { beginPendingLogin, openPendingLogin } from '../../src/login/pending-login.ts';
import { cookieNames, readCookie, withoutCookies } from '../../src/session/cookie-header.ts';
import { deriveKeys } from '../../src/session/keys.ts';
import { seal, unseal } from '../../src/session/seal.ts';
import { ask } from '../e2e/support/ask.ts';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';

/**
 * T-33 and T-34. Envoy took any token when its HMAC cookie was missing (CVE-2022-29226, 10.0) and signed values without
 * separators, so that fields could be shifted (CVE-2023-35941); mod_auth_openidc sealed with a fixed IV (CVE-2021-32791).
 *
 * What must hold: a cookie of ours that differs in a single bit, is cut, swapped with another, or put under another name
 * is nobody's; no seal repeats its IV; what is sealed for one purpose opens for no other.
 */
let gate: Gate;
let session: string;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
  const user = await gate.loggedIn();
  session = user.cookies.get('JSESSIONID') ?? '';
});
const statusWith = async (cookie: string) =>
  (await ask(gate.origin, '/quay/', { headers: { cookie, accept: 'text/plain' } }).catch(() => ({ status: 400 })))
    .status;

describe('the session cookie', () => {
  test('opens the session as it was given', async () => {
    expect(await statusWith(`JSESSIONID=${session}`)).toBe(200);
  });

  test('opens nothing with any one of its bits flipped', async () => {
    const changed = [...session].flatMap((char, at) =>
      [0, 1, 2, 3, 4, 5, 6].flatMap((bit) => {
        const flipped = String.fromCharCode(char.charCodeAt(0) ^ (1 << bit));
        return /[\x21-\x7e]/.test(flipped) ? [session.slice(0, at) + flipped + session.slice(at + 1)] : [];
      }),
    );
    expect(changed.length).toBeGreaterThan(400);
    const statuses = await Promise.all(
      changed.map(async (value) => [value, await statusWith(`JSESSIONID=${value}`)] as const),
    );
    expect(statuses.filter(([, status]) => status !== 401 && status !== 400)).toEqual([]);
  });

  test('opens nothing cut short, made longer, written otherwise, or without its signature', async () => {
    const [id = '', signature = ''] = session.split('.');
    const other = (await gate.loggedIn()).cookies.get('JSESSIONID') ?? '';
    for (const value of [
      ...[1, 2, 10, 40].map((n) => session.slice(0, -n)),
      `${session}=`,
      `${session}A`,
      id,
      `${id}.`,
      `.${signature}`,
      '',
      id.slice(4),
      decodeURIComponent(id),
      `s%3A.${signature}`,
      `${other.split('.')[0]}.${signature}`,
      session.replace('s%3A', 's%3a'),
      session.replace('s%3A', 's%253A'),
      session.replace('s%3A', ''),
      session.replace('s%3A', 'j%3A'),
      `"${session}"`,
      encodeURIComponent(session),
    ])
      expect([value, await statusWith(`JSESSIONID=${value}`)]).toEqual([value, 401]);
  });

  test('opens nothing under another name', async () => {
    for (const name of [
      'jsessionid',
      'JSESSIONID2',
      'xJSESSIONID',
      '$JSESSIONID',
      'JSESSIONID[]',
      '__Host-JSESSIONID',
      'portunus.login.JSESSIONI',
    ])
      expect([name, await statusWith(`${name}=${session}`)]).toEqual([name, 401]);
  });
});

describe('a sealed value', () => {
  const key = deriveKeys(['secret']).pendingLogin[0];

  test('opens with none of its bits flipped, at no length but its own, for no other purpose, with no other key', () => {
    const sealed = seal('the text', key, 'purpose');
    expect(unseal(sealed, key, 'purpose')).toBe('the text');
    const bytes = Buffer.from(sealed, 'base64url');
    for (let at = 0; at < bytes.length * 8; at++) {
      const changed = Buffer.from(bytes);
      changed[at >> 3] = (changed[at >> 3] as number) ^ (1 << (at & 7));
      expect(unseal(changed.toString('base64url'), key, 'purpose')).toBeUndefined();
    }
    for (let length = 0; length < sealed.length; length++)
      expect(unseal(sealed.slice(0, length), key, 'purpose')).toBeUndefined();
    for (const purpose of ['', 'purpos', 'purposes', 'Purpose']) expect(unseal(sealed, key, purpose)).toBeUndefined();
    for (const other of [
      deriveKeys(['secret']).sessionData[0],
      deriveKeys(['Secret']).pendingLogin[0],
      randomBytes(32),
    ])
      expect(unseal(sealed, other, 'purpose')).toBeUndefined();
  });

  test('has an IV of its own: none repeats in 20,000', () => {
    const ivs = new Set(Array.from({ length: 20_000 }, () => seal('', key, '').slice(0, 16)));
    expect(ivs.size).toBe(20_000);
  });

  test('of one attempt opens under no other attempt’s name, whatever the fields hold', () => {
    const begin = (returnUrl: string) =>
      beginPendingLogin({ provider: 'p', returnUrl, redirectUri: 'http://x/login/callback' }, key);
    const [one, two] = [begin('/a'), begin('/b')];
    expect(openPendingLogin(one.cookie.name, two.cookie.value, [key])).toBeUndefined();
    expect(openPendingLogin(one.cookie.name, one.cookie.value, [key])).toEqual(one.pending);
  });
});

describe('cookies are read as browsers send them, whatever else stands there', () => {
  const name = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
  const value = fc.stringMatching(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{0,20}$/);

  test('what is in the header is found, and only that', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 8 }), name, (pairs, wanted) => {
        const header = pairs.map((pair) => pair.join('=')).join('; ');
        expect(readCookie(header, wanted)).toBe(pairs.find(([known]) => known === wanted)?.[1]);
      }),
    );
  });

  test('no text makes the reader fail, and what is taken out is gone for every reader', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), name, (noise, own) => {
        const header = `${noise};${own}=secret; ${noise}; ${own} = secret`;
        const left = withoutCookies(header, (found) => found === own);
        expect(readCookie(left, own)).toBeUndefined();
        expect(cookieNames(left)).not.toContain(own);
      }),
    );
  });
});
