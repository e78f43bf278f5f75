import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareClaims } from '../../../src/inspector/compare-claims.ts';

const told = (...both: Parameters<typeof compareClaims>) =>
  compareClaims(...both).map(({ name, change }) => [name, change]);

describe('two tokens side by side', () => {
  test('what decides comes first, in the order in which one asks; the rest by name', () => {
    const rows = compareClaims({ zoom: 1, exp: 2, sub: 's' }, { aud: 'a', acr: '1', iss: 'i' });
    expect(rows.map(({ name, matters }) => [name, matters])).toEqual([
      ['iss', true],
      ['sub', true],
      ['aud', true],
      ['exp', true],
      ['acr', false],
      ['zoom', false],
    ]);
  });

  test('changed, new, gone, the same', () => {
    expect(told({ iss: 'a', sub: 's', nonce: 'n' }, { iss: 'b', sub: 's', scp: 'x' })).toEqual([
      ['iss', 'changed'],
      ['sub', 'same'],
      ['scp', 'added'],
      ['nonce', 'removed'],
    ]);
  });

  test('lists and objects are compared by what is in them', () => {
    expect(told({ aud: ['a', 'b'], act: { sub: 'x' } }, { aud: ['a', 'b'], act: { sub: 'y' } })).toEqual([
      ['aud', 'same'],
      ['act', 'changed'],
    ]);
  });

  test('what is cut when shown may differ all the same', () => {
    const [row] = compareClaims({ jti: 'abcdef-0123456789' }, { jti: 'abcdef-9876543210' });
    expect(row).toMatchObject({ before: '"abcdef…"', after: '"abcdef…"', change: 'changed' });
  });

  test('where only one is a token that can be read, nothing counts as changed', () => {
    expect(told(undefined, { sub: 's' })).toEqual([['sub', 'same']]);
    expect(told({ sub: 's' }, undefined)).toEqual([['sub', 'same']]);
  });

  test('a claim may have any name, also one that objects have anyway', () => {
    expect(told({}, JSON.parse('{"constructor":"c","__proto__":"p"}'))).toEqual([
      ['__proto__', 'added'],
      ['constructor', 'added'],
    ]);
  });

  test('each claim of either has one row, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.jsonValue()),
        (one, other) => {
          const names = compareClaims(one, other).map(({ name }) => name);
          expect(names.toSorted()).toEqual([...new Set([...Object.keys(one), ...Object.keys(other)])].toSorted());
        },
      ),
    );
  });
});
