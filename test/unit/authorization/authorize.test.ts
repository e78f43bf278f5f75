import { describe, expect, test } from 'vitest';
import { authorize, type Caller } from '../../../src/authorization/authorize.ts';
import { anonymous } from '../../../src/authorization/principal.ts';
import type { RouteEntry } from '../../../src/config/xs-app/route-schema.ts';
import { userOf } from '../../../src/login/user-of.ts';
import type { Match } from '../../../src/routing/route.ts';
import { sameSecret } from '../../../src/session/same-secret.ts';
import { compiledRoute } from '../../support/compiled-routes.ts';

const pilot = userOf('xsuaa', 'token', { sub: 'ada' }, ['harbour!t7.Pilot']);
const clerk = userOf('xsuaa', 'token', { sub: 'bob' }, ['harbour!t7.Clerk']);
const elsewhere = userOf('partner', 'token', { sub: 'eve' }, ['harbour!t7.Pilot']);

function matchOf(entry: Partial<RouteEntry>): Match {
  const route = compiledRoute({ source: '^/(.*)$', destination: 'b', ...entry });
  return { route, groups: route.source.exec('/x') as RegExpExecArray };
}

function callerOf(told: Partial<Caller> = {}): Caller {
  return {
    principal: anonymous,
    method: 'GET',
    presentedCsrfToken: undefined,
    csrfToken: undefined,
    csrfExempt: false,
    ...told,
  };
}

function verdict(entry: Partial<RouteEntry>, caller: Partial<Caller>): string {
  const result = authorize(matchOf(entry), callerOf(caller));
  return result.kind === 'refused' ? result.reason : result.kind;
}

describe('login first, then scope, then CSRF (xs-app.md 6.1)', () => {
  const guarded = { scope: '$XSAPPNAME.Pilot' };
  const token = { presentedCsrfToken: 'abc', csrfToken: 'abc' };

  test.each<[string, Partial<RouteEntry>, Partial<Caller>, string]>([
    ['public: anybody', { authenticationType: 'none' }, {}, 'admitted'],
    [
      'public: anybody, with any method and no CSRF token',
      { authenticationType: 'none' },
      { method: 'POST' },
      'admitted',
    ],
    ['public: scopes do not count', { authenticationType: 'none', ...guarded }, {}, 'admitted'],
    ['protected: nobody', {}, {}, 'needs-login'],
    ['an anonymous POST needs a login; it is not a CSRF refusal', {}, { method: 'POST' }, 'needs-login'],
    ['an anonymous POST with somebody’s token', {}, { method: 'POST', ...token }, 'needs-login'],
    ['anonymous where a scope is asked for', guarded, {}, 'needs-login'],
    ['logged in', {}, { principal: clerk }, 'admitted'],
    ['logged in at another provider: one session has one', {}, { principal: elsewhere }, 'needs-login'],
    ['the right scope from the wrong provider', guarded, { principal: elsewhere }, 'needs-login'],
    ['scope missing', guarded, { principal: clerk }, 'scope'],
    ['scope and CSRF token missing: the scope is told', guarded, { principal: clerk, method: 'POST' }, 'scope'],
    ['scope there, CSRF token missing', guarded, { principal: pilot, method: 'POST' }, 'csrf'],
    ['all there', guarded, { principal: pilot, method: 'POST', ...token }, 'admitted'],
  ])('%s', (_, entry, caller, expected) => {
    expect(verdict(entry, caller)).toBe(expected);
  });
});

describe('CSRF (xs-app.md section 7)', () => {
  test.each([
    ['GET', 'admitted'],
    ['HEAD', 'admitted'],
    ['POST', 'csrf'],
    ['PUT', 'csrf'],
    ['PATCH', 'csrf'],
    ['DELETE', 'csrf'],
    ['OPTIONS', 'csrf'],
    ['TRACE', 'csrf'],
    ['MERGE', 'csrf'],
    ['get', 'csrf'],
  ])('%s without a token: %s', (method, expected) => {
    expect(verdict({}, { principal: clerk, method })).toBe(expected);
    expect(verdict({ csrfProtection: false }, { principal: clerk, method })).toBe('admitted');
  });

  test.each([
    ['the right one', 'abc', 'abc', true],
    ['a wrong one', 'abd', 'abc', false],
    ['a prefix', 'ab', 'abc', false],
    ['more than it', 'abcd', 'abc', false],
    ['another case', 'ABC', 'abc', false],
    ['none', undefined, 'abc', false],
    ['an empty one', '', 'abc', false],
    ['one while the session has none', 'abc', undefined, false],
    ['none while the session has none', undefined, undefined, false],
    ['the word fetch', 'fetch', 'abc', false],
    ['the same length in bytes only', 'äb', 'abc', false],
  ])('%s', (_, presented, expected, same) => {
    expect(sameSecret(presented, expected)).toBe(same);
    const caller = { principal: clerk, method: 'POST', presentedCsrfToken: presented, csrfToken: expected };
    expect(verdict({}, caller)).toBe(same ? 'admitted' : 'csrf');
  });
});

describe('a machine that shows a token of its own is exempt from CSRF, and from nothing else (section 9)', () => {
  const machine = { csrfExempt: true, method: 'POST' };

  test.each<[string, Partial<RouteEntry>, Partial<Caller>, string]>([
    ['with the scope', { scope: '$XSAPPNAME.Pilot' }, { principal: pilot }, 'admitted'],
    ['without it', { scope: '$XSAPPNAME.Pilot' }, { principal: clerk }, 'scope'],
    ['of another provider', {}, { principal: elsewhere }, 'needs-login'],
    ['of nobody', {}, { principal: anonymous }, 'needs-login'],
  ])('%s', (_, entry, caller, expected) => {
    expect(verdict(entry, { ...machine, ...caller })).toBe(expected);
  });
});

describe('what the verdict carries', () => {
  test('an admission: route, groups and who it is', () => {
    const match = matchOf({});
    expect(authorize(match, callerOf({ principal: pilot }))).toEqual({ kind: 'admitted', ...match, principal: pilot });
  });

  test('a public route still knows who asks: token forwarding works there (3.9)', () => {
    expect(authorize(matchOf({ authenticationType: 'none' }), callerOf({ principal: pilot }))).toMatchObject({
      principal: pilot,
    });
  });

  test('a missing login: where to log in', () => {
    expect(authorize(matchOf({ identityProvider: 'corporate' }), callerOf())).toEqual({
      kind: 'needs-login',
      provider: 'xsuaa',
      accepts: ['xsuaa'],
      by: 'redirect',
      identityProvider: 'corporate',
    });
    expect(authorize(matchOf({ authenticationType: 'basic' }), callerOf())).toMatchObject({ by: 'basic' });
  });
});
