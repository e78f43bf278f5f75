import { describe, expect, test } from 'vitest';
import { type CorsEntry, createCors } from '../../../src/accept/cors.ts';
import { arrivalOf } from '../../support/arrival-of.ts';
import { refusalOf, statusOf } from '../../support/refusal.ts';

const entry: CorsEntry = { uriPattern: '^/api/', allowedOrigin: [{ host: 'app.example', protocol: 'https' }] };
const origin = 'https://app.example';

const preflight = (asked: string) => ({
  arrival: arrivalOf({ url: '/api/x', method: 'OPTIONS' }),
  headers: { origin, 'access-control-request-method': asked },
});

describe('ordinary treatment (xs-app.md 8.4)', () => {
  test.each([
    ['no rule for the path', '/other', { origin }],
    ['no rule for the path, though the query looks like it', '/other?/api/', { origin }],
  ])('%s', (_, url, headers) => {
    expect(createCors([entry])(arrivalOf({ url }), headers)).toEqual({ kind: 'none' });
  });

  test.each([
    ['no origin', {}],
    ['our own origin', { origin: 'https://harbour.example' }],
  ])('%s where a rule is: another origin would be answered otherwise, and caches are told', (_, headers) => {
    const verdict = createCors([entry])(arrivalOf({ url: '/api/x' }), headers);
    expect(verdict).toEqual({ kind: 'varies', headers: { Vary: 'Origin' } });
  });

  test('no rule for the host', () => {
    const cors = createCors([{ ...entry, hostPattern: '^other\\.example$' }]);
    expect(cors(arrivalOf({ url: '/api/x' }), { origin })).toEqual({ kind: 'none' });
  });

  test('no rules at all', () => {
    expect(createCors([])(arrivalOf(), { origin: 'https://evil.example' })).toEqual({ kind: 'none' });
  });
});

describe('an allowed request is marked, credentials included unless switched off', () => {
  const actual = (more: Partial<CorsEntry> = {}) =>
    createCors([{ ...entry, ...more }])(arrivalOf({ url: '/api/x' }), { origin });

  test('with the origin itself, never *', () => {
    expect(actual()).toEqual({
      kind: 'allowed',
      headers: {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Credentials': 'true',
        Vary: 'Origin',
      },
    });
  });

  test('with what scripts may read', () => {
    expect(actual({ exposeHeaders: ['x-total', 'etag'], allowedCredentials: false })).toEqual({
      kind: 'allowed',
      headers: {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Expose-Headers': 'x-total, etag',
        Vary: 'Origin',
      },
    });
  });

  test('an OPTIONS that asks for no method is a request, not a preflight', () => {
    const verdict = createCors([entry])(arrivalOf({ url: '/api/x', method: 'OPTIONS' }), { origin });
    expect(verdict.kind).toBe('allowed');
  });
});

describe('an allowed preflight is answered by the router alone', () => {
  test('with the defaults', () => {
    const { arrival, headers } = preflight('POST');
    expect(createCors([entry])(arrival, headers)).toEqual({
      kind: 'preflight',
      headers: {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Credentials': 'true',
        'Access-Control-Max-Age': '1800',
        'Access-Control-Allow-Methods': 'GET, POST, HEAD, OPTIONS',
        'Access-Control-Allow-Headers':
          'Origin, Accept, X-Requested-With, Content-Type, Access-Control-Request-Method, Access-Control-Request-Headers',
        Vary: 'Origin',
      },
    });
  });

  test('with what the rule says; a negative age leaves the header out', () => {
    const cors = createCors([
      {
        ...entry,
        allowedMethods: ['DELETE'],
        allowedHeaders: ['x-one', 'x-two'],
        maxAge: -1,
        allowedCredentials: false,
      },
    ]);
    const { arrival, headers } = preflight('DELETE');
    expect(cors(arrival, headers)).toEqual({
      kind: 'preflight',
      headers: {
        'Access-Control-Allow-Origin': origin,
        'Access-Control-Allow-Methods': 'DELETE',
        'Access-Control-Allow-Headers': 'x-one, x-two',
        Vary: 'Origin',
      },
    });
  });

  test('an age of 0 is said: it switches the cache off', () => {
    const { arrival, headers } = preflight('GET');
    expect(createCors([{ ...entry, maxAge: '0' }])(arrival, headers)).toMatchObject({
      headers: { 'Access-Control-Max-Age': '0' },
    });
  });
});

describe('everybody else is refused with 403 and no CORS header', () => {
  test.each([
    ['another origin', 'https://evil.example'],
    ['the right host by the wrong protocol', 'http://app.example'],
    ['a host that ends alike', 'https://evilapp.example'],
    ['null', 'null'],
    ['something that is no origin', 'app.example'],
  ])('%s', (_, from) => {
    const refusal = refusalOf(() => createCors([entry])(arrivalOf({ url: '/api/x' }), { origin: from }));
    expect(refusal.status).toBe(403);
    expect(Object.keys(refusal.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test.each(['DELETE', 'get', 'GETX', ''])('a preflight for the method %j', (asked) => {
    const { arrival, headers } = preflight(asked);
    expect(statusOf(() => createCors([entry])(arrival, headers))).toBe(403);
  });

  test('a request with a method that is not allowed', () => {
    expect(statusOf(() => createCors([entry])(arrivalOf({ url: '/api/x', method: 'DELETE' }), { origin }))).toBe(403);
  });
});

test('the first rule whose path and host match decides alone', () => {
  const cors = createCors([
    { uriPattern: '^/api/open', allowedOrigin: [{ host: 'first.example' }] },
    { uriPattern: '^/api/', allowedOrigin: [{ host: 'second.example' }] },
  ]);
  const from = (url: string, host: string) => () => cors(arrivalOf({ url }), { origin: `https://${host}` });
  expect(statusOf(from('/api/open', 'first.example'))).toBeUndefined();
  expect(statusOf(from('/api/open', 'second.example'))).toBe(403);
  expect(statusOf(from('/api/shut', 'second.example'))).toBeUndefined();
});
