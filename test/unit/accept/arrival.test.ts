import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { acceptArrival } from '../../../src/accept/arrival.ts';
import { refusalOf, statusOf } from '../../support/refusal.ts';

interface Told {
  readonly url?: string;
  readonly method?: string;
  readonly headers?: IncomingMessage['headers'];
  readonly encrypted?: boolean;
}

function requestWith({ url = '/quay/7?full=1', method = 'GET', headers, encrypted }: Told): IncomingMessage {
  const socket = { remoteAddress: '203.0.113.9', ...(encrypted === undefined ? {} : { encrypted }) };
  return { url, method, headers: headers ?? { host: 'harbour.example' }, socket } as unknown as IncomingMessage;
}

const fromStranger = (told: Told) => acceptArrival(requestWith(told), () => false);
const fromProxy = (told: Told) => acceptArrival(requestWith(told), () => true);

describe('what is true of every request', () => {
  test('path and query as they came, host, scheme and peer of the connection', () => {
    expect(fromStranger({ url: '/a%2Fb//c?x=1?y', method: 'MERGE' })).toMatchObject({
      method: 'MERGE',
      url: '/a%2Fb//c?x=1?y',
      path: '/a%2Fb//c',
      host: 'harbour.example',
      scheme: 'http',
      peer: '203.0.113.9',
      trusted: false,
    });
  });

  test.each([
    ['/', '/'],
    ['/?', '/'],
    ['/a?b?c', '/a'],
    ['?x', ''],
  ])('the path of %s is %j', (url, path) => {
    expect(fromStranger({ url }).path).toBe(path);
  });

  test('an encrypted connection is https', () => {
    expect(fromStranger({ encrypted: true }).scheme).toBe('https');
  });

  test('each gets an id of its own', () => {
    const ids = new Set(Array.from({ length: 100 }, () => fromStranger({}).id));
    expect(ids.size).toBe(100);
  });
});

describe('forwarding headers count only from trusted peers (T-11)', () => {
  const headers = {
    host: 'inside.internal:8080',
    'x-forwarded-host': 'harbour.example',
    'x-forwarded-proto': 'https',
    'x-request-id': 'request-from-the-router',
    'x-forwarded-path': '/elsewhere',
    'x-forwarded-prefix': '/elsewhere',
    'x-forwarded-uri': '/elsewhere',
    'x-original-url': '/elsewhere',
    'x-rewrite-url': '/elsewhere',
    'x-forwarded-port': '444',
    'x-http-method-override': 'DELETE',
    forwarded: 'host=evil.example;proto=https',
  };

  test('from a stranger: none of them has an effect', () => {
    const arrival = fromStranger({ headers });
    expect(arrival).toMatchObject({
      host: 'inside.internal:8080',
      scheme: 'http',
      method: 'GET',
      url: '/quay/7?full=1',
      path: '/quay/7',
      trusted: false,
    });
    expect(arrival.id).not.toBe('request-from-the-router');
  });

  test('from a trusted peer: host, scheme and request id, and nothing that changes method or path (T-08)', () => {
    expect(fromProxy({ headers })).toMatchObject({
      id: 'request-from-the-router',
      host: 'harbour.example',
      scheme: 'https',
      method: 'GET',
      url: '/quay/7?full=1',
      path: '/quay/7',
      trusted: true,
    });
  });

  test.each([
    ['the first of a chain counts', { 'x-forwarded-host': 'a.example, b.example' }, { host: 'a.example' }],
    ['the first scheme of a chain counts', { 'x-forwarded-proto': 'https,http' }, { scheme: 'https' }],
    ['http behind an encrypted hop stays http', { 'x-forwarded-proto': 'http' }, { scheme: 'http' }],
    ['a scheme is a scheme in any case (RFC 3986 3.1)', { 'x-forwarded-proto': 'HTTPS' }, { scheme: 'https' }],
    ['wss is https (RFC 6455 3)', { 'x-forwarded-proto': 'wss' }, { scheme: 'https' }],
    ['ws is http', { 'x-forwarded-proto': 'ws' }, { scheme: 'http' }],
    ['an empty one is as none', { 'x-forwarded-host': '', 'x-forwarded-proto': '' }, { host: 'inside.internal' }],
  ])('%s', (_, forwarded, expected) => {
    expect(fromProxy({ headers: { host: 'inside.internal', ...forwarded } })).toMatchObject(expected);
  });

  test.each([
    'short',
    'x'.repeat(129),
    'a b c d e f',
    'id\nInjected: 1',
    '<script>alert(1)</script>',
    'sch\u00f6n-und-gut',
  ])('a proposed request id that is no plain word is replaced: %j', (id) => {
    expect(fromProxy({ headers: { host: 'a', 'x-request-id': id } }).id).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('a host that is no host is refused, whoever names it (xs-app.md 13.1 #1, T-71)', () => {
  const bad = [
    '',
    'a b',
    'evil.example/path',
    'user@evil.example',
    'evil.example#',
    'evil.example?x',
    'evil.example\\x',
    'evil.example:port',
    'evil.example:',
    'evil.example:443:443',
    'evil.example:99999',
    'evil.example, other.example',
    'evil%2eexample',
    '<script>',
    '"quoted"',
    "o'hara",
    'evil\texample',
    'härbour.example',
    '[::1',
    '::1',
    '[::1]x',
    '[:::::]',
    '[1:2]',
    '1.2.3.4.5',
    '256.256.256.256',
    `${'a'.repeat(254)}`,
  ];

  test.each(bad)('Host: %j', (host) => {
    expect(statusOf(() => fromStranger({ headers: { host } }))).toBe(400);
  });

  test.each(bad.filter((host) => host !== '' && host !== 'evil.example, other.example'))(
    'X-Forwarded-Host of a trusted peer: %j',
    (host) => {
      expect(statusOf(() => fromProxy({ headers: { host: 'a', 'x-forwarded-host': host } }))).toBe(400);
    },
  );

  test('no Host at all', () => {
    expect(statusOf(() => fromStranger({ headers: {} }))).toBe(400);
  });

  test('the refusal does not repeat it', () => {
    expect(refusalOf(() => fromStranger({ headers: { host: '<evil>' } })).detail).toBe('the Host header names no host');
  });

  test.each([
    'harbour.example',
    'HARBOUR.example:443',
    'localhost:5000',
    '127.0.0.1',
    '127.0.0.1:65535',
    '[::1]:5000',
    '[2001:db8::1]',
    '[::ffff:127.0.0.1]',
    'app_1.apps.internal',
    'xn--hrbour-bua.example',
    'harbour.example.',
    'a',
  ])('%s passes as it is, and can be made a URL of', (host) => {
    const arrival = fromStranger({ headers: { host } });
    expect(arrival.host).toBe(host);
    expect(URL.canParse(`${arrival.scheme}://${arrival.host}/login/callback`)).toBe(true);
  });
});
