import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { seal, unseal } from '../../../src/session/seal.ts';

const key = randomBytes(32);
const purpose = 'portunus.login.abcdefgh';

describe('what was sealed opens', () => {
  test.each([
    ['a text', '{"s":"x"}'],
    ['nothing', ''],
    ['what is no ASCII', 'Hafen—港 🔑'],
    ['a long text', 'x'.repeat(4_000)],
  ])('%s', (_, text) => {
    expect(unseal(seal(text, key, purpose), key, purpose)).toBe(text);
  });

  test('it travels in a cookie without any encoding', () => {
    expect(seal('{"a":"b c;d,e"}', key, purpose)).toMatch(/^[\w-]+$/);
  });

  test('and says nothing of what is in it', () => {
    const sealed = seal('the-code-verifier', key, purpose);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('verifier');
  });
});

describe('a seal never repeats itself (T-34)', () => {
  test('ten thousand seals of one text, ten thousand initialization vectors', () => {
    const vectors = new Set(Array.from({ length: 10_000 }, () => seal('x', key, purpose).slice(0, 16)));
    expect(vectors.size).toBe(10_000);
  });
});

describe('nothing else opens (T-33)', () => {
  const sealed = seal('{"s":"x"}', key, purpose);

  test('any single bit changed', () => {
    const bytes = Buffer.from(sealed, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect.soft(unseal(changed.toString('base64url'), key, purpose), `bit ${bit}`).toBeUndefined();
    }
  });

  test('any character changed, taken away or put in, another spelling of the same bytes included', () => {
    for (let i = 0; i < sealed.length; i++) {
      for (const char of ['A', 'b', '-', '_', '=', '.', ' ', '%', '/', '+']) {
        const changed = sealed.slice(0, i) + char + sealed.slice(i + 1);
        if (changed !== sealed) expect.soft(unseal(changed, key, purpose), changed).toBeUndefined();
        expect.soft(unseal(sealed.slice(0, i) + char + sealed.slice(i), key, purpose)).toBeUndefined();
      }
      expect.soft(unseal(sealed.slice(0, i), key, purpose)).toBeUndefined();
      expect.soft(unseal(sealed.slice(0, i) + sealed.slice(i + 1), key, purpose)).toBeUndefined();
    }
  });

  test.each([
    ['another purpose', sealed, key, 'portunus.login.abcdefgi'],
    ['no purpose', sealed, key, ''],
    ['another key', sealed, randomBytes(32), purpose],
    ['nothing', '', key, purpose],
    ['padding', `${sealed}=`, key, purpose],
    ['an end of line', `${sealed}\n`, key, purpose],
    ['the text itself', '{"s":"x"}', key, purpose],
    ['base64url of too little', 'AAAA', key, purpose],
    ['two seals in one', sealed + sealed, key, purpose],
  ])('%s', (_, text, withKey, forPurpose) => {
    expect(unseal(text, withKey, forPurpose)).toBeUndefined();
  });

  test('the parts of two seals put together', () => {
    const [one, two] = [seal('one', key, purpose), seal('two', key, purpose)].map((text) =>
      Buffer.from(text, 'base64url'),
    ) as [Buffer, Buffer];
    const cuts = [12, 28];
    for (const cut of cuts) {
      const mixed = Buffer.concat([one.subarray(0, cut), two.subarray(cut)]).toString('base64url');
      expect(unseal(mixed, key, purpose)).toBeUndefined();
    }
  });
});
