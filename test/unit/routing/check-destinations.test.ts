import { describe, expect, test } from 'vitest';
import { Problems } from '../../../src/errors/config-error.ts';
import { checkDestinations } from '../../../src/routing/check-destinations.ts';
import { problemLines } from '../../support/problem-lines.ts';

function check(destinations: (string | undefined)[], names: string[]): readonly string[] {
  const problems = new Problems();
  const routes = destinations.map((destination) => (destination === undefined ? {} : { destination }));
  checkDestinations('xs-app.json/routes', routes, { names }, true, problems);
  return problemLines(problems);
}

describe('a destination that a route names must be there (xs-app.md 1.2)', () => {
  test('a misspelt one is told with the name that was probably meant', () => {
    expect(check(['almanac', 'harbormaster'], ['almanac', 'harbourmaster'])).toEqual([
      'xs-app.json/routes/1/destination: there is no destination "harbormaster"; did you mean "harbourmaster"?',
    ]);
  });

  test('one that resembles nothing is told with the places to put it', () => {
    expect(check(['x'], ['almanac'])).toEqual([
      'xs-app.json/routes/0/destination: there is no destination "x"; ' +
        'add it to the variable "destinations" or to destinations.json',
    ]);
  });

  test('every missing one is told', () => {
    expect(check(['x', 'y'], [])).toHaveLength(2);
  });

  test('one of a kind that nothing here can use is told with what is in the way', () => {
    const problems = new Problems();
    const setAside = new Map([['erp', { why: 'OnPremise needs a Cloud Connector' }]]);
    const known = { names: ['almanac'], claimed: new Set(['erp']), setAside, elsewhere: true };
    checkDestinations('xs-app.json/routes', [{ destination: 'erp' }], known, true, problems);
    expect(problemLines(problems)).toEqual([
      'xs-app.json/routes/0/destination: "erp" cannot be used: OnPremise needs a Cloud Connector',
    ]);
  });

  test('names made of the request can only be looked up then; static files and the user API have none', () => {
    expect(check(['$1', 'tug-$2', '*', undefined], [])).toEqual([]);
  });

  test('a name is known exactly: case counts, and no property of an object is a destination', () => {
    expect(check(['Almanac', 'constructor', '__proto__'], ['almanac'])).toHaveLength(3);
  });
});
