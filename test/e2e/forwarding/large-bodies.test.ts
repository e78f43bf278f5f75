import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { drain, flood, megabyte } from '../support/flood.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { type ResidentMemory, residentMemory } from '../support/resident-memory.ts';
import { type RouterProcess, spawnRouter } from '../support/spawn-router.ts';

/** Nothing is buffered, in either direction (design section 5): measured in a router that is a process of its own. */
const size = 200 * megabyte;
let backend: Backend;
let router: RouterProcess;
let memory: ResidentMemory;
beforeAll(async () => {
  backend = await openBackend(async (incoming, response) => {
    if (incoming.method === 'GET') {
      const length = incoming.url?.includes('chunked') ? {} : { 'content-length': String(size) };
      response.writeHead(200, { 'content-type': 'application/octet-stream', ...length });
      await pipeline(flood(size), response).catch(() => {});
      return;
    }
    const sink = drain();
    await pipeline(incoming, sink).catch(() => {});
    response.end(String(sink.bytes));
  });
  router = await spawnRouter({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'backend' }] },
    env: { destinations: [{ name: 'backend', url: backend.origin }] },
  });
  memory = residentMemory(router.pid);
  await download('/warm-up', 50 * megabyte); // what is there once: compiled code, and a heap that has found its size
});
beforeEach(() => memory.forgetPeak());

/** @param most bytes after which the client leaves */
async function download(
  path: string,
  most = Number.POSITIVE_INFINITY,
): Promise<{ bytes: number; head: IncomingMessage }> {
  const [head] = (await once(get(`${router.origin}${path}`, { agent: false }), 'response')) as [IncomingMessage];
  let bytes = 0;
  for await (const chunk of head) {
    bytes += (chunk as Buffer).length;
    if (bytes >= most) break;
  }
  return { bytes, head };
}

/** @returns how many bytes more than before the router held at most */
async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  const before = memory.now();
  await work();
  return memory.peak() - before;
}

describe('200 MB', () => {
  test('come down with their length told, and the router grows by less than 60 MB', async () => {
    const growth = await growthDuring(async () => {
      const { bytes, head } = await download('/download');
      expect(head.headers['content-length']).toBe(String(size));
      expect(head.headers['transfer-encoding']).toBeUndefined();
      expect(bytes).toBe(size);
    });
    expect(growth).toBeLessThan(60 * megabyte);
  });

  test('come down in chunks where no length is told', async () => {
    const growth = await growthDuring(async () => {
      const { bytes, head } = await download('/chunked');
      expect(head.headers['content-length']).toBeUndefined();
      expect(head.headers['transfer-encoding']).toBe('chunked');
      expect(bytes).toBe(size);
    });
    expect(growth).toBeLessThan(60 * megabyte);
  });

  test.each([
    ['with their length told', { 'content-length': String(size) }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('go up %s, as the client sent them', async (_, headers) => {
    const growth = await growthDuring(async () => {
      const sending = request(`${router.origin}/upload`, { method: 'PUT', headers, agent: false });
      const [[answer]] = await Promise.all([
        once(sending, 'response') as Promise<[IncomingMessage]>,
        pipeline(flood(size), sending),
      ]);
      const [text] = (await answer.toArray()) as [Buffer];
      expect(text.toString()).toBe(String(size));
    });
    const { 'content-length': length, 'transfer-encoding': coding } = backend.last().headers;
    expect(JSON.parse(JSON.stringify({ 'content-length': length, 'transfer-encoding': coding }))).toEqual(headers);
    expect(growth).toBeLessThan(60 * megabyte);
  });

  test('are not fetched for a client that does not read: the backend waits', async () => {
    const source = flood(size);
    backend.answerWith((_, response) => void pipeline(source, response).catch(() => {}));
    const [head] = (await once(get(`${router.origin}/slow`, { agent: false }), 'response')) as [IncomingMessage];
    await new Promise((over) => setTimeout(over, 700));
    expect(source.given()).toBeLessThan(30 * megabyte); // the sockets' own buffers, four of them on the way
    head.destroy();
  });

  test('are not taken from a client faster than the backend takes them', async () => {
    const source = flood(size);
    backend.answerWith((incoming) => void incoming.pause());
    const sending = request(`${router.origin}/stuck`, { method: 'PUT', agent: false });
    pipeline(source, sending).catch(() => {});
    await new Promise((over) => setTimeout(over, 700));
    expect(source.given()).toBeLessThan(30 * megabyte);
    sending.destroy();
  });
});
