import { describe, expect, test } from 'vitest';
import { deriveKeys } from '../../../src/session/keys.ts';

const secret = 'a secret of enough length for a test';

describe('one key a purpose, from one secret', () => {
  test('every instance comes to the same keys, so that none needs to be sticky (design section 6)', () => {
    expect(deriveKeys(secret)).toEqual(deriveKeys(secret));
  });

  test('another secret makes other keys', () => {
    expect(deriveKeys(`${secret}.`)).not.toEqual(deriveKeys(secret));
  });

  test('a key of one purpose tells nothing of the other', () => {
    const { sessionCookie, pendingLogin } = deriveKeys(secret);
    expect(pendingLogin).toHaveLength(32);
    expect(Buffer.from(sessionCookie, 'base64url')).toHaveLength(32);
    expect(Buffer.from(sessionCookie, 'base64url').equals(pendingLogin)).toBe(false);
  });

  test('without a secret each process has keys of its own', () => {
    expect(deriveKeys(undefined)).not.toEqual(deriveKeys(undefined));
  });

  test('no key holds the secret', () => {
    const { sessionCookie, pendingLogin } = deriveKeys(secret);
    expect(sessionCookie).not.toContain(secret);
    expect(pendingLogin.toString('utf8')).not.toContain(secret);
  });
});
