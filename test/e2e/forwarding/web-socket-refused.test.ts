import { connect, type Socket } from 'node:net';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openRouter, type Router } from '../support/open-router.ts';
import { openWebSocketBackend, type WebSocketBackend } from '../support/open-web-socket-backend.ts';
import { upgrade } from '../support/upgrade.ts';

let backend: WebSocketBackend;
let router: Router;
beforeAll(async () => {
  backend = await openWebSocketBackend();
  router = await openRouter(chatAt(backend.origin));
});
beforeEach(() => {
  backend.forget();
  backend.answerWith(undefined);
});

function chatAt(url: string, more: object = {}) {
  return {
    xsApp: {
      authenticationMethod: 'none',
      websockets: { enabled: true },
      routes: [{ source: '^/', destination: 'chat' }],
    },
    env: { destinations: [{ name: 'chat', url, ...more }] },
  };
}

/** Asks for an upgrade, and does nothing more. */
function ask(port: number): Socket {
  const client = connect(port, '127.0.0.1', () =>
    client.write(
      'GET /chat/7 HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    ),
  );
  return client.on('error', () => {});
}

describe('a backend that does not want the upgrade', () => {
  test('answers 404: the client gets that, whole, and the connection ends', async () => {
    const body = 'no such room';
    backend.answerWith((_, socket) => {
      socket.end(
        `HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\nX-Room: none\r\nConnection: close\r\n\r\n${body}`,
      );
    });
    const refused = await upgrade(router.origin, '/chat/7');
    expect(refused.status).toBe(404);
    expect(refused.head.toLowerCase()).toContain('x-room: none');
    expect(refused.body).toContain(body);
  });

  test('breaks off: 502', async () => {
    backend.answerWith((_, socket) => void socket.destroy());
    expect((await upgrade(router.origin, '/chat/7')).status).toBe(502);
  });

  test.each([
    ['closes', (client: Socket) => void client.end()],
    ['breaks', (client: Socket) => void client.resetAndDestroy()],
  ])(
    'is not kept waiting by a client that %s its connection first',
    async (_, leave) => {
      const left = new Promise<void>((gone) => {
        backend.answerWith((_request, socket) => {
          socket.once('close', gone);
          socket.on('error', () => {}).resume();
          leave(client);
        });
      });
      const client = ask(router.port);
      await left;
    },
    15_000,
  ); // half of the time for the answer

  test('does not come to an end with its answer: that is cut off after the time for a piece', async () => {
    backend.answerWith((_, socket) => void socket.write('HTTP/1.1 403 Forbidden\r\n\r\nbecause'));
    const { origin } = await openRouter(chatAt(backend.origin, { 'URL.socketReadTimeoutInSeconds': 1 }));
    // Its end would be that of the connection.
    await expect(upgrade(origin, '/chat')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('does not come to an end with its answer: it ends with the client', async () => {
    const left = new Promise<void>((gone) => {
      backend.answerWith((_request, socket) => {
        socket.once('close', gone).on('error', () => {});
        socket.resume().write('HTTP/1.1 403 Forbidden\r\n\r\nbecause');
      });
    });
    const client = ask(router.port);
    client.once('data', () => client.end());
    await left;
  }, 15_000);

  test('is not there: 502, and the address stays untold', async () => {
    const { origin } = await openRouter(chatAt('http://127.0.0.1:1'));
    const refused = await upgrade(origin, '/chat');
    expect(refused.status).toBe(502);
    expect(refused.head + refused.body).not.toContain('127.0.0.1:1');
  });
});
