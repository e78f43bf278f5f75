import { describe, expect, test } from 'vitest';
import { statisticsHeaders, wantsStatistics } from '../../../src/forwarding/statistics.ts';

describe('whether a request asks for timings (xs-app.md 8.9)', () => {
  test.each([
    ['/x?sap-statistics=true', {}, true],
    ['/x?a=1&sap-statistics=true&b=2', {}, true],
    ['/x', { 'sap-statistics': 'true' }, true],
    ['/x', {}, false],
    ['/x?sap-statistics=false', {}, false],
    ['/x?sap-statistics=trueish', {}, false],
    ['/x?xsap-statistics=true', {}, false],
    ['/sap-statistics=true', {}, false],
    ['/x', { 'sap-statistics': 'false' }, false],
  ])('%s %j: %s', (url, headers, wanted) => {
    expect(wantsStatistics(url, headers)).toBe(wanted);
  });
});

test('timings in whole milliseconds, in both notations', () => {
  expect(statisticsHeaders(12.6, 10.2)).toEqual([
    'sap-statistics-approuter',
    'total=13,ext=10',
    'server-timing',
    'total;dur=13, upstream;dur=10',
  ]);
});
