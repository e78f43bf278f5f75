import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect as openSession } from 'node:http2';
import { connect } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openWebSocketBackend } from '../support/open-web-socket-backend.ts';
import { type RouterProcess, spawnRouter } from '../support/spawn-router.ts';
import { upgrade } from '../support/upgrade.ts';

/** SIGTERM, as a platform sends it before it takes an instance away. */
let backend: Backend;
let router: RouterProcess;
beforeEach(async () => {
  backend = await openBackend();
  router = await openAt(backend.origin);
});

function openAt(url: string, env: object = {}, chat = url): Promise<RouterProcess> {
  return spawnRouter({
    xsApp: {
      authenticationMethod: 'none',
      websockets: { enabled: true },
      routes: [
        { source: '^/chat', destination: 'chat' },
        { source: '^/', destination: 'backend' },
      ],
    },
    env: {
      destinations: [
        { name: 'backend', url },
        { name: 'chat', url: chat },
      ],
      ...env,
    },
  });
}

/** A request that the backend holds until it is told to answer. */
async function inFlight(agent: Agent | false = false): Promise<{ answered: Promise<IncomingMessage>; finish(): void }> {
  const arrived = new Promise<ServerResponse>((came) => backend.answerWith((_, response) => came(response)));
  const asking = get(`${router.origin}/slow`, { agent });
  const answered = once(asking, 'response').then(([answer]) => answer as IncomingMessage);
  answered.catch(() => {});
  const response = await arrived;
  return { answered, finish: () => void response.end('done') };
}

const ready = () => ask(router.origin, '/-/health/ready');
const exited = (within: number) =>
  Promise.race([router.exited, new Promise((_, late) => setTimeout(() => late(new Error('it does not end')), within))]);

describe('a router that is told to stop', () => {
  test('ends at once with status 0 when nothing is going on', async () => {
    expect((await ready()).status).toBe(200);
    router.kill('SIGTERM');
    expect(await exited(3_000)).toBe(0);
  });

  test('first says that it is not ready, then finishes what is in flight, then ends with status 0', async () => {
    const { answered, finish } = await inFlight();
    router.kill('SIGTERM');
    await expect.poll(async () => (await ready()).status, { timeout: 1_000 }).toBe(503);
    finish();
    const answer = await answered;
    expect(answer.statusCode).toBe(200);
    expect(Buffer.concat((await answer.toArray()) as Buffer[]).toString()).toBe('done');
    expect(await exited(3_000)).toBe(0);
    await expect(ready()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('lets a long answer stream to its end', async () => {
    backend.answerWith((_, response) => {
      response.write('one ');
      setTimeout(() => response.write('two '), 200);
      setTimeout(() => response.end('three'), 500);
    });
    const [answer] = (await once(get(`${router.origin}/`, { agent: false }), 'response')) as [IncomingMessage];
    router.kill('SIGTERM');
    expect(Buffer.concat((await answer.toArray()) as Buffer[]).toString()).toBe('one two three');
    expect(await exited(3_000)).toBe(0);
  });

  test('does not wait for connections on which nothing happens', async () => {
    const agent = new Agent({ keepAlive: true });
    const [answer] = (await once(request(`${router.origin}/`, { agent }).end(), 'response')) as [IncomingMessage];
    await once(answer.resume(), 'end');
    const silent = connect(router.port, '127.0.0.1');
    await once(silent, 'connect');
    router.kill('SIGTERM');
    expect(await exited(3_000)).toBe(0);
    agent.destroy();
    silent.destroy();
  });

  test('tells a client on a kept connection that it is the last answer', async () => {
    const agent = new Agent({ keepAlive: true });
    const { answered, finish } = await inFlight(agent);
    router.kill('SIGTERM');
    await expect.poll(async () => (await ready()).status).toBe(503);
    // One that comes meanwhile is answered, and that is the end of its connection, too.
    const [later] = (await once(get(`${router.origin}/-/health/live`, { agent }), 'response')) as [IncomingMessage];
    expect([later.statusCode, later.headers.connection]).toEqual([200, 'close']);
    later.resume();
    finish();
    expect((await answered).headers.connection).toBe('close');
    agent.destroy();
  });

  test('does not wait for clients that have left, their queued requests included', async () => {
    const arrived = new Promise<void>((came) => backend.answerWith(() => came()));
    const client = connect(router.port, '127.0.0.1');
    client.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(4));
    await arrived;
    client.destroy();
    router.kill('SIGTERM');
    expect(await exited(3_000)).toBe(0);
  });

  test('ends though WebSockets are open: their clients connect again elsewhere', async () => {
    const chat = await openWebSocketBackend();
    router = await openAt(chat.origin);
    const { status, tunnel } = await upgrade(router.origin, '/chat');
    expect(status).toBe(101);
    const last = tunnel?.next();
    router.kill('SIGTERM');
    // "Going away" (RFC 6455 7.4.1), not a connection that breaks.
    expect(await last).toMatchObject({ opcode: 8, payload: Buffer.from('\x03\xe9going away', 'latin1') });
    expect(await exited(12_000)).toBe(0);
    await tunnel?.closed;
  });

  test('ends though a WebSocket is opened while it finishes the rest: that is closed as it opens', async () => {
    router = await openAt(backend.origin, {}, (await openWebSocketBackend()).origin);
    const { answered, finish } = await inFlight();
    router.kill('SIGTERM');
    await expect.poll(async () => (await ready()).status).toBe(503);
    const { status, tunnel } = await upgrade(router.origin, '/chat');
    expect(status).toBe(101);
    expect(await tunnel?.next()).toMatchObject({ opcode: 8, payload: Buffer.from('\x03\xe9going away', 'latin1') });
    finish();
    expect((await answered).statusCode).toBe(200);
    expect(await exited(8_000)).toBe(0);
  });

  test('lets a client of HTTP/2 read its answer to the end, and does not wait for one that says nothing', async () => {
    router = await openAt(backend.origin, { HTTP2_SUPPORT: 'true' });
    const answer = Buffer.alloc(1_000_000, 'x');
    backend.answerWith((_, response) => void response.end(answer));
    const silent = connect(router.port, '127.0.0.1');
    await once(silent, 'connect');
    const session = openSession(router.origin);
    const stream = session.request({ ':path': '/large' });
    await once(stream, 'response');
    router.kill('SIGTERM');
    await expect.poll(async () => (await ready()).status).toBe(503);
    // The backend has long said all; what is under way is more than fits into the window.
    let come = 0;
    for await (const chunk of stream) come += (chunk as Buffer).length;
    expect(come).toBe(answer.length);
    session.close();
    expect(await exited(8_000)).toBe(0);
    silent.destroy();
  });

  test('cuts what does not end in PORTUNUS_SHUTDOWN_GRACE, so that nobody takes it for complete', async () => {
    router = await openAt(backend.origin, { PORTUNUS_SHUTDOWN_GRACE: '1' });
    backend.answerWith((_, response) => void response.write('half'));
    const client = connect(router.port, '127.0.0.1', () => client.write('GET / HTTP/1.0\r\nHost: x\r\n\r\n'));
    await once(client, 'data');
    router.kill('SIGTERM');
    // The end of the connection would be the end of an answer to HTTP/1.0.
    await expect(once(client, 'end')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await exited(8_000)).toBe(0);
  });

  test('ends on SIGINT, too', async () => {
    router.kill('SIGINT');
    expect(await exited(3_000)).toBe(0);
  });
});
