import { describe, expect, test } from 'vitest';
import { allows } from '../../../src/authorization/allows.ts';
import { compileScopes } from '../../../src/routing/scope-rule.ts';

const xsappname = 'harbour!t7';

describe('scope of a route (xs-app.md 3.8)', () => {
  test('none: any logged-in user', () => {
    expect(allows(compileScopes(undefined, xsappname), 'DELETE', [])).toBe(true);
  });

  test.each([
    ['a text', '$XSAPPNAME.Pilot', ['harbour!t7.Pilot'], true],
    ['the full name is the same', 'harbour!t7.Pilot', ['harbour!t7.Pilot'], true],
    ['lacking', '$XSAPPNAME.Pilot', ['harbour!t7.Clerk'], false],
    ['of another application', '$XSAPPNAME.Pilot', ['canal!t7.Pilot'], false],
    ['a prefix of it', '$XSAPPNAME.Pilot', ['harbour!t7.Pil', 'harbour!t7.PilotX', 'Pilot'], false],
    ['case counts', '$XSAPPNAME.Pilot', ['harbour!t7.pilot'], false],
    ['the placeholder in another case is no placeholder', '$xsappname.Pilot', ['harbour!t7.Pilot'], false],
    ['an array: one is enough', ['$XSAPPNAME.Clerk', '$XSAPPNAME.Pilot'], ['harbour!t7.Pilot'], true],
    ['an array: none of them', ['$XSAPPNAME.Clerk', '$XSAPPNAME.Pilot'], ['openid'], false],
    ['no scopes at all', '$XSAPPNAME.Pilot', [], false],
  ])('%s', (_, scope, has, passes) => {
    expect(allows(compileScopes(scope, xsappname), 'GET', has)).toBe(passes);
  });

  const byMethod = compileScopes(
    { GET: '$XSAPPNAME.Clerk', POST: ['$XSAPPNAME.Loader', '$XSAPPNAME.Foreman'], default: '$XSAPPNAME.Foreman' },
    xsappname,
  );

  test.each([
    ['GET', 'Clerk', true],
    ['GET', 'Foreman', false],
    ['POST', 'Loader', true],
    ['POST', 'Foreman', true],
    ['POST', 'Clerk', false],
    ['HEAD', 'Clerk', false],
    ['HEAD', 'Foreman', true],
    ['MERGE', 'Foreman', true],
    ['default', 'Foreman', true],
    ['default', 'Clerk', false],
    ['get', 'Clerk', false],
  ])('by method: %s with %s: %s (T-08)', (method, scope, passes) => {
    expect(allows(byMethod, method, [`harbour!t7.${scope}`])).toBe(passes);
  });

  test.each(['HEAD', 'OPTIONS', 'DELETE', 'TRACE', 'constructor', '__proto__', 'toString'])(
    'a method without an entry is refused where there is no default: %s (T-08)',
    (method) => {
      expect(allows(compileScopes({ GET: 'a' }, xsappname), method, ['a', 'b'])).toBe(false);
    },
  );

  test('without a binding the placeholder stays text, so that nobody passes by accident', () => {
    expect(allows(compileScopes('$XSAPPNAME.Pilot', undefined), 'GET', ['.Pilot', 'undefined.Pilot', 'Pilot'])).toBe(
      false,
    );
  });

  test('compiled rules cannot be changed', () => {
    expect(Object.isFrozen(byMethod)).toBe(true);
  });
});
