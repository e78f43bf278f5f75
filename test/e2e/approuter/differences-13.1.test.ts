import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { ask } from '../support/ask.ts';
import { openClient } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router, refusalsOf } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';
import { runRouter } from './support/run-router.ts';

/**
 * xs-app.md 13.1 and section 12: each numbered difference. Where a file of its section tells the whole story, one line
 * stands here: 2 headers-8.1, 3 headers-8.1, 4 headers-8.2, 9 start-1, 11 websockets, 12 logout, 14 access-3.9.
 */

let backend: Backend;
let xsuaa: Xsuaa;
let router: Router;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  router = await openRouter({
    xsuaa,
    xsApp: {
      logout: { logoutEndpoint: '/out' },
      destinations: { b: { logoutPath: '/end' } },
      routes: [
        { source: '^/public', destination: 'b', authenticationType: 'none' },
        { source: '^/dyn/([^/]+)', destination: '$1', authenticationType: 'none' },
        { source: '^/down', destination: 'down', authenticationType: 'none' },
        { source: '^/a', destination: 'b' },
      ],
    },
    env: {
      destinations: [
        { name: 'b', url: backend.origin },
        { name: 'down', url: 'http://127.0.0.1:9' },
      ],
    },
  });
});
beforeEach(() => backend.forget());

const page = { accept: 'text/html' };
const xhr = { 'x-requested-with': 'XMLHttpRequest' };

describe('13.1', () => {
  it('#1 the host of an untrusted peer decides nothing; a host that is none is refused', async () => {
    const begun = await ask(router.origin, '/a', {
      headers: { ...page, host: 'harbour.example', 'x-forwarded-host': 'evil.example' },
    });
    expect(begun.headers.location).toContain(encodeURIComponent('http://harbour.example/login/callback'));
    for (const host of ['evil.example/x', 'a b', 'x'.repeat(300), 'a,b', '<x>'])
      expect((await ask(router.origin, '/a', { headers: { ...page, host } })).status).toBe(400);
  });

  it.each<[setting: string, believed: boolean]>([
    ['none', false],
    ['kyma', true],
    ['127.0.0.0/8', true],
    ['127.0.0.1', true],
    ['10.0.0.0/8, 127.0.0.1/32', true],
    ['10.0.0.0/8', false],
    ['cloudfoundry', true],
  ])('#1 PORTUNUS_TRUSTED_PROXIES=%s believes loopback: %s', async (PORTUNUS_TRUSTED_PROXIES, believed) => {
    const open = await openRouter({
      xsuaa,
      xsApp: { routes: [{ source: '^/a', destination: 'b' }] },
      env: { destinations: [{ name: 'b', url: backend.origin }], PORTUNUS_TRUSTED_PROXIES },
    });
    const headers = { ...page, 'x-forwarded-host': 'front.example', 'x-forwarded-proto': 'https' };
    const { headers: answer } = await ask(open.origin, '/a', { headers });
    const uri = new URL(answer.location ?? '').searchParams.get('redirect_uri');
    expect(uri).toBe(
      believed ? 'https://front.example/login/callback' : `http://127.0.0.1:${open.port}/login/callback`,
    );
  });

  it('#5 a begun login is sealed, short-lived, one cookie per attempt', async () => {
    const user = openClient(router.origin);
    const first = await user.ask('/a', { headers: page });
    await user.ask('/a', { headers: page });
    expect(user.cookies.size).toBe(2);
    const line = first.headers['set-cookie']?.[0] ?? '';
    expect(line).toMatch(/HttpOnly/);
    expect(line).toMatch(/Max-Age=\d+/);
    expect(line).not.toContain(new URL(first.headers.location ?? '').searchParams.get('code_challenge') ?? '-');
    expect(Buffer.from(line, 'base64url').toString()).not.toContain('/a');
  });

  it('#6 without a configured key one line says so', async () => {
    const { output } = await runRouter({ xsApp: { authenticationMethod: 'none' } });
    expect(
      output()
        .split('\n')
        .filter((line) => line.includes('SESSION_SECRET')),
    ).toHaveLength(1);
    const keyed = await runRouter({ xsApp: { authenticationMethod: 'none' }, env: { SESSION_SECRET: 'x'.repeat(64) } });
    expect(keyed.output()).not.toContain('SESSION_SECRET');
    expect(keyed.output()).not.toContain('x'.repeat(64));
  });

  it.each<[method: string, status: number, sent: number]>([
    ['GET', 200, 2],
    ['HEAD', 200, 2],
    ['POST', 502, 1],
    ['DELETE', 502, 1],
  ])('#8 a stale connection: %s is answered %i and sent %i times', async (method, status, sent) => {
    const fickle = await openFickle();
    const open = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b' }] },
      env: { destinations: [{ name: 'b', url: fickle.origin }] },
    });
    expect((await ask(open.origin, '/first')).status).toBe(200);
    fickle.requests.splice(0);
    // Idle for a while: a connection that breaks in the middle of work is not a stale one.
    await new Promise((over) => setTimeout(over, 600));
    expect((await ask(open.origin, '/second', { method })).status).toBe(status);
    expect(fickle.requests).toHaveLength(sent);
  });

  it('#8 one of two connections is stale while the other is busy: the request on it is sent again all the same', async () => {
    const broken: number[] = [];
    const two = await openBackend();
    two.answerWith(async (_, response, { url }) => {
      if (url === '/both') await sleep(60);
      return response.end();
    });
    const open = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b' }] },
      env: { destinations: [{ name: 'b', url: two.origin }] },
    });
    await Promise.all([ask(open.origin, '/both'), ask(open.origin, '/both')]);
    const busy = new Set<number>();
    for (let i = 0; i < 7; i++) {
      two.calls.splice(0);
      await ask(open.origin, '/alone');
      busy.add(two.last().connection ?? 0);
      await sleep(100);
    }
    const used = [...busy];
    two.answerWith(async (request, response, { connection = 0 }) => {
      // What was quiet all the while is closed by the backend just now; what is new is not.
      if (broken.length === 0 && !used.includes(connection)) {
        broken.push(connection);
        return request.socket.destroy();
      }
      await sleep(60);
      return response.end();
    });
    const replies = await Promise.all([ask(open.origin, '/both'), ask(open.origin, '/both')]);
    expect(used).toHaveLength(1);
    expect(broken).toHaveLength(1);
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('#13 logout calls never carry our session cookie, nor does anything else', async () => {
    const user = openClient(router.origin);
    await user.logIn('/a');
    await user.ask('/a');
    await user.ask('/public');
    await user.ask('/out');
    expect(backend.calls.some(({ url }) => url === '/end')).toBe(true);
    expect(JSON.stringify(backend.calls.map(({ headers }) => headers))).not.toContain('JSESSIONID');
  });

  it('#15 a refused login and an unknown dynamic destination are 4xx', async () => {
    expect((await ask(router.origin, '/login/callback?error=access_denied')).status).toBeLessThan(500);
    expect((await ask(router.origin, '/dyn/nobody')).status).toBe(404);
  });

  it('#16 a caller that accepts only JSON gets 401', async () => {
    expect((await ask(router.origin, '/a', { headers: { accept: 'application/json' } })).status).toBe(401);
  });

  it('#17 a localDir outside is refused at the start', async () => {
    const routes = [{ source: '^/x', localDir: '..' }];
    expect((await refusalsOf({ xsApp: { authenticationMethod: 'none', routes } })).join()).toContain('outside');
  });

  it('#20 an external session id is nobody, signed or not', async () => {
    const headers = {
      ...xhr,
      'x-approuter-ext-session-id': 'abc',
      'x-approuter-ext-session-id-sig': 'abc',
      'x-approuter-ext-session-expiry': '9999999999',
    };
    expect((await ask(router.origin, '/a', { headers })).status).toBe(401);
  });
});

