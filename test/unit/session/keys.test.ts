import { describe, expect, test } from 'vitest';
import { deriveKeys } from '../../../src/session/keys.ts';

const secret = 'a secret of enough length for a test';
const earlier = 'the secret of last year';

describe('one key a purpose, from one secret', () => {
  test('every instance comes to the same keys, so that none needs to be sticky (design section 6)', () => {
    expect(deriveKeys([secret, earlier])).toEqual(deriveKeys([secret, earlier]));
  });

  test('another secret makes other keys', () => {
    expect(deriveKeys([`${secret}.`])).not.toEqual(deriveKeys([secret]));
  });

  test('a key of one purpose tells nothing of another', () => {
    const { sessionCookie, pendingLogin, sessionData } = deriveKeys([secret]);
    const all = [Buffer.from(sessionCookie[0] ?? '', 'base64url'), pendingLogin[0], sessionData[0]];
    for (const key of all) expect(key).toHaveLength(32);
    expect(new Set(all.map((key) => key.toString('hex'))).size).toBe(3);
  });

  test('without a secret each process has keys of its own', () => {
    expect(deriveKeys([])).not.toEqual(deriveKeys([]));
  });

  test('no key holds the secret', () => {
    const { sessionCookie, pendingLogin, sessionData } = deriveKeys([secret]);
    expect([...sessionCookie, ...pendingLogin, ...sessionData].join()).not.toContain(secret);
  });
});

describe('a ring: the first seals, all open, so that a secret can be changed without logging anybody out', () => {
  test('the keys of a secret are the same whichever place it has', () => {
    const [now, then] = [deriveKeys([secret, earlier]), deriveKeys([earlier])];
    expect(now.sessionCookie).toHaveLength(2);
    expect(now.sessionCookie[1]).toBe(then.sessionCookie[0]);
    expect(now.pendingLogin[1]).toEqual(then.pendingLogin[0]);
    expect(now.sessionData[1]).toEqual(then.sessionData[0]);
  });
});
