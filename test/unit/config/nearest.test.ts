import { describe, expect, test } from 'vitest';
import { nearest } from '../../../src/config/nearest.ts';

const known = ['source', 'target', 'destination', 'localDir', 'httpMethods', 'csrfProtection', 'scope'];

describe('the known word that a misspelt one most probably meant', () => {
  test.each([
    ['sorce', 'source'],
    ['Source', 'source'],
    ['tarket', 'target'],
    ['destinaton', 'destination'],
    ['localdir', 'localDir'],
    ['httpMethod', 'httpMethods'],
    ['csfrProtection', 'csrfProtection'],
    ['scopes', 'scope'],
    ['scoep', 'scope'],
    ['source', 'source'],
  ])('%s: %s', (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  test.each(['x', '', 'authenticationType', 'rewrite', 'zzzzzz', 'constructor'])('%j resembles none', (word) => {
    expect(nearest(word, known)).toBeUndefined();
  });

  test('the nearer of two, the first of equals', () => {
    expect(nearest('abcd', ['abxx', 'abcx'])).toBe('abcx');
    expect(nearest('abcd', ['abcx', 'abcy'])).toBe('abcx');
  });

  test('nothing is known: nothing was meant', () => {
    expect(nearest('source', [])).toBeUndefined();
  });
});