describe('section 12: failures that no other file has', () => {
  it.each<[what: string, answer: (backend: Backend) => void]>([
    ['breaks off before the answer', (broken) => broken.answerWith((request) => request.socket.destroy())],
    ['answers what is no HTTP', (broken) => broken.answerWith((request) => request.socket.end('nonsense\r\n\r\n'))],
    [
      'breaks off in the middle of its head',
      (broken) => broken.answerWith((request) => request.socket.end('HTTP/1.1 200 OK\r\nX-A: ')),
    ],
    [
      'sends a head of 100 KB',
      (broken) =>
        broken.answerWith((request) => request.socket.end(`HTTP/1.1 200 OK\r\nX-A: ${'x'.repeat(100_000)}\r\n\r\n`)),
    ],
    [
      'sends two lengths',
      (broken) =>
        broken.answerWith((request) =>
          request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
        ),
    ],
  ])('a backend that %s: 502', async (_, answer) => {
    answer(backend);
    const { status, text } = await ask(router.origin, '/public');
    expect(status).toBe(502);
    expect(text).not.toContain(backend.host);
  });

  it('a backend that refuses the connection: 502', async () => {
    const { status, text } = await ask(router.origin, '/down');
    expect(status).toBe(502);
    expect(text).toBe('Bad Gateway');
  });

  it('a backend whose name does not exist: 502', async () => {
    const open = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b' }] },
      env: { destinations: [{ name: 'b', url: 'http://no-such-host.invalid', timeout: 3_000 }] },
    });
    expect((await ask(open.origin, '/')).status).toBe(502);
  });

  it('informational answers of a backend do not confuse', async () => {
    backend.answerWith((request) => {
      request.socket.end(
        'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      );
    });
    expect(await ask(router.origin, '/public')).toMatchObject({ status: 200, text: 'ok' });
  });
});

/** A backend that keeps connections open and closes one when a second request comes by it, unanswered. */
async function openFickle(): Promise<{ origin: string; requests: string[] }> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let served = 0;
    socket.on('data', (chunk) => {
      requests.push(chunk.toString().split('\r\n')[0] ?? '');
      served += 1;
      if (served > 1) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return { origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, requests };
}
