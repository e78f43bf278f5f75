import { describe, expect, test } from 'vitest';
import { Problems, tellProblem } from '../../../src/errors/config-error.ts';
import { logoutCalls } from '../../../src/routing/logout-calls.ts';
import { problemLines } from '../../support/problem-lines.ts';

const known = { names: ['almanac', 'harbourmaster'] };

describe('destinations to call at logout (xs-app.md section 2, 6.7)', () => {
  test('POST unless said otherwise; without a path nobody is called', () => {
    const problems = new Problems();
    const entries = {
      almanac: { logoutPath: '/bye' },
      harbourmaster: {},
    };
    expect(logoutCalls(entries, known, problems)).toEqual([{ name: 'almanac', path: '/bye', method: 'POST' }]);
    expect(logoutCalls({ almanac: { logoutPath: 'x', logoutMethod: 'GET' } }, known, problems)).toMatchObject([
      { method: 'GET' },
    ]);
    expect(problemLines(problems)).toEqual([]);
  });

  test('one that only the bound Destination service can know is looked up at logout', () => {
    const problems = new Problems();
    const calls = logoutCalls({ pier: { logoutPath: '/bye' } }, { ...known, elsewhere: true }, problems);
    expect(calls).toMatchObject([{ name: 'pier' }]);
    expect(problemLines(problems)).toEqual([]);
  });

  test('one that is not there is not called; a warning says so, with the one that was probably meant', () => {
    const problems = new Problems();
    expect(logoutCalls({ almanach: { logoutPath: '/bye' }, constructor: {} } as never, known, problems)).toEqual([]);
    expect(problemLines(problems)).toEqual([]);
    expect(problems.warnings.map(tellProblem)).toEqual([
      'xs-app.json/destinations/almanach: there is no such destination, so that none is called at logout; did you mean "almanac"?',
      'xs-app.json/destinations/constructor: there is no such destination, so that none is called at logout',
    ]);
  });
});
