import { describe, expect, test } from 'vitest';
import { byHost, hostPattern } from '../../../src/routing/by-host.ts';

const rules = (name: string) => ({ name });
const named = ['harbour.example', '*.harbour.example', '*.north.harbour.example', 'xn--mnchen-3ya.example', '[::1]'];
const whose = byHost(new Map(named.map((name) => [name, rules(name)])), rules('otherwise'));

describe('what belongs to a host', () => {
  test.each([
    ['harbour.example', 'harbour.example'],
    ['harbour.example:8443', 'harbour.example'],
    ['Harbour.EXAMPLE', 'harbour.example'],
    ['harbour.example.', 'harbour.example'],
    ['harbour.example.:443', 'harbour.example'],
    ['pier.harbour.example', '*.harbour.example'],
    ['a.b.harbour.example:1', '*.harbour.example'],
    ['pier.north.harbour.example', '*.north.harbour.example'],
    ['north.harbour.example', '*.harbour.example'],
    ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
    ['[::1]:5000', '[::1]'],
    ['[0:0:0:0:0:0:0:1]', '[::1]'],
    ['otherharbour.example', 'otherwise'],
    ['harbour.example.evil.example', 'otherwise'],
    ['.harbour.example', 'otherwise'],
    ['example', 'otherwise'],
    ['127.0.0.1:5000', 'otherwise'],
    ['...', 'otherwise'],
  ])('%s: %s', (host, expected) => {
    // The second time it is remembered.
    expect([whose(host).name, whose(host).name]).toEqual([expected, expected]);
  });

  test('is found however many hosts were asked for before', () => {
    for (let i = 0; i < 2_000; i++) whose(`h${i}.nowhere.example`);
    expect(whose('late.harbour.example').name).toBe('*.harbour.example');
    expect(whose('late.nowhere.example').name).toBe('otherwise');
  });
});

describe('a host as a setting names it', () => {
  test.each([
    ['Harbour.Example', 'harbour.example'],
    ['harbour.example.', 'harbour.example'],
    ['*.Harbour.example', '*.harbour.example'],
    ['münchen.example', 'xn--mnchen-3ya.example'],
    ['localhost', 'localhost'],
    ['10.0.0.7', '10.0.0.7'],
    ['[0:0::1]', '[::1]'],
  ])('%s is %s', (text, expected) => {
    expect(hostPattern(text)).toBe(expected);
  });

  test.each([
    '',
    ' ',
    '*',
    '*.',
    '.',
    'a.*.example',
    '*harbour.example',
    '*.*.example',
    'https://harbour.example',
    'harbour.example/',
    'harbour.example:443',
    'user@harbour.example',
    'harbour.example?x',
    'harbour.example#x',
    'harbour .example',
    'harbour.example\n',
    'har%62our.example',
    'har\\bour',
    '*.10.0.0.7',
    '*.[::1]',
    '[zz]',
    '999.999.999.999',
  ])('"%s" is none', (text) => {
    expect(hostPattern(text)).toBeUndefined();
  });
});
