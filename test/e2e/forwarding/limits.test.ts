import type { AddressInfo } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';
import { upgrade } from '../support/upgrade.ts';

/** How long is waited, how many wait, and what a client sees then (docs/resilience.md). */
let backend: Backend;
beforeEach(async () => {
  backend = await openBackend();
});

function openAt(url: string, properties: object = {}, env: object = {}): Promise<Router> {
  return openRouter({
    xsApp: {
      authenticationMethod: 'none',
      websockets: { enabled: true },
      routes: [
        { source: '^/(?:quick|chat/quick)', destination: 'backend', timeout: 250 },
        { source: '^/long', destination: 'backend', timeout: 20_000 },
        { source: '^/', destination: 'backend' },
      ],
    },
    env: { destinations: [{ name: 'backend', url, ...properties }], ...env },
  });
}

/** Listens, and never says a word. */
async function openSilence(): Promise<number> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    atEnd(() => socket.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => server.close());
  return (server.address() as AddressInfo).port;
}

const json = { headers: { accept: 'application/json' } };

describe('too slow', () => {
  test('to be connected to: 504 after URL.connectionTimeoutInSeconds, and the knob is named', async () => {
    // TLS is part of connecting.
    const url = `https://127.0.0.1:${await openSilence()}`;
    const { origin } = await openAt(url, { 'URL.connectionTimeoutInSeconds': 1 });
    const begun = performance.now();
    const reply = await ask(origin, '/', json);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(reply.status).toBe(504);
    expect(JSON.parse(reply.text)).toMatchObject({
      code: 'ERR_UPSTREAM_TIMEOUT',
      detail: expect.stringContaining('within 1000 ms'),
      hint: expect.stringContaining('URL.connectionTimeoutInSeconds'),
    });
  });

  test('to be connected to, by its own timeout, though others of the same origin wait longer', async () => {
    const { origin } = await openAt(`https://127.0.0.1:${await openSilence()}`, { timeout: 300 });
    const begun = performance.now();
    expect((await ask(origin, '/', json)).status).toBe(504);
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  test.each([
    ['timeout', { timeout: 300, 'URL.socketReadTimeoutInSeconds': 60 }],
    ['URL.socketReadTimeoutInSeconds', { 'URL.socketReadTimeoutInSeconds': 1 }],
  ])('to begin its answer: 504 after %s', async (_, properties) => {
    backend.answerWith(() => {});
    const { origin } = await openAt(backend.origin, properties);
    expect((await ask(origin, '/', json)).status).toBe(504);
  });

  test('to begin its answer, by the word of the route: 504, and the hint names the route', async () => {
    backend.answerWith(() => {});
    const { origin } = await openAt(backend.origin, { timeout: 60_000 });
    const reply = await ask(origin, '/quick', json);
    expect(reply.status).toBe(504);
    expect(JSON.parse(reply.text)).toMatchObject({
      code: 'ERR_UPSTREAM_TIMEOUT',
      detail: expect.stringContaining('within 250 ms'),
      hint: expect.stringContaining('"timeout" of the route (routes/0)'),
    });
  });

  test('but a route may wait for longer than its destination', async () => {
    backend.answerWith((request, response) => {
      const late = setTimeout(() => response.end('at last'), 1_000);
      request.on('close', () => request.readableEnded || clearTimeout(late));
    });
    const { origin } = await openAt(backend.origin, { timeout: 200 });
    const [long, other] = await Promise.all([ask(origin, '/long'), ask(origin, '/other', json)]);
    expect([long.status, long.text, other.status]).toEqual([200, 'at last', 504]);
    expect(JSON.parse(other.text).hint).toMatch(/HTML5\.Timeout\) of the destination, .* route \(routes\/2\)/);
  });

  test('to go on with it: cut after URL.socketReadTimeoutInSeconds, so that nobody takes it for complete', async () => {
    backend.answerWith((_, response) => void response.write('half'));
    const { origin } = await openAt(backend.origin, { timeout: 20_000, 'URL.socketReadTimeoutInSeconds': 1 });
    await expect(ask(origin, '/')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  test('but an event stream may be silent', async () => {
    backend.answerWith((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      setTimeout(() => response.end('data: 2\n\n'), 2_500);
    });
    const { origin } = await openAt(backend.origin, { 'URL.socketReadTimeoutInSeconds': 1 });
    const { text } = await ask(origin, '/', { headers: { accept: 'text/event-stream' } });
    expect(text).toBe('data: 1\n\ndata: 2\n\n');
  });

  test('to answer an upgrade: 504', async () => {
    const { origin } = await openAt(`http://127.0.0.1:${await openSilence()}`, { timeout: 300 });
    expect((await upgrade(origin, '/chat')).status).toBe(504);
  });

  test('to answer an upgrade of a route with a time of its own: 504', async () => {
    const { origin } = await openAt(`http://127.0.0.1:${await openSilence()}`, { timeout: 60_000 });
    expect((await upgrade(origin, '/chat/quick')).status).toBe(504);
  });
});

describe('a backend with too many callers', () => {
  const crowded = { BACKEND_MAX_SOCKETS: '2', PORTUNUS_BACKEND_QUEUE: '3' };

  test('has so many connections, so many wait, and the rest is told to come again', async () => {
    const finish: (() => void)[] = [];
    backend.answerWith((_, response) => void finish.push(() => response.end()));
    const { origin } = await openAt(backend.origin, {}, crowded);
    const replies = Array.from({ length: 9 }, (_, n) => ask(origin, `/${n}`, json));
    let settled = 0;
    for (const reply of replies) void reply.then(() => (settled += 1));
    await expect.poll(() => settled).toBe(4);
    const refused = await Promise.race(replies);
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('1');
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'ERR_UPSTREAM_BUSY' });
    expect(backend.received.length).toBeLessThanOrEqual(2);
    backend.answerWith((_, response) => void response.end());
    await expect.poll(() => finish.length).toBe(2);
    for (const end of finish) end();
    const statuses = (await Promise.all(replies)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([...Array(5).fill(200), ...Array(4).fill(503)]);
    expect((await ask(origin, '/after')).status).toBe(200);
  });

  test('lets nobody wait for longer than an answer may take', async () => {
    let finish = () => {};
    backend.answerWith((_, response) => {
      response.write('half'); // an answer that has begun may last
      finish = () => void response.end();
    });
    const { origin } = await openAt(backend.origin, { timeout: 500 }, { ...crowded, BACKEND_MAX_SOCKETS: '1' });
    const first = ask(origin, '/first');
    await expect.poll(() => backend.received.length).toBe(1);
    const others = await Promise.all(Array.from({ length: 2 }, (_, n) => ask(origin, `/${n}`)));
    expect(others.map(({ status }) => status)).toEqual([503, 503]);
    finish();
    expect((await first).status).toBe(200);
    expect(backend.received).toHaveLength(1);
  });

  test('keeps no place in the line for who has left it, uploads included', async () => {
    let finish = () => {};
    backend.answerWith((_, response) => {
      response.write('half');
      finish = () => void response.end();
    });
    const { origin, port, house } = await openAt(backend.origin, {}, { ...crowded, BACKEND_MAX_SOCKETS: '1' });
    const queued = () => house.gauged.pools().reduce((sum, pool) => sum + pool.queued, 0);
    const first = ask(origin, '/first');
    await expect.poll(() => backend.received.length).toBe(1);
    const upload = 'POST /leaves HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf';
    const clients = ['GET /leaves HTTP/1.1\r\nHost: x\r\n\r\n', upload, upload].map((bytes) => {
      const client = connect(port, '127.0.0.1', () => client.write(bytes));
      return client;
    });
    await expect.poll(queued).toBe(3);
    for (const client of clients) client.destroy();
    await expect.poll(queued).toBe(0);
    const others = Array.from({ length: 3 }, (_, n) => ask(origin, `/stays/${n}`));
    await expect.poll(queued).toBe(3);
    expect((await ask(origin, '/one-too-many')).status).toBe(503);
    backend.answerWith(undefined);
    finish();
    const statuses = (await Promise.all([first, ...others])).map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(backend.received.map(({ url }) => url).filter((url) => url === '/leaves')).toEqual([]);
  });

  test('has its places free again when it breaks off', async () => {
    backend.answerWith((request) => void request.socket.setTimeout(100, () => request.socket.destroy()));
    const { origin } = await openAt(backend.origin, {}, crowded);
    for (let round = 0; round < 4; round++)
      await Promise.all(Array.from({ length: 5 }, (_, n) => ask(origin, `/${round}/${n}`, { method: 'POST' })));
    backend.answerWith(undefined);
    const replies = await Promise.all(Array.from({ length: 5 }, (_, n) => ask(origin, `/after/${n}`)));
    expect(replies.map(({ status }) => status)).toEqual(Array(5).fill(200));
  });
});

describe('a backend that is down', () => {
  const env = { PORTUNUS_BREAKER_FAILURES: '3', PORTUNUS_BREAKER_PAUSE: '0.3' };
  const statusesOf = async (origin: string, times: number) => {
    const statuses: number[] = [];
    for (let n = 0; n < times; n++) statuses.push((await ask(origin, '/')).status);
    return statuses;
  };

  test('is asked so many times, then has its pause: 503 with Retry-After', async () => {
    const { origin } = await openAt('http://127.0.0.1:1', {}, { ...env, PORTUNUS_BREAKER_PAUSE: '60' });
    expect(await statusesOf(origin, 5)).toEqual([502, 502, 502, 503, 503]);
    expect(Number((await ask(origin, '/')).headers['retry-after'])).toBeGreaterThan(50);
    expect((await upgrade(origin, '/chat')).status).toBe(503);
  });

  test('serves again once one request got through', async () => {
    backend.answerWith(() => {});
    const { origin } = await openAt(backend.origin, { timeout: 200 }, env);
    expect(await statusesOf(origin, 4)).toEqual([504, 504, 504, 503]);
    backend.answerWith(undefined);
    await expect.poll(async () => (await ask(origin, '/')).status, { timeout: 3_000 }).toBe(200);
    expect(await statusesOf(origin, 2)).toEqual([200, 200]);
  });

  test('has no pause for what it answers itself', async () => {
    backend.answerWith((_, response) => void response.writeHead(503).end());
    const { origin } = await openAt(backend.origin, {}, env);
    expect(await statusesOf(origin, 6)).toEqual(Array(6).fill(503));
    expect(backend.received).toHaveLength(6);
  });

  test('is asked every time where that is switched off', async () => {
    const { origin } = await openAt('http://127.0.0.1:1', {}, { PORTUNUS_BREAKER_FAILURES: '0' });
    expect(await statusesOf(origin, 15)).toEqual(Array(15).fill(502));
  });
});
