import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { openClient } from './support/client.ts';
import { type Backend, type Call, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';
import { say, statusOf } from './support/say.ts';

/** xs-app.md 8.8: upgrades. */

let backend: Backend;
let xsuaa: Xsuaa;
const upgrades: Pick<Call, 'url' | 'headers'>[] = [];
const tunnels = new Set<Socket>();
afterAll(() => {
  for (const tunnel of tunnels) tunnel.destroy();
});
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  backend.server.on('upgrade', (request, socket: Socket) => {
    upgrades.push({ url: request.url ?? '', headers: request.headers });
    socket.on('error', () => {});
    tunnels.add(socket.once('close', () => tunnels.delete(socket)));
    if (request.url?.includes('refuse'))
      return void socket.end('HTTP/1.1 426 Upgrade Required\r\nX-Of: backend\r\nContent-Length: 3\r\n\r\nno!');
    if (request.url?.includes('break')) return void socket.destroy();
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: tide.v2\r\n\r\n`,
    );
    socket.on('data', (bytes) => socket.write(Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')])));
  });
});
beforeEach(() => {
  backend.forget();
  upgrades.splice(0);
  xsuaa.claims = {};
});

const open = (websockets: object | undefined, env: object = {}): Promise<Router> =>
  openRouter({
    xsuaa,
    xsApp: {
      ...(websockets ? { websockets } : {}),
      routes: [
        { source: '^/public/(.*)$', target: '/p/$1', destination: 'b', authenticationType: 'none' },
        { source: '^/guarded', destination: 'f' },
        { source: '^/scoped', destination: 'b', scope: '$XSAPPNAME.Master' },
        { source: '^/posts', destination: 'b', httpMethods: ['POST'], authenticationType: 'none' },
        { source: '^/down', destination: 'down', authenticationType: 'none' },
        { source: '^/dyn/(\\w+)', destination: '$1', authenticationType: 'none' },
      ],
    },
    files: { 'resources/file.txt': 'a' },
    env: {
      destinations: [
        { name: 'b', url: backend.origin },
        { name: 'ws', url: backend.origin.replace('http', 'ws') },
        { name: 'f', url: `${backend.origin}/base`, forwardAuthToken: true },
        { name: 'down', url: 'http://127.0.0.1:9' },
      ],
      ...env,
    },
  });

const handshake = (router: Router, target: string, headers: Readonly<Record<string, string | undefined>> = {}) => {
  const all = {
    Host: `localhost:${router.port}`,
    Origin: router.origin,
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  return `GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
};
const refusal = async (router: Router, target: string, headers = {}) =>
  say(router.port, handshake(router, target, headers));

describe('switched off', () => {
  it.each([undefined, {}, { enabled: false }])('%o: 403', async (websockets) => {
    const router = await open(websockets);
    expect(statusOf(await refusal(router, '/public/x'))).toBe(403);
    expect(upgrades).toEqual([]);
  });
});

describe('CORS rules', () => {
  it('say nothing about upgrades, whose origins have a list of their own', async () => {
    const router = await open(
      { enabled: true },
      {
        CORS: [{ uriPattern: '.*', allowedOrigin: [{ host: 'shop.example' }] }],
        WS_ALLOWED_ORIGINS: [{ host: 'pier.example' }],
      },
    );
    const from = async (origin: string) => statusOf(await refusal(router, '/public/refuse', { Origin: origin }));
    expect([await from('https://pier.example'), await from('https://shop.example')]).toEqual([426, 403]);
  });
});

describe('switched on', () => {
  let router: Router;
  let cookie: string;
  beforeAll(async () => {
    router = await open({ enabled: true });
    const user = openClient(router.origin);
    await user.logIn('/guarded');
    cookie = `JSESSIONID=${user.cookies.get('JSESSIONID')}`;
  });

  it.each<[what: string, target: string, headers: Record<string, string | undefined>, status: number]>([
    ['no Origin', '/public/x', { Origin: undefined }, 403],
    ['a foreign Origin (T-36)', '/public/x', { Origin: 'https://evil.example' }, 403],
    ['Origin null (T-36)', '/public/x', { Origin: 'null' }, 403],
    ['another port', '/public/x', { Origin: 'http://localhost:1' }, 403],
    ['another scheme', '/public/x', { Origin: 'https://localhost' }, 403],
    ['an Origin that begins like ours', '/public/x', { Origin: 'http://localhost.evil.example' }, 403],
    [
      'a Host and an Origin of somebody else, forwarded',
      '/public/x',
      { Origin: 'http://evil.example', 'X-Forwarded-Host': 'evil.example' },
      403,
    ],
    ['no session', '/guarded', {}, 403],
    ['no session, as a script', '/guarded', { 'X-Requested-With': 'XMLHttpRequest' }, 403],
    ['a forged session', '/guarded', { Cookie: 'JSESSIONID=s%3Ax.y' }, 403],
    ['no route', '/nowhere', {}, 404],
    ['the implicit route', '/file.txt', {}, 404],
    ['an unknown destination', '/dyn/nobody', {}, 404],
    ['dot segments', '/public/../x', {}, 400],
    ['doubly encoded dot segments (T-05)', '/public/%252e%252e%252fx', {}, 400],
    ['a backend that is down', '/down', {}, 502],
    ['a backend that breaks off', '/public/break', {}, 502],
  ])('%s', async (_, target, headers, status) => {
    const answer = await refusal(router, target, headers);
    expect(statusOf(answer)).toBe(status);
    expect(answer.toLowerCase()).toContain('connection: close');
    if (status !== 502) expect(upgrades).toEqual([]);
  });

  it('x-csrf-token: fetch makes no session, which no answer could bring', async () => {
    const answer = await refusal(router, '/down', { 'X-CSRF-Token': 'fetch' });
    expect(statusOf(answer)).toBe(502);
    expect(answer).not.toMatch(/set-cookie|x-csrf-token/i);
  });

  it('a user without the scope: 403 (T-09)', async () => {
    expect(statusOf(await refusal(router, '/scoped', { Cookie: cookie }))).toBe(403);
    expect(upgrades).toEqual([]);
  });

  it('a route that does not take GET is none', async () => {
    expect([404, 405]).toContain(statusOf(await refusal(router, '/posts')));
    expect(upgrades).toEqual([]);
  });

  it('a refusal is short: type text/html, the reason phrase, the end', async () => {
    const answer = await refusal(router, '/public/x', { Origin: 'https://evil.example' });
    expect(answer).toMatch(/content-type: text\/html/i);
    expect(answer.endsWith('Forbidden')).toBe(true);
  });

  it('what follows a refused upgrade on the connection is not served (T-21)', async () => {
    const smuggled = `GET /public/smuggled HTTP/1.1\r\nHost: localhost:${router.port}\r\n\r\n`;
    await say(router.port, handshake(router, '/nowhere') + smuggled);
    expect(backend.calls).toEqual([]);
  });

  it("a backend's refusal comes through", async () => {
    const answer = await refusal(router, '/public/refuse');
    expect(statusOf(answer)).toBe(426);
    expect(answer).toMatch(/x-of: backend/i);
  });

  it('what is admitted becomes a raw tunnel: key, protocol and bytes are the ends’ own', async () => {
    const socket = connect(router.port, '127.0.0.1');
    atEnd(() => socket.destroy());
    socket.write(
      handshake(router, '/public/x?y=1', {
        'Sec-WebSocket-Protocol': 'tide.v1, tide.v2',
        'Sec-WebSocket-Extensions': undefined,
        Cookie: `a=1; ${cookie}; portunus.login.x=1`,
        'X-Forwarded-For': '10.0.0.1',
        'X-Approuter-Authorization2': 'x',
        'X-Ias-Token': 'x',
      }),
    );
    const head = await heard(socket, (text) => text.includes('\r\n\r\n'));
    expect(statusOf(head)).toBe(101);
    expect(head).toMatch(/sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
    expect(head).toMatch(/sec-websocket-protocol: tide\.v2/i);
    socket.write('raw bytes');
    expect(await heard(socket, (text) => text.includes('>'))).toBe('<raw bytes>');
    const { url, headers } = upgrades[0] ?? { url: '', headers: {} };
    expect(url).toBe('/p/x?y=1');
    expect(headers.host).toBe(backend.host);
    expect(headers.cookie).toBe('a=1');
    expect(headers.origin).toBe(router.origin);
    expect(headers['sec-websocket-key']).toBe('dGhlIHNhbXBsZSBub25jZQ==');
    expect(headers['sec-websocket-protocol']).toBe('tide.v1, tide.v2');
    expect(headers['sec-websocket-extensions']).toBeUndefined();
    expect(headers['x-forwarded-path']).toBe('/public/x');
    expect(headers['x-forwarded-host']).toBe(`localhost:${router.port}`);
    expect(headers['x-forwarded-for']).not.toContain('10.0.0.1');
    expect(headers['tenantid']).toBe('pier-zone');
    for (const name of ['x-approuter-authorization2', 'x-ias-token']) expect(headers[name]).toBeUndefined();
  });

  it('a protected one carries the token', async () => {
    const socket = connect(router.port, '127.0.0.1');
    atEnd(() => socket.destroy());
    socket.write(handshake(router, '/guarded', { Cookie: cookie }));
    expect(statusOf(await heard(socket, (text) => text.includes('\r\n\r\n')))).toBe(101);
    expect(upgrades[0]?.url).toBe('/base/guarded');
    expect(upgrades[0]?.headers.authorization).toMatch(/^Bearer eyJ/);
  });

  it('a destination may be named with ws', async () => {
    const socket = connect(router.port, '127.0.0.1');
    atEnd(() => socket.destroy());
    socket.write(handshake(router, '/dyn/ws'));
    expect(statusOf(await heard(socket, (text) => text.includes('\r\n\r\n')))).toBe(101);
  });

  it.each(['backend', 'client'])('when the %s goes, the other end hears of it', async (who) => {
    const socket = connect(router.port, '127.0.0.1');
    atEnd(() => socket.destroy());
    const known = new Set(tunnels);
    socket.write(handshake(router, '/public/x'));
    await heard(socket, (text) => text.includes('\r\n\r\n'));
    const [theirs] = [...tunnels].filter((tunnel) => !known.has(tunnel));
    const [leaving, staying] = who === 'client' ? [socket, theirs] : [theirs, socket];
    const told = new Promise((left) => {
      staying?.once('end', left);
      staying?.once('close', left);
    });
    leaving?.destroy();
    await told;
    expect(leaving?.destroyed).toBe(true);
  });

  it('an open one does not keep the process from stopping', async () => {
    const stopping = await open({ enabled: true });
    const socket = connect(stopping.port, '127.0.0.1');
    atEnd(() => socket.destroy());
    socket.on('error', () => {});
    socket.write(handshake(stopping, '/public/x'));
    await heard(socket, (text) => text.includes('\r\n\r\n'));
    const late = new Promise((later) => setTimeout(later, 12_000, 'still there'));
    const end = await Promise.race([stopping.stop().then(() => 'stopped'), late]);
    for (const tunnel of tunnels) tunnel.destroy();
    expect(end).toBe('stopped');
  });

  it('another protocol is an offer that may be ignored', async () => {
    const head = `GET /public/x HTTP/1.1\r\nHost: localhost:${router.port}\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n`;
    expect(statusOf(await say(router.port, head))).toBe(200);
    expect(backend.last().headers.upgrade).toBeUndefined();
  });
});

describe('WS_ALLOWED_ORIGINS', () => {
  let router: Router;
  beforeAll(async () => {
    const WS_ALLOWED_ORIGINS = [
      { host: '*.shop.example', protocol: 'https' },
      { host: 'port.example', port: 8080 },
    ];
    router = await open({ enabled: true }, { WS_ALLOWED_ORIGINS });
  });

  it.each<[origin: string, allowed: boolean]>([
    ['https://a.shop.example', true],
    ['http://a.shop.example', false],
    ['https://shop.example', false],
    ['http://port.example:8080', true],
    ['http://port.example', false],
    ['null', false],
    ['own', false],
  ])('%s: %s', async (origin, allowed) => {
    const answer = await say(
      router.port,
      handshake(router, '/public/refuse', { Origin: origin === 'own' ? router.origin : origin }),
    );
    expect(statusOf(answer)).toBe(allowed ? 426 : 403);
  });
});

/** What a socket says until it is enough; the rest is for the next. */
function heard(socket: Socket, enough: (text: string) => boolean): Promise<string> {
  return new Promise((told, failed) => {
    let text = '';
    const timer = setTimeout(() => failed(new Error(`only heard: ${text}`)), 3_000);
    const listen = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (!enough(text)) return;
      clearTimeout(timer);
      socket.off('data', listen);
      told(text);
    };
    socket.on('data', listen);
  });
}
