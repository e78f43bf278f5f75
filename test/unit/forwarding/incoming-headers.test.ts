import { describe, expect, test } from 'vitest';
import { type IncomingRules, incomingHeaders } from '../../../src/forwarding/incoming-headers.ts';
import { flat, namesOf, valuesOf } from '../../support/flat-headers.ts';

type Pairs = readonly (readonly [string, string])[];

const got = (pairs: Pairs, told: Partial<IncomingRules> = {}) =>
  incomingHeaders(flat(pairs), {
    isOwnCookie: (name) => name === 'JSESSIONID',
    path: '/',
    passSessionCookies: false,
    ours: new Set(),
    ...told,
  });

describe('an answer passes as it is (xs-app.md 8.2)', () => {
  const ordinary: Pairs = [
    ['Content-Type', 'application/json'],
    ['Content-Length', '12'],
    ['Content-Encoding', 'gzip'],
    ['ETag', 'W/"1"'],
    ['Last-Modified', 'Sat, 21 Nov 2026 11:00:00 GMT'],
    ['Location', 'http://hm.internal:8080/elsewhere'],
    ['Server', 'nginx'],
    ['X-Powered-By', 'Express'],
    ['Vary', 'Accept'],
    ['Vary', 'Cookie'],
    ['WWW-Authenticate', 'Bearer realm=""'],
    ['X-Frame-Options', 'DENY'],
  ];

  test('name, case, value, order and number', () => {
    expect(got(ordinary)).toEqual({ headers: flat(ordinary), keep: [], ended: [] });
  });
});

describe('hop-by-hop headers of the upstream stay here (RFC 9110 7.6.1, 13.1 #2)', () => {
  test.each([
    'Connection',
    'Keep-Alive',
    'Public',
    'Proxy-Authenticate',
    'Proxy-Connection',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
  ])('%s', (name) => {
    expect(got([[name, name === 'Transfer-Encoding' ? 'Chunked' : 'x']]).headers).toEqual([]);
  });

  test('and what Connection names', () => {
    const { headers } = got([
      ['X-One', '1'],
      ['Connection', 'close, x-one'],
      ['X-Two', '2'],
    ]);
    expect(namesOf(headers)).toEqual(['x-two']);
  });

  test('on any of its lines (RFC 9110 5.3)', () => {
    const { headers } = got([
      ['Connection', 'keep-alive'],
      ['Connection', 'x-one'],
      ['X-One', '1'],
    ]);
    expect(headers).toEqual([]);
  });
});

describe('Set-Cookie (xs-app.md 8.2)', () => {
  test('lasting cookies go to the client unchanged, session cookies are kept', () => {
    const lasting = 'theme=dark; Max-Age=3600; Path=/; Secure; SameSite=None';
    const { headers, keep } = got([
      ['Set-Cookie', lasting],
      ['set-cookie', 'sid=1; Path=/app; HttpOnly'],
    ]);
    expect(valuesOf(headers, 'set-cookie')).toEqual([lasting]);
    expect(keep).toEqual([{ name: 'sid', value: '1', path: '/app', secure: false }]);
  });

  test('one that the backend takes back is told, so that it is not sent again', () => {
    const { headers, ended } = got([['Set-Cookie', 'sid=; Path=/app; Max-Age=0']]);
    expect(valuesOf(headers, 'set-cookie')).toEqual(['sid=; Path=/app; Max-Age=0']);
    expect(ended).toMatchObject([{ name: 'sid', path: '/app' }]);
  });

  test('one named like ours that is taken back is nothing to keep', () => {
    const { keep, ended } = got([['Set-Cookie', 'JSESSIONID=; Path=/; Max-Age=0']]);
    expect(keep).toEqual([]);
    expect(ended).toMatchObject([{ name: 'JSESSIONID', path: '/' }]);
  });

  const [kept, lasting, gone] = ['sid=1; Path=/', 'sid=2; Path=/; Max-Age=9', 'sid=; Path=/; Max-Age=0'];
  test.each<[what: string, lines: readonly string[], keep: readonly string[], ended: number]>([
    ['taken back, then set', [gone, kept], ['1'], 0],
    ['set, then taken back', [kept, gone], [], 1],
    ['made a lasting one', [kept, lasting], [], 1],
    ['no lasting one any more', [lasting, kept], ['1'], 0],
    ['set twice', [kept, 'sid=3; Path=/'], ['3'], 0],
    ['of two paths', [kept, 'sid=; Path=/x; Max-Age=0'], ['1'], 1],
  ])('the last word of an answer counts: %s', (_, lines, values, count) => {
    const { keep, ended } = got(lines.map((line) => ['Set-Cookie', line] as const));
    expect(keep.map(({ value }) => value)).toEqual(values);
    expect(ended).toHaveLength(count);
  });

  test('setBackendSessionCookies: to the client unchanged, nothing kept', () => {
    const { headers, keep } = got([['Set-Cookie', 'sid=1; HttpOnly']], { passSessionCookies: true });
    expect(valuesOf(headers, 'set-cookie')).toEqual(['sid=1; HttpOnly']);
    expect(keep).toEqual([]);
  });

  test.each([
    ['a session cookie', 'JSESSIONID=evil; Path=/', false],
    ['a lasting one', 'JSESSIONID=evil; Path=/; Max-Age=3600', false],
    ['one that deletes', 'JSESSIONID=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT', false],
    ['a session cookie, where session cookies go to the client', 'JSESSIONID=evil; Path=/', true],
    ['a lasting one, where session cookies go to the client', 'JSESSIONID=evil; Max-Age=3600', true],
  ])('one named like ours never reaches the browser: %s', (_, cookie, passSessionCookies) => {
    expect(valuesOf(got([['Set-Cookie', cookie]], { passSessionCookies }).headers, 'set-cookie')).toEqual([]);
  });
});

test('what is ours in this answer is not the upstream’s to say', () => {
  const pairs: Pairs = [['X-CSRF-Token', 'theirs']];
  expect(got(pairs, { ours: new Set(['x-csrf-token']) }).headers).toEqual([]);
  expect(got(pairs).headers).toEqual(['X-CSRF-Token', 'theirs']);
});
