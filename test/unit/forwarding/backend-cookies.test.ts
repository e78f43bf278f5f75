import { describe, expect, test } from 'vitest';
import { boundJars, cookieHeader, fateOf, keepCookies } from '../../../src/forwarding/backend-cookies.ts';
import type { KeptCookie } from '../../../src/session/session-data.ts';

const isOwn = (name: string) => name === 'JSESSIONID' || name.startsWith('portunus.');
const kept = (name: string, value = '1', path = '/', secure = false): KeptCookie => ({ name, value, path, secure });

describe('what becomes of a backend’s cookie (xs-app.md 8.2)', () => {
  test.each([
    ['theme=dark; Max-Age=3600', 'to-client'],
    ['theme=dark; max-age=3600; path=/', 'to-client'],
    ['theme=dark;Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'to-client'],
    ['theme=; Max-Age=0', 'to-client'],
    ['theme=dark; Max-Age = 3600', 'to-client'],
    ['sid=1', 'keep'],
    ['sid=1; Path=/; HttpOnly; Secure; SameSite=None', 'keep'],
    ['sid=Max-Age=3600', 'keep'],
    ['sid=1; X-Max-Age=3600', 'keep'],
    ['JSESSIONID=1', 'keep'],
    ['JSESSIONID=1; Max-Age=3600', 'keep'],
    ['portunus.login.x=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'keep'],
    ['JSESSIONIDX=1; Max-Age=3600', 'to-client'],
    ['', 'drop'],
    ['=1', 'drop'],
    ['  =1', 'drop'],
    ['novalue', 'drop'],
    ['; Max-Age=3600', 'drop'],
  ])('%j: %s', (cookie, kind) => {
    expect(fateOf(cookie, isOwn).kind).toBe(kind);
  });

  test.each<[string, KeptCookie]>([
    ['sid=1', kept('sid')],
    ['sid=a=b; Path=/app', kept('sid', 'a=b', '/app')],
    ['sid = 1 ; path = /app', kept('sid', '1', '/app')], // RFC 6265 5.2: blanks around names and values do not count
    ['sid="1"; Path=', kept('sid', '"1"')],
    ['sid=1; Path=app', kept('sid')],
    ['sid=1; Secure', kept('sid', '1', '/', true)],
    ['sid=1; SECURE', kept('sid', '1', '/', true)],
    ['sid=1; Secured=no', kept('sid')],
    ['__proto__=1', kept('__proto__')],
    ['constructor=1; Path=/x', kept('constructor', '1', '/x')],
  ])('%j is kept as %j', (text, cookie) => {
    expect(fateOf(text, isOwn)).toEqual({ kind: 'keep', cookie, ended: false });
  });
});

describe('a cookie that names no path (RFC 6265 5.1.4)', () => {
  test.each([
    ['/', '/'],
    ['/x', '/'],
    ['/x/y', '/x'],
    ['/x/y/', '/x/y'],
    ['/x/y?a=/b/c', '/x'],
    ['//x', '/'],
  ])('answering %s is for %s', (target, path) => {
    for (const line of ['sid=1', 'sid=1; Path', 'sid=1; Path=x'])
      expect(fateOf(line, isOwn, target)).toMatchObject({ cookie: { path } });
    expect(fateOf('sid=1; Path=/z', isOwn, target)).toMatchObject({ cookie: { path: '/z' } });
  });
});

describe('a backend takes a cookie back by an end in the past (RFC 6265 5.3)', () => {
  test.each([
    ['sid=; Max-Age=0', true],
    ['sid=; Max-Age=-1', true],
    ['sid=1; Max-Age=1', false],
    ['sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', true],
    ['sid=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT', false],
    ['sid=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', false],
    ['sid=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT; Max-Age=0', true],
    ['sid=1; Expires=soon', false],
    ['sid=1', false],
    ['JSESSIONID=; Max-Age=0', true],
  ])('%s: %s', (cookie, ended) => {
    expect(fateOf(cookie, isOwn)).toMatchObject({ ended });
  });
});

describe('cookies kept so far, with new ones laid over them (RFC 6265 5.3)', () => {
  test.each<[string, KeptCookie[], KeptCookie[], KeptCookie[]]>([
    ['another name is added', [kept('a')], [kept('b')], [kept('a'), kept('b')]],
    ['same name and path replaces', [kept('a'), kept('b')], [kept('a', '2')], [kept('b'), kept('a', '2')]],
    ['another path is another cookie', [kept('a')], [kept('a', '2', '/x')], [kept('a'), kept('a', '2', '/x')]],
    ['nothing new', [kept('a')], [], [kept('a')]],
    ['set twice in one answer: the last', [], [kept('a'), kept('b'), kept('a', '2')], [kept('b'), kept('a', '2')]],
  ])('%s', (_, before, fresh, after) => {
    expect(keepCookies(before, fresh)).toEqual(after);
  });

  test('one that the backend ended goes, with its name and path, and no other', () => {
    const before = [kept('a'), kept('a', '1', '/x'), kept('b')];
    expect(keepCookies(before, [], [kept('a', '')])).toEqual([kept('a', '1', '/x'), kept('b')]);
    expect(keepCookies(before, [kept('b', '')], [kept('b', '')])).toEqual([kept('a'), kept('a', '1', '/x')]);
  });
});

describe('the Cookie header for an upstream', () => {
  test.each<[string, string | undefined, KeptCookie[], string, boolean, string | undefined]>([
    ['nothing at all', undefined, [], '/', true, undefined],
    ['the client’s as it is', 'a=1; b=2', [], '/', true, 'a=1; b=2'],
    ['kept ones alone', undefined, [kept('sid')], '/x', true, 'sid=1'],
    ['both', 'a=1', [kept('sid')], '/x', true, 'a=1; sid=1'],
    ['a kept one wins over the client’s of its name', 'sid=evil; a=1', [kept('sid')], '/', true, 'a=1; sid=1'],
    ['all of the client’s of that name', 'sid=x; a=1; sid=y', [kept('sid')], '/', true, 'a=1; sid=1'],
    ['longer paths first', undefined, [kept('a', '1', '/'), kept('a', '2', '/x')], '/x/y', true, 'a=2; a=1'],
    ['a path that does not fit', 'b=1', [kept('a', '1', '/x')], '/y', true, 'b=1'],
    ['a path that only begins alike', undefined, [kept('a', '1', '/x')], '/xy', true, undefined],
    ['the path itself', undefined, [kept('a', '1', '/x')], '/x', true, 'a=1'],
    ['below it', undefined, [kept('a', '1', '/x')], '/x/', true, 'a=1'],
    ['a path with a slash at its end', undefined, [kept('a', '1', '/x/')], '/x/y', true, 'a=1'],
    ['above a path with a slash at its end', undefined, [kept('a', '1', '/x/')], '/x', true, undefined],
    ['Secure over http', undefined, [kept('a', '1', '/', true)], '/', false, undefined],
    ['Secure over https', undefined, [kept('a', '1', '/', true)], '/', true, 'a=1'],
    ['a kept one that does not fit leaves the client’s alone', 'a=2', [kept('a', '1', '/x')], '/', true, 'a=2'],
  ])('%s', (_, client, cookies, path, secure, header) => {
    expect(cookieHeader(client, cookies, path, secure)).toBe(header);
  });
});

describe('what a session keeps is bounded (RFC 6265 6.1)', () => {
  const many = (count: number, size = 1) => Array.from({ length: count }, (_, i) => kept(`c${i}`, 'x'.repeat(size)));
  const namesOf = (cookies: readonly KeptCookie[] = []) => cookies.map(({ name }) => name);
  const total = (jars: Record<string, readonly KeptCookie[]>) =>
    Object.values(jars)
      .flat()
      .reduce((sum, { name, value, path }) => sum + name.length + value.length + path.length, 0);

  test('few small cookies are all kept', () => {
    expect(boundJars({ a: many(3) }, 'b', many(50))).toEqual({ b: many(50) });
  });

  test('of more than fifty the latest stay', () => {
    const { b } = boundJars({}, 'b', many(70));
    expect(namesOf(b)).toEqual(namesOf(many(70)).slice(20));
  });

  test('a cookie of more than 4,096 characters is not kept, the others are', () => {
    const { b } = boundJars({}, 'b', [kept('huge', 'x'.repeat(4_092)), kept('fits', 'x'.repeat(4_091)), kept('c')]);
    expect(namesOf(b)).toEqual(['fits', 'c']);
  });

  test('over 64 KiB in all the destination that has most gives its oldest; one with little loses nothing', () => {
    const jars = { greedy: many(20, 3_000), small: many(2) };
    const changed = boundJars(jars, 'new', many(3, 2_500));
    expect(namesOf(changed['greedy'])).toEqual(namesOf(many(20)).slice(1));
    expect(changed['new']).toHaveLength(3);
    expect(Object.keys(changed).sort()).toEqual(['greedy', 'new']);
    expect(total({ ...jars, ...changed })).toBeLessThanOrEqual(65_536);
  });

  test('whoever fills a session alone keeps the latest', () => {
    const { b } = boundJars({}, 'b', many(50, 4_000));
    expect(namesOf(b)).toEqual(namesOf(many(50)).slice(-16));
  });

  test.each(['__proto__', 'constructor'])('a destination may be called %s', (name) => {
    expect(Object.entries(boundJars({}, name, many(1)))).toEqual([[name, many(1)]]);
  });
});
