import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { openClient } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openXsuaa } from './support/open-xsuaa.ts';
import { type RunningRouter, runRouter } from './support/run-router.ts';
import { say, statusOf } from './support/say.ts';

/** Nothing a client or a backend sends stops the process (T-25, T-26): one process takes it all and is there at the end. */

let backend: Backend;
let router: RunningRouter;
let origin: string;
let session: string;
let heard = 0;
beforeAll(async () => {
  const xsuaa = await openXsuaa();
  backend = await openBackend();
  router = await runRouter({
    xsuaa,
    xsApp: {
      welcomeFile: '/files/a.txt',
      websockets: { enabled: true },
      logout: { logoutEndpoint: '/out', logoutMethod: 'POST', backChannelLogoutEndpoint: '/out/back' },
      whitelistService: { endpoint: '/framing' },
      pluginMetadataEndpoint: '/plugins',
      cors: [{ uriPattern: '^/cors', allowedOrigin: [{ host: 'shop.example' }] }],
      errorPage: [{ status: 404, file: 'web/a.txt' }],
      routes: [
        { source: '^/files/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
        {
          source: '^/filled/(.*)$',
          target: '$1',
          localDir: 'web',
          authenticationType: 'none',
          replace: { pathSuffixes: ['.txt'] },
        },
        { source: '^/dyn/([^/]*)/(.*)$', target: '$2', destination: '$1', authenticationType: 'none' },
        { source: '^/guarded', destination: 'b' },
        { source: '^/basic', destination: 'b', authenticationType: 'basic' },
        { source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' },
        { source: '^/', destination: 'b', authenticationType: 'none' },
      ],
    },
    files: { 'web/a.txt': 'a'.repeat(5_000) },
    env: { destinations: [{ name: 'b', url: backend.origin, timeout: 2_000 }] },
  });
  origin = `http://localhost:${router.port}`;
  const user = openClient(origin);
  await user.logIn('/guarded');
  session = `JSESSIONID=${user.cookies.get('JSESSIONID')}`;
});

afterEach(async () => {
  backend.forget();
  expect(router.process.exitCode).toBe(null);
  expect((await ask(origin, '/-/health/live')).status).toBe(200);
  expect((await ask(origin, '/guarded', { headers: { cookie: session } })).status).toBe(200);
  const news = router.output().slice(heard);
  heard = router.output().length;
  expect(news).not.toMatch(/unhandled|uncaught|ERR_INTERNAL|TypeError|URIError/i);
});

const doors = [
  '/files/',
  '/filled/',
  '/dyn/',
  '/dyn/b/',
  '/guarded/',
  '/basic/',
  '/me/',
  '/x/',
  '/out',
  '/out/back',
  '/framing',
  '/plugins',
  '/login/callback',
  '/-/login',
  '/-/health/live',
  '/cors/',
];
const refused = (status: number) => status < 500;

describe('odd paths', () => {
  it.each([
    '%',
    '%zz',
    '%e4',
    '%ff%fe',
    '%c3%28',
    '%ed%a0%80',
    '%f4%90%80%80',
    '%00',
    '%0d%0aset-cookie:%20a=1',
    '%u0041',
    '?%',
    '?%zz',
    '?parentOrigin=%ff',
    '?state=%ff&code=%ff',
    '?return_to=%ff%zz',
    '?sap_idp=%zz',
    '?__proto__=1',
    '?state[__proto__]=1',
    '__proto__',
    '__proto__/x',
    'constructor',
    'constructor/prototype',
    'toString',
    '%5f%5fproto%5f%5f',
    ';x=1;__proto__=2',
    '..',
    '%2e%2e%2f',
    '\\',
    '"<>`{}|^',
    '$&$1$$',
    '//',
    '///evil.example',
    'a/'.repeat(3_000),
    'x'.repeat(7_000),
    '%41'.repeat(2_000),
    `?${'a=1&'.repeat(1_500)}`,
  ])('%s behind every door', async (odd) => {
    const statuses = await Promise.all(
      doors.map(async (door) => [door, (await ask(origin, door + odd.replace(/[ ]/g, ''))).status] as const),
    );
    expect(statuses.filter(([, status]) => !refused(status))).toEqual([]);
  });
});

describe('odd cookies', () => {
  it.each<[what: string, cookie: string]>([
    ['__proto__', '__proto__=1; __proto__.x=2'],
    ['constructor and its like', 'constructor=1; hasOwnProperty=2; toString=3; valueOf=4; prototype=5'],
    ['an empty name', '=1; =; ==; ='],
    ['no value', 'a; b; JSESSIONID; ;;; ,'],
    ['200 of them', Array.from({ length: 200 }, (_, i) => `c${i}=v`).join('; ')],
    ['8 KB', `big=${'x'.repeat(8_000)}`],
    ['a session of 8 KB', `JSESSIONID=s%3A${'x'.repeat(8_000)}.y`],
    ['a session that is no session', 'JSESSIONID=%'],
    ['a session with broken escapes', 'JSESSIONID=s%3A%zz%'],
    ['a session named __proto__', 'JSESSIONID=s%3A__proto__.x'],
    ['twenty sessions', Array.from({ length: 20 }, (_, i) => `JSESSIONID=s%3A${i}.x`).join('; ')],
    ['a quoted session', 'JSESSIONID="s%3Ax.y"'],
    ['broken attempts', 'portunus.login.aaaaaaaa=x; portunus.login.=; portunus.login.bbbbbbbb=%zz'],
    ['a count of chunks', 'JSESSIONID.0=x; JSESSIONID.99999999=x; JSESSIONID.count=-1'],
    ['bytes beyond ASCII', 'ä=ü; JSESSIONID=ö'],
    ['equals signs', 'a====; JSESSIONID===='],
  ])('%s', async (_, cookie) => {
    for (const door of doors)
      expect([door, refused((await ask(origin, door, { headers: { cookie } })).status)]).toEqual([door, true]);
  });

  it('many attempts at the callback are refused at once', async () => {
    const state = `aaaaaaaa.${'b'.repeat(43)}`;
    for (const value of ['', 'x', 'A'.repeat(4_000), '%zz', '-1', 'NaN', '[object Object]']) {
      const headers = { cookie: `portunus.login.aaaaaaaa=${value}` };
      expect((await ask(origin, `/login/callback?code=1&state=${state}`, { headers })).status).toBe(400);
    }
  });
});

describe('odd headers', () => {
  it.each<[what: string, headers: Record<string, string>]>([
    ['a range of nonsense', { range: 'bytes=9999999999999999999-' }],
    ['many ranges', { range: `bytes=${'0-0,'.repeat(500)}0-0` }],
    ['dates of nonsense', { 'if-modified-since': 'x', 'if-unmodified-since': 'y', 'if-range': 'z' }],
    ['ETags of nonsense', { 'if-none-match': '"', 'if-match': 'W/' }],
    ['an Accept-Encoding of nonsense', { 'accept-encoding': ';;q=;,,,gzip;q=x;q=9' }],
    ['a long Accept-Encoding', { 'accept-encoding': 'gzip;q=0.1,'.repeat(500) }],
    ['an Origin of nonsense', { origin: 'https://[', 'access-control-request-method': '' }],
    ['a Referer of nonsense', { referer: 'http://%zz', 'x-requested-with': 'XMLHttpRequest' }],
    ['an Authorization of nonsense', { authorization: `Basic ${'='.repeat(100)}` }],
    ['an Authorization of bytes', { authorization: `Basic ${Buffer.from([0, 255, 254]).toString('base64')}` }],
    ['a caller token of nonsense', { 'x-approuter-authorization': 'Bearer ....' }],
    ['a caller token of braces', { 'x-approuter-authorization': 'Bearer e30.e30.e30' }],
    ['a token of nonsense', { 'x-csrf-token': '\u00ff'.repeat(10) }],
    ['a correlation id of nonsense', { 'x-correlationid': '\t', 'x-request-id': '..' }],
    [
      'forwarding headers of nonsense',
      { 'x-forwarded-for': ',,,', 'x-forwarded-proto': '://', 'x-forwarded-host': ':' },
    ],
    ['a Content-Type of nonsense', { 'content-type': ';;;=' }],
    ['names that every object has', { __proto__x: '1', constructor: '1', hasownproperty: '1', tostring: '1' }],
    [
      'Connection that names everything',
      { connection: 'close, host, cookie, authorization, content-length, x-forwarded-for' },
    ],
    ['Expect of nonsense', { expect: '100-nonsense' }],
  ])('%s', async (_, headers) => {
    for (const door of doors) {
      const reply = await ask(origin, door, { headers });
      expect([door, refused(reply.status)]).toEqual([door, true]);
    }
  });

  it.each<[what: string, head: string, statuses: number[]]>([
    ['a header of 64 KB', `X-A: ${'x'.repeat(65_536)}\r\n`, [431]],
    ['5,000 headers', 'X-A: 1\r\n'.repeat(5_000), [200, 400, 431]],
    ['a header name of 10 KB', `${'x'.repeat(10_000)}: 1\r\n`, [200, 431]],
    ['no colon', 'nonsense\r\n', [400]],
    ['a blank before the colon', 'X-A : 1\r\n', [400]],
    ['a folded line', 'X-A: 1\r\n 2\r\n', [200, 400]],
    ['a NUL', 'X-A: \0\r\n', [400]],
    ['two hosts', 'Host: evil.example\r\n', [200, 400]],
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n', [400]],
    ['a length of nonsense', 'Content-Length: +1\r\n', [400]],
    ['a length below 0', 'Content-Length: -1\r\n', [400]],
    ['length and chunks', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n', [400]],
    ['chunks of nonsense', 'Transfer-Encoding: xchunked\r\n', [400, 501]],
  ])('%s', async (_, head, statuses) => {
    const answer = await say(
      router.port,
      `GET /x HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n${head}\r\n`,
      1_500,
    );
    expect(statuses).toContain(statusOf(answer));
  });

  it.each(['', 'a b', 'a/b', 'a@b', '[', '%41', ':', 'a:b:c', '\u00e4'])('Host "%s" is refused', async (host) => {
    const answer = await say(router.port, `GET /x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(statusOf(answer)).toBe(400);
  });

  it('no Host at all is refused', async () => {
    expect(statusOf(await say(router.port, 'GET /x HTTP/1.1\r\nConnection: close\r\n\r\n'))).toBe(400);
  });
});

describe('odd request lines', () => {
  it.each([
    'CONNECT evil.example:443 HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'GET http://evil.example/ HTTP/1.1',
    'GET x HTTP/1.1',
    'GET  /x HTTP/1.1',
    'get /x HTTP/1.1',
    'NONSENSE /x HTTP/1.1',
    'GET /x HTTP/9.9',
    'GET /x',
    'GET /x#fragment HTTP/1.1',
    'GET /\u00e4 HTTP/1.1',
    'GET /\u0001 HTTP/1.1',
    'PRI * HTTP/2.0',
    '\u0016\u0003\u0001\u0002\u0000',
    '{"json": true}',
    '',
  ])('%s', async (line) => {
    const answer = await say(router.port, `${line}\r\nHost: h.example\r\nConnection: close\r\n\r\n`, 600);
    const status = statusOf(answer);
    expect(status === 0 || status < 500 || status === 505).toBe(true);
  });

  it.each(['TRACE', 'PROPFIND', 'MERGE', 'M-SEARCH', 'SEARCH', 'PURGE', 'QUERY', 'LINK', 'UNBIND'])(
    '%s everywhere',
    async (method) => {
      for (const door of doors)
        expect([door, refused((await ask(origin, door, { method })).status)]).toEqual([door, true]);
    },
  );
});

describe('pipelined', () => {
  it('requests get their answers in order', async () => {
    const one = (path: string) => `GET ${path} HTTP/1.1\r\nHost: h.example\r\n\r\n`;
    const last = 'GET /nowhere-three HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n';
    const answer = await say(router.port, one('/one') + one('/two') + last);
    expect(answer.indexOf('/one')).toBeGreaterThan(0);
    expect(answer.indexOf('/two')).toBeGreaterThan(answer.indexOf('/one'));
    expect(answer.indexOf('/nowhere-three')).toBeGreaterThan(answer.indexOf('/two'));
  });

  it('garbage behind a request ends the connection', async () => {
    const answer = await say(
      router.port,
      `GET /one HTTP/1.1\r\nHost: h.example\r\n\r\n${'\0\r\ngarbage '.repeat(200)}\r\n\r\n`,
    );
    expect(answer.match(/HTTP\/1\.1 200/g) ?? []).toHaveLength(answer.includes('/one') ? 1 : 0);
  });
});

describe('odd bodies', () => {
  it.each<[what: string, head: string, body: string]>([
    ['chunks of nonsense', 'Transfer-Encoding: chunked\r\n', 'zz\r\nx\r\n'],
    ['a chunk that is too large', 'Transfer-Encoding: chunked\r\n', 'ffffffffffffffff\r\nx'],
    ['a chunk extension with a line break', 'Transfer-Encoding: chunked\r\n', '1;a=\nb\r\nx\r\n0\r\n\r\n'],
    ['less than promised', 'Content-Length: 100\r\n', 'short'],
  ])('%s', async (_, head, body) => {
    for (const door of ['/x', '/files/a.txt', '/out/back', '/guarded']) {
      const raw = `POST ${door} HTTP/1.1\r\nHost: h.example\r\nContent-Type: application/x-www-form-urlencoded\r\n${head}\r\n${body}`;
      const answer = await say(router.port, raw, 300);
      expect(statusOf(answer)).toBeLessThan(503);
    }
  });

  it.each<[what: string, type: string, body: string]>([
    ['no token', 'application/x-www-form-urlencoded', ''],
    ['__proto__', 'application/x-www-form-urlencoded', '__proto__[x]=1&constructor=2&logout_token[]=3'],
    ['broken escapes', 'application/x-www-form-urlencoded', 'logout_token=%zz%ff'],
    ['JSON', 'application/json', '{"logout_token": 1}'],
    ['another charset', 'application/x-www-form-urlencoded; charset=utf-99', 'a=1'],
    ['another encoding', 'application/x-www-form-urlencoded', 'a=1'],
    ['100 KB', 'application/x-www-form-urlencoded', `logout_token=${'x'.repeat(100_000)}`],
    ['5,000 fields', 'application/x-www-form-urlencoded', 'a=1&'.repeat(5_000)],
  ])('a back-channel logout with %s is 4xx', async (what, type, body) => {
    const headers = { 'content-type': type, ...(what === 'another encoding' ? { 'content-encoding': 'zip' } : {}) };
    const { status } = await ask(origin, '/out/back', { method: 'POST', headers, body });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});

describe('a client that leaves', () => {
  const leave = async (parts: readonly string[], answer: () => void = () => {}) => {
    answer();
    for (const part of parts) {
      const socket = connect(router.port, '127.0.0.1', () => socket.write(part, 'latin1'));
      socket.on('error', () => {});
      await sleep(30);
      socket.resetAndDestroy();
    }
    await sleep(50);
  };
  const head = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: h.example\r\n${more}`;
  const post = 'POST /x HTTP/1.1\r\nHost: h.example\r\nContent-Length: 1000000\r\n\r\n';
  const upgrade =
    'Origin: http://h.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n';

  it('before and in its head', async () => {
    await leave(['', 'G', 'GET /x HTTP', head('/x'), head('/x', 'X-A: ')]);
  });

  it('while the backend thinks, in the middle of a body, in the middle of an answer', async () => {
    await leave([head('/x', '\r\n'), post, `${post}${'x'.repeat(10_000)}`], () => backend.answerWith(() => {}));
    await leave([head('/x', '\r\n'), head('/files/a.txt', '\r\n')], () =>
      backend.answerWith((_, response) => {
        const timer = setInterval(() => response.write('x'.repeat(50_000)), 2);
        response.once('close', () => clearInterval(timer));
      }),
    );
  });

  it('in the middle of a login, a logout and an upgrade', async () => {
    backend.server.once('upgrade', (_, socket) => socket.on('error', () => {}));
    await leave([head('/guarded', 'Accept: text/html\r\n\r\n'), head('/login/callback?code=1&state=2', '\r\n')]);
    await leave([head('/ws', upgrade), head('/guarded', upgrade), head('/nowhere', upgrade)]);
    await leave([
      `POST /out/back HTTP/1.1\r\nHost: h.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nlogout`,
    ]);
  });
});

describe('a backend that fails', () => {
  it.each<[what: string, answer: (backend: Backend) => void]>([
    ['resets before its head', (broken) => broken.answerWith((request) => request.socket.resetAndDestroy())],
    [
      'resets in its head',
      (broken) =>
        broken.answerWith((request) => {
          request.socket.write('HTTP/1.1 200 OK\r\nX');
          request.socket.resetAndDestroy();
        }),
    ],
    [
      'resets in its body',
      (broken) =>
        broken.answerWith((request, response) => {
          response.writeHead(200, { 'content-length': '100' }).write('x');
          setTimeout(() => request.socket.resetAndDestroy(), 20);
        }),
    ],
    [
      'sends too much',
      (broken) =>
        broken.answerWith((request) =>
          request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\nsmuggled'),
        ),
    ],
    [
      'sends a status of nonsense',
      (broken) => broken.answerWith((request) => request.socket.end('HTTP/1.1 000 X\r\n\r\n')),
    ],
    [
      'sends status 99',
      (broken) => broken.answerWith((request) => request.socket.end('HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n')),
    ],
    [
      'switches protocols unasked',
      (broken) =>
        broken.answerWith((request) =>
          request.socket.end('HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
        ),
    ],
    [
      'sends a header of bytes',
      (broken) =>
        broken.answerWith((request) =>
          request.socket.end(
            Buffer.from('HTTP/1.1 200 OK\r\nX-A: \u0001\u007f\u00ff\r\nContent-Length: 0\r\n\r\n', 'latin1'),
          ),
        ),
    ],
    [
      'sends a status text of bytes',
      (broken) =>
        broken.answerWith((request) =>
          request.socket.end(Buffer.from('HTTP/1.1 200 \u00e4\u00ff\r\nContent-Length: 0\r\n\r\n', 'latin1')),
        ),
    ],
    [
      'sends broken gzip',
      (broken) =>
        broken.answer(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }, 'no gzip'.repeat(300)),
    ],
    ['sends a Location of nonsense', (broken) => broken.answer(302, { location: 'http://[' })],
  ])('%s', async (_, answer) => {
    answer(backend);
    const outcome = await ask(origin, '/x').then(
      ({ status }) => status,
      () => 'cut',
    );
    expect(outcome === 'cut' || [200, 302, 502].includes(outcome as number)).toBe(true);
    answer(backend);
    await ask(origin, '/x', { method: 'POST', body: 'x'.repeat(100_000) }).catch(() => {});
  });
});
