import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { openXsuaa } from '../e2e/approuter/support/open-xsuaa.ts';
import { type RunningRouter, runRouter } from '../e2e/approuter/support/run-router.ts';
import { ask } from '../e2e/support/ask.ts';
import { openWire } from './support/wire.ts';

/**
 * T-25 to T-28. One request ended http-proxy-middleware's process (CVE-2024-21536), and approuter's: a cookie named like a
 * member of every object (14.3.3), a missing cookie key (11.3.4), an unhandled rejection (22.0.4); crafted chunk counts
 * kept mod_auth_openidc busy for good (CVE-2024-24814).
 *
 * What must hold: whatever comes, at whatever moment either end leaves, the process lives, answers the next request, has
 * no unhandled rejection, and holds its memory. (`test/e2e/approuter/nothing-stops-the-process` has more of the same.)
 */
let backend: Backend;
let router: RunningRouter;
let origin: string;
let session: string;
beforeAll(async () => {
  const xsuaa = await openXsuaa();
  backend = await openBackend();
  router = await runRouter({
    xsuaa,
    xsApp: {
      websockets: { enabled: true },
      logout: { logoutEndpoint: '/out', backChannelLogoutEndpoint: '/out/back' },
      routes: [
        { source: '^/dyn/([^/]*)/', destination: '$1', authenticationType: 'none' },
        { source: '^/quay/', destination: 'b', csrfProtection: false },
        { source: '^/', destination: 'b', authenticationType: 'none' },
      ],
    },
    env: { destinations: [{ name: 'b', url: backend.origin, timeout: 2_000 }] },
  });
  origin = `http://localhost:${router.port}`;
  const user = openClient(origin);
  await user.logIn('/quay/');
  session = `JSESSIONID=${user.cookies.get('JSESSIONID')}`;
});
afterEach(async () => {
  backend.forget();
  expect(router.process.exitCode).toBe(null);
  expect((await ask(origin, '/quay/', { headers: { cookie: session } })).status).toBe(200);
  expect(router.output()).not.toMatch(/unhandled|uncaught|ERR_INTERNAL|TypeError|RangeError|MaxListeners/i);
});

test('random heads of requests', async () => {
  const piece = fc.constantFrom(
    '__proto__',
    'constructor',
    '%',
    '%zz',
    '%00',
    'a',
    '=',
    ';',
    ',',
    '"',
    '[]',
    '[x]',
    '.',
    '/',
    '?',
    '&',
    '\x80',
    '\xff',
    '\t',
    '{}',
    '$1',
    '-1',
    '99999999',
    'NaN',
    'x'.repeat(500),
  );
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  const header = fc.constantFrom(
    'Cookie',
    'Accept',
    'Origin',
    'Referer',
    'X-Csrf-Token',
    'Authorization',
    'X-Forwarded-Host',
    'Range',
    'If-None-Match',
    'Accept-Encoding',
    'Sec-Fetch-Mode',
    'X-Approuter-Authorization',
    'Content-Type',
    'User-Agent',
    'Expect',
    'Via',
    'TE',
  );
  const target = fc
    .tuple(fc.constantFrom('/', '/dyn/', '/quay/', '/login/callback?', '/-/login?', '/out', '/out/back'), text)
    .map(([door, rest]) => door + rest.replace(/[\t\x80-\xff]/g, ''));
  await fc.assert(
    fc.asyncProperty(target, fc.array(fc.tuple(header, text), { maxLength: 4 }), async (path, headers) => {
      const wire = await openWire(router.port);
      wire.send(
        `GET ${path || '/'} HTTP/1.1\r\nHost: localhost\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}Connection: close\r\n\r\n`,
      );
      expect(await wire.closed(5_000)).toBe(true);
      expect(wire.heard()).toMatch(/^HTTP\/1\.1 [2-4]\d\d /);
    }),
    { numRuns: 150 },
  );
});

describe('cookies that ask for work (T-26)', () => {
  test.each([
    'JSESSIONID.chunks=99999999',
    'JSESSIONID_chunks=-1; JSESSIONID_0=x; JSESSIONID_2=x',
    'portunus.login.chunks=NaN',
    `JSESSIONID=${'s%3A'.repeat(8_000)}`,
    Array.from({ length: 2_000 }, (_, n) => `JSESSIONID=s%3A${n}.x`).join('; '),
    `${'a=b;'.repeat(12_000)}JSESSIONID=x`,
    `JSESSIONID=s%3A${'%'.repeat(20_000)}`,
  ])('%.40s… is answered at once', async (cookie) => {
    const begun = performance.now();
    expect([401, 431]).toContain((await ask(origin, '/quay/', { headers: { cookie, accept: 'text/plain' } })).status);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});

test('a hundred clients that leave at a random moment, upgrades among them', async () => {
  await Promise.all(
    Array.from({ length: 100 }, async (_, n) => {
      const wire = await openWire(router.port);
      const upgrade =
        n % 3 === 0
          ? `Upgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\nOrigin: ${origin}\r\n`
          : '';
      const bytes = `POST /quay/${n} HTTP/1.1\r\nHost: localhost:${router.port}\r\nCookie: ${session}\r\nConnection: ${upgrade ? 'Upgrade' : 'keep-alive'}\r\n${upgrade}Content-Length: 100\r\n\r\n${'x'.repeat(60)}`;
      wire.send(bytes.replace(/^POST(?=[\s\S]*websocket)/, 'GET').slice(0, Math.ceil((bytes.length * (n + 1)) / 100)));
      await sleep(Math.random() * 30);
      wire.socket.resetAndDestroy();
    }),
  );
});

test('a backend that leaves at every moment', async () => {
  for (const part of [
    '',
    'HTTP/1.1',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab',
    'nonsense\r\n\r\n',
    'HTTP/1.1 999 \x00\r\n\r\n',
    `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`,
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n',
  ]) {
    backend.answerWith((request) => {
      request.socket.end(part, 'latin1');
    });
    for (const method of ['GET', 'POST']) {
      const answer = await ask(origin, '/quay/x', { method, headers: { cookie: session } }).catch(() => undefined);
      if (answer !== undefined) expect([200, 502, 504, 999]).toContain(answer.status);
    }
  }
});

test('heads without end (T-27): more than 64 KB is 431, and thousands of lines are no problem', async () => {
  const wire = await openWire(router.port);
  wire.send(`GET / HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(100_000)}\r\n`);
  expect(await wire.closed(5_000)).toBe(true);
  expect(wire.heard()).toMatch(/^(HTTP\/1\.1 4(00|31) |$)/);
});
