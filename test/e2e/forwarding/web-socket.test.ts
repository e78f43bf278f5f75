import { WebSocket } from 'undici';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { opcodes } from '../support/frames.ts';
import { openRouter, type Router } from '../support/open-router.ts';
import { acceptOf, openWebSocketBackend, type WebSocketBackend } from '../support/open-web-socket-backend.ts';
import { type Tunnel, type Upgraded, upgrade } from '../support/upgrade.ts';

/** After 101 the tunnel is raw: what one end writes is what the other reads (xs-app.md 8.8). */
let backend: WebSocketBackend;
let router: Router;
beforeAll(async () => {
  backend = await openWebSocketBackend();
  const route = { source: '^/chat/(.*)$', target: '/rooms/$1', destination: 'chat' };
  router = await openRouter({
    xsApp: { authenticationMethod: 'none', websockets: { enabled: true }, routes: [route] },
    env: { destinations: [{ name: 'chat', url: `${backend.origin}/base` }] },
  });
});
beforeEach(() => {
  backend.forget();
  backend.answerWith(undefined);
});

async function open(headers = {}): Promise<Upgraded & { readonly tunnel: Tunnel }> {
  const upgraded = await upgrade(router.origin, '/chat/7?full=1', headers);
  if (upgraded.tunnel === undefined) throw new Error(`refused: ${upgraded.head}`);
  return { ...upgraded, tunnel: upgraded.tunnel };
}

const text = (payload: string) => ({ opcode: opcodes.text, payload: Buffer.from(payload) });

describe('a WebSocket', () => {
  test('is opened at the rewritten path, with the key, the extensions and the protocols of the client', async () => {
    const key = Buffer.alloc(16, 7).toString('base64');
    const { head } = await open({
      'sec-websocket-key': key,
      'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
      'sec-websocket-protocol': 'harbour.v2, harbour.v1',
      cookie: 'JSESSIONID=s%3Ax.y; ship=Argo',
    });
    const [request] = backend.upgrades;
    expect(request?.url).toBe('/base/rooms/7?full=1');
    expect(request?.headers).toMatchObject({
      'sec-websocket-key': key,
      'sec-websocket-extensions': 'permessage-deflate; client_max_window_bits',
      'sec-websocket-protocol': 'harbour.v2, harbour.v1',
      origin: router.origin,
      host: new URL(backend.origin).host,
      'x-forwarded-host': new URL(router.origin).host,
      'x-forwarded-path': '/chat/7',
      cookie: 'ship=Argo',
    });
    expect(head.toLowerCase()).toContain(`sec-websocket-accept: ${acceptOf(key)}`.toLowerCase());
    expect(head.toLowerCase()).toContain('sec-websocket-protocol: harbour.v2');
    expect(head.toLowerCase(), 'the backend accepted none').not.toContain('sec-websocket-extensions');
  });

  test('carries text both ways, and a ping with its pong', async () => {
    const { tunnel } = await open();
    tunnel.send(text('Ahoy, Göteborg'));
    expect((await tunnel.next()).payload.toString()).toBe('Ahoy, Göteborg');
    tunnel.send({ opcode: opcodes.ping, payload: Buffer.from('p') });
    expect(await tunnel.next()).toMatchObject({ opcode: opcodes.pong, payload: Buffer.from('p') });
    expect(backend.frames.map(({ opcode }) => opcode)).toEqual([opcodes.text, opcodes.ping]);
    tunnel.socket.destroy();
  });

  test('carries fragments as fragments', async () => {
    const { tunnel } = await open();
    tunnel.send({ ...text('one '), fin: false });
    tunnel.send({ opcode: opcodes.ping });
    tunnel.send({ opcode: opcodes.continuation, fin: false, payload: Buffer.from('two ') });
    tunnel.send({ opcode: opcodes.continuation, payload: Buffer.from('three') });
    const come = [await tunnel.next(), await tunnel.next(), await tunnel.next(), await tunnel.next()];
    expect(come.map(({ opcode, fin, payload }) => [opcode, fin, payload.toString()])).toEqual([
      [opcodes.text, false, 'one '],
      [opcodes.pong, true, ''],
      [opcodes.continuation, false, 'two '],
      [opcodes.continuation, true, 'three'],
    ]);
    tunnel.socket.destroy();
  });

  test('carries a message of 10 MB', async () => {
    const { tunnel } = await open();
    const payload = Buffer.alloc(10 * 1024 * 1024, 'harbour ');
    tunnel.send({ opcode: opcodes.binary, payload });
    const echoed = await tunnel.next();
    expect(echoed.payload.equals(payload)).toBe(true);
    tunnel.socket.destroy();
  });

  test.each([1000, 1001, 1011, 4242])('closes with the code of the end that closes: %i', async (code) => {
    const { tunnel } = await open();
    const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from('bye')]);
    tunnel.send({ opcode: opcodes.close, payload });
    expect((await tunnel.next()).payload.equals(payload)).toBe(true);
    await tunnel.closed;
  });

  test('ends for the client when the backend is gone, and for the backend when the client is', async () => {
    const first = await open();
    backend.upgrades[0]?.socket.destroy();
    await first.tunnel.closed;
    const second = await open();
    const gone = new Promise((closed) => backend.upgrades[1]?.socket.once('close', closed));
    second.tunnel.socket.destroy();
    await gone;
  });

  test('loses nothing that the client sends with its request', async () => {
    const { tunnel } = await open();
    tunnel.socket.write(Buffer.alloc(0));
    for (let i = 0; i < 200; i++) tunnel.send(text(String(i)));
    for (let i = 0; i < 200; i++) expect((await tunnel.next()).payload.toString()).toBe(String(i));
    tunnel.socket.destroy();
  });

  test('works for a client of another make (undici), close code and reason included', async () => {
    const url = `${router.origin.replace('http', 'ws')}/chat/undici`;
    const client = new WebSocket(url, { headers: { origin: router.origin }, protocols: ['harbour.v1'] });
    const said: string[] = [];
    const closed = await new Promise<{ code: number; reason: string }>((done, failed) => {
      client.onopen = () => client.send('hello');
      client.onmessage = ({ data }) => {
        said.push(String(data));
        client.close(4001, 'enough');
      };
      client.onclose = ({ code, reason }) => done({ code, reason });
      client.onerror = failed;
    });
    expect([said, client.protocol, closed]).toEqual([['hello'], 'harbour.v1', { code: 4001, reason: 'enough' }]);
  });
});
