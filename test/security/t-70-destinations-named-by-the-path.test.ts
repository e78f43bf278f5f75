import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { type Gate, openGate } from './support/open-gate.ts';
import { openWire, statusesOf } from './support/wire.ts';

/**
 * T-70 and T-71. Whoever may name the target of a proxy makes it ask for them: metadata services, neighbors, itself
 * (server-side request forgery, confused deputy).
 *
 * What must hold: a name out of a path finds only destinations that are marked for it, and is a name, not an address;
 * and whatever form the request target has, a request leaves for configured origins only.
 */
let gate: Gate;
let elsewhere: Backend;
beforeAll(async () => {
  elsewhere = await openBackend();
  gate = await openGate(({ origin }) => ({
    xsApp: {
      authenticationMethod: 'none',
      routes: [
        { source: '^/dyn/([^/]+)/(.*)$', target: '/$2', destination: '$1' },
        { source: '^/all/(.+?)/(.*)$', target: '/$2', destination: '$1' },
        { source: '^/(.*)$', target: '/base/$1', destination: 'plain' },
      ],
    },
    env: {
      destinations: [
        { name: 'plain', url: origin },
        { name: 'inner', url: elsewhere.origin, Authentication: 'BasicAuthentication', User: 'u', Password: 'p' },
      ],
    },
    files: {
      'destinations.json': [
        {
          Name: 'marked',
          Type: 'HTTP',
          URL: origin,
          ProxyType: 'Internet',
          Authentication: 'NoAuthentication',
          'HTML5.DynamicDestination': 'true',
        },
        {
          Name: 'unmarked',
          Type: 'HTTP',
          URL: elsewhere.origin,
          ProxyType: 'Internet',
          Authentication: 'NoAuthentication',
        },
      ],
    },
  }));
});
beforeEach(() => {
  gate.backend.forget();
  elsewhere.forget();
});

test('a marked destination is reached by its name', async () => {
  expect((await gate.ask('/dyn/marked/x')).status).toBe(200);
});

test.each([
  'unmarked',
  'MARKED',
  'Marked',
  'marked%20',
  '%20marked',
  'mark%65d',
  'marked%00',
  'marked%2f..%2funmarked',
  '..%2funmarked',
  '%2e%2e',
  'marked@evil.example',
  'marked;unmarked',
  'marked,unmarked',
  'marked%3fx',
  'marked%23',
  '*',
  '$1',
  '%241',
  '__proto__',
  'constructor',
  'toString',
  'http:',
  'http%3a%2f%2f169.254.169.254',
  '169.254.169.254',
  'localhost',
  '[::1]',
  'marked%0d%0a',
  '.marked',
  'marked.',
  'x'.repeat(300),
  '%ff',
  '\\marked',
])('%s names none', async (name) => {
  for (const prefix of ['/dyn/', '/all/']) {
    const { status, text } = await gate.ask(`${prefix}${name}/x`);
    expect([400, 404]).toContain(status);
    expect(text).not.toContain(new URL(elsewhere.origin).port);
  }
  expect([...gate.backend.calls, ...elsewhere.calls]).toEqual([]);
});

describe('the form of a request target', () => {
  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://ELSEWHERE/x',
    'https://ELSEWHERE/x',
    'HTTP://ELSEWHERE/x',
    'ELSEWHERE',
    'ELSEWHERE/x',
    '*',
    '@ELSEWHERE/x',
    '?x',
    'x',
    'file:///etc/passwd',
    'gopher://ELSEWHERE/_x',
    'ftp://x/',
    'http:/x',
    'http:x',
    '://x',
    '\\\\ELSEWHERE\\x',
  ])('%s is refused', async (target) => {
    const wire = await openWire(gate.port);
    wire.send(
      `GET ${target.replace('ELSEWHERE', new URL(elsewhere.origin).host)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    );
    expect(await wire.closed(3_000)).toBe(true);
    expect(statusesOf(wire.heard())).toEqual([400]);
    expect([...gate.backend.calls, ...elsewhere.calls]).toEqual([]);
  });

  test.each([
    '//ELSEWHERE/x',
    '/\\ELSEWHERE/x',
    '///ELSEWHERE/x',
    '/http://ELSEWHERE/x',
    '/@ELSEWHERE/x',
    '/%2f%2fELSEWHERE/x',
    '/:80@ELSEWHERE/',
    '/;@ELSEWHERE/',
  ])('%s is a path at the configured backend, or nothing', async (target) => {
    const { status } = await gate.ask(target.replace('ELSEWHERE', new URL(elsewhere.origin).host));
    expect([200, 400]).toContain(status);
    expect(elsewhere.calls).toEqual([]);
    for (const { url } of gate.backend.calls) expect(url).toMatch(/^\/base\//);
  });

  test.each(['CONNECT ELSEWHERE HTTP/1.1', 'CONNECT /x HTTP/1.1', 'CONNECT 169.254.169.254:80 HTTP/1.1'])(
    '%s opens no tunnel',
    async (line) => {
      const wire = await openWire(gate.port);
      wire.send(
        `${line.replace('ELSEWHERE', new URL(elsewhere.origin).host)}\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n`,
      );
      expect(await wire.closed(3_000)).toBe(true);
      expect(wire.heard()).not.toMatch(/ 200 /);
      expect([...gate.backend.calls, ...elsewhere.calls]).toEqual([]);
    },
  );

  test('no Host leads elsewhere', async () => {
    for (const host of [new URL(elsewhere.origin).host, '169.254.169.254', 'evil.example:80']) {
      expect((await gate.ask('/x', { headers: { host } })).status).toBe(200);
      expect(gate.backend.last().headers.host).toBe(gate.backend.host);
    }
    expect(elsewhere.calls).toEqual([]);
  });
});
