import { expect, test } from 'vitest';
import { grantedScopes } from '../../../src/login/granted-scopes.ts';

const byClaim = { groups: { crew: ['View', 'Sail'], 'Port Masters': ['Admin'] }, department: { docks: ['Load'] } };

test.each<[string, object, readonly string[]]>([
  ['groups', { groups: ['crew', 'others'] }, ['View', 'Sail']],
  ['several', { groups: ['crew', 'Port Masters'], department: 'docks' }, ['View', 'Sail', 'Admin', 'Load']],
  ['a single one, as text', { groups: 'Port Masters' }, ['Admin']],
  ['none', {}, []],
  ['words of a text are no groups', { groups: 'crew others' }, []],
  ['another case', { groups: ['Crew'] }, []],
  ['what is no text', { groups: [7, null, { crew: true }, ['crew']] }, []],
  ['names that every object has', { groups: ['constructor', 'toString', '__proto__'] }, []],
  ['a claim that nothing is said of', { teams: ['crew'] }, []],
])('%s', (_, claims, scopes) => {
  expect(grantedScopes(byClaim, claims as never)).toEqual(scopes);
});

test('a claim that every object has is none', () => {
  expect(grantedScopes({ constructor: { Object: ['Admin'] } }, {})).toEqual([]);
  expect(grantedScopes(undefined, { groups: ['crew'] })).toEqual([]);
});
