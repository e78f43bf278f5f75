import { describe, expect, test } from 'vitest';
import { hopByHopTest } from '../../../src/forwarding/hop-by-hop.ts';

const list = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'public',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

describe('headers of one connection (RFC 9110 7.6.1, xs-app.md 13.1 #2)', () => {
  test.each(list)('%s, whatever Connection says', (name) => {
    for (const connection of [undefined, '', 'close', 'keep-alive', 'x-one', 'Upgrade'])
      expect(hopByHopTest(connection)(name)).toBe(true);
  });

  test.each([
    ['x-one', 'x-one', true],
    ['close, X-One', 'x-one', true],
    ['close,x-one,x-two', 'x-two', true],
    [' x-one ', 'x-one', true],
    ['x-onetwo', 'x-one', false],
    ['x-one', 'x-onetwo', false],
    [',,', '', true],
    ['keep-alive', 'accept', false],
    ['keep-alive, Upgrade', 'accept', false],
    [undefined, 'accept', false],
    [undefined, 'constructor', false],
  ])('Connection: %s takes %s along: %s', (connection, name, taken) => {
    expect(hopByHopTest(connection)(name)).toBe(taken);
  });

  test('the short ways for usual values forget nothing', () => {
    for (const usual of ['keep-alive', 'close', 'Keep-Alive', 'Close', 'Upgrade', 'upgrade', 'keep-alive, Upgrade'])
      for (const name of usual
        .toLowerCase()
        .split(', ')
        .filter((token) => token !== 'close'))
        expect.soft(hopByHopTest(usual)(name), usual).toBe(true);
  });
});
