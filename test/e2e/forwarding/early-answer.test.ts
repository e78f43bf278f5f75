import { once } from 'node:events';
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { flood, megabyte } from '../support/flood.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';

/** A backend may answer before it has read the request; that answer is the one the client must get. */
let backend: Backend;
let router: Router;
beforeAll(async () => {
  backend = await openBackend();
  router = await openRouter(uploadsTo(backend.origin));
});
beforeEach(() => backend.forget());

function uploadsTo(url: string) {
  return {
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'backend' }] },
    env: { destinations: [{ name: 'backend', url }] },
  };
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Uploads as curl does: stops sending when the answer says so, and reads it. */
async function upload(
  size: number,
  headers: Record<string, string> = {},
  origin = router.origin,
): Promise<{ status: number; text: string }> {
  const sending = request(`${origin}/upload`, { method: 'PUT', headers, agent: false });
  sending.on('error', () => {}); // the rest of the body is wanted by nobody
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  flood(size)
    .on('error', () => {})
    .pipe(sending);
  const [answer] = await answered;
  const text = Buffer.concat((await answer.toArray().catch(() => [])) as Buffer[]).toString();
  sending.destroy();
  return { status: answer.statusCode ?? 0, text };
}

describe('an answer that comes before the body is through', () => {
  test('reaches the client: 413 and a connection that stays open', async () => {
    backend.answerWith((_request, response) => void response.writeHead(413).end('too large'));
    expect(await upload(30 * megabyte, { 'content-length': String(30 * megabyte) })).toEqual({
      status: 413,
      text: 'too large',
    });
    expect(await upload(30 * megabyte)).toEqual({ status: 413, text: 'too large' });
  });

  test('reaches the client when the backend closes as it should: it reads on until we have gone (RFC 9112 9.6)', async () => {
    const answer = 'HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large';
    const lingering = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer).resume());
    });
    const { origin } = await openRouter(uploadsTo(`http://127.0.0.1:${await portOf(lingering)}`));
    atEnd(() => lingering.close());
    expect(await upload(30 * megabyte, {}, origin)).toEqual({ status: 413, text: 'too large' });
  });

  test('reaches the client, or the reset that overtook it does, when the backend closes at once', async () => {
    // A close with unread data resets the connection, and the reset may destroy the answer on its way (RFC 9112 9.6).
    const close = { connection: 'close' };
    backend.answerWith((_request, response) => void response.writeHead(413, close).end('too large'));
    expect([413, 502]).toContain((await upload(30 * megabyte, { 'content-length': String(30 * megabyte) })).status);
    expect([413, 502]).toContain((await upload(30 * megabyte)).status);
  });

  test('does not confuse the requests that follow on either connection', async () => {
    backend.answerWith((_request, response) => void response.writeHead(403).end('no'));
    await upload(5 * megabyte);
    backend.answerWith(undefined);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 5; i++) {
      const [answer] = (await once(request(`${router.origin}/${i}`, { agent }).end(), 'response')) as [IncomingMessage];
      const [body] = (await answer.toArray()) as [Buffer];
      expect(JSON.parse(body.toString())).toEqual({ method: 'GET', url: `/${i}` });
    }
    agent.destroy();
  });

  test.each<[what: string, answer: (response: ServerResponse) => unknown, status: number]>([
    ['403', (response) => response.writeHead(403).end('no'), 403],
    ['a connection that breaks', (response) => response.destroy(), 502],
  ])('of %s keeps nobody waiting who goes on to send, and then asks for something else', async (_, answer, status) => {
    backend.answerWith((_request, response) => void answer(response));
    const client = connect(Number(new URL(router.origin).port), '127.0.0.1');
    atEnd(() => client.destroy());
    let come = '';
    client.setEncoding('latin1').on('data', (chunk) => {
      come += chunk;
    });
    client.write(`PUT /upload HTTP/1.1\r\nHost: x\r\nContent-Length: ${5 * megabyte}\r\n\r\n${'x'.repeat(1000)}`);
    await vi.waitFor(() => expect(come).toContain(`HTTP/1.1 ${status} `), 10_000);
    backend.answerWith(undefined);
    client.write('x'.repeat(5 * megabyte - 1000));
    client.write('GET /next HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitFor(() => expect(come).toContain('"/next"'), 10_000);
  });

  test('of 401 is handed on as it is: a body cannot be sent again', async () => {
    backend.answerWith((_request, response) => void response.writeHead(401).end('who?'));
    expect(await upload(megabyte)).toEqual({ status: 401, text: 'who?' });
    expect(backend.received).toHaveLength(1);
  });
});
