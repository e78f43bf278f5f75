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
/** Where only the framing is looked at. */
const less = 20 * megabyte;
let backend: Backend;
let router: RouterProcess;
let memory: ResidentMemory;
beforeAll(async () => {
  backend = await openBackend(async (incoming, response) => {
    if (incoming.method === 'GET') {
      const chunked = incoming.url === '/chunked';
      const length = chunked ? {} : { 'content-length': String(size) };
      response.writeHead(200, { 'content-type': 'application/octet-stream', ...length });
      await pipeline(flood(chunked ? less : size), response).catch(() => {});
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

/** @returns what the backend says it has got */
async function upload(bytes: number, headers: Record<string, string>): Promise<string> {
  const sending = request(`${router.origin}/upload`, { method: 'PUT', headers, agent: false });
  const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
  const [[answer]] = await Promise.all([answered, pipeline(flood(bytes), sending)]);
  return Buffer.concat((await answer.toArray()) as Buffer[]).toString();
}

/** @returns how many bytes more than before the router held at most */
async function growthDuring(work: () => Promise<unknown>): Promise<number> {
  const before = memory.now();
  await work();
  return memory.peak() - before;
}

describe('a long body without a length', () => {
  test('comes down in chunks', async () => {
    const { bytes, head } = await download('/chunked');
    expect(head.headers['content-length']).toBeUndefined();
    expect(head.headers['transfer-encoding']).toBe('chunked');
    expect(bytes).toBe(less);
  });

  test('goes up in chunks', async () => {
    expect(await upload(less, { 'transfer-encoding': 'chunked' })).toBe(String(less));
    expect(backend.last().headers).toMatchObject({ 'transfer-encoding': 'chunked' });
    expect(backend.last().headers['content-length']).toBeUndefined();
  });
});

describe('200 MB', () => {
  test('come down with their length told, and the router grows by less than 50 MB', async () => {
    const growth = await growthDuring(async () => {
      const { bytes, head } = await download('/download');
      expect(head.headers['content-length']).toBe(String(size));
      expect(head.headers['transfer-encoding']).toBeUndefined();
      expect(bytes).toBe(size);
    });
    expect(growth).toBeLessThan(50 * megabyte);
  });

  test('go up with their length told, and the router grows by less than 50 MB', async () => {
    const growth = await growthDuring(async () => {
      expect(await upload(size, { 'content-length': String(size) })).toBe(String(size));
    });
    expect(backend.last().headers).toMatchObject({ 'content-length': String(size) });
    expect(backend.last().headers['transfer-encoding']).toBeUndefined();
    expect(growth).toBeLessThan(50 * megabyte);
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
