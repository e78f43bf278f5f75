import { expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { ownCallTimeouts } from '../../../src/config/own-call-timeouts.ts';

const timeouts = (file: object, variable = {}) =>
  ownCallTimeouts({
    xsApp: { outgoingRequestOptions: file },
    settings: { outgoingRequestOptions: variable },
  } as Config);

test('limits of own calls have their defaults (xs-app.md section 2)', () => {
  expect(timeouts({})).toEqual({ xsuaa: 10_000, identity: 30_000, destination: 30_000 });
});

test('the variable wins over the file, service by service', () => {
  expect(timeouts({ xsuaa: { timeout: 1 }, identity: { timeout: 2 } }, { identity: { timeout: 3 } })).toEqual({
    xsuaa: 1,
    identity: 3,
    destination: 30_000,
  });
});

test('no limit is five minutes', () => {
  expect(timeouts({ xsuaa: { timeout: 0 } }).xsuaa).toBe(300_000);
});

test.each([
  [2_500.5, 2_501],
  [0.2, 1],
  [3e9, 2_147_483_647],
  [1e300, 2_147_483_647],
])('%d milliseconds are as many as a timer takes', (written, counts) => {
  const { xsuaa } = timeouts({ xsuaa: { timeout: written } });
  expect(xsuaa).toBe(counts);
  expect(() => AbortSignal.timeout(xsuaa)).not.toThrow();
});
