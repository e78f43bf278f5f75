import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { openRouter } from '../support/open-router.ts';
import { openWebSocketBackend, type WebSocketBackend } from '../support/open-web-socket-backend.ts';
import { type Tunnel, upgrade } from '../support/upgrade.ts';
import { instanceSetup, logInAt, publicOrigin } from './support/instances.ts';
import { openRedis, type Redis } from './support/open-redis.ts';

/** A session that ends by its clocks, outside any request, with two instances that could both clean up. */
let landscape: Landscape;
let redis: Redis;
let quay: Backend;
let chat: WebSocketBackend;
beforeAll(async () => {
  [landscape, redis, quay, chat] = await Promise.all([
    openLandscape(),
    openRedis(),
    openBackend(),
    openWebSocketBackend(),
  ]);
});

const seconds = (count: number) => String(count / 60);

describe.each<[string, Record<string, string>, Record<string, string>]>([
  ['idle, in memory', { SESSION_TIMEOUT: seconds(1) }, { REDIS_URL: '' }],
  ['idle, in Redis', { SESSION_TIMEOUT: seconds(1) }, {}],
  ['too old, in Redis, though it is used', { SESSION_MAX_AGE: seconds(2) }, {}],
])('a session that is %s', (_, clock, store) => {
  test('takes its WebSockets along, and one instance tells the backends', async () => {
    await redis.tell('FLUSHALL');
    const shared = Object.keys(store).length === 0;
    const setup = instanceSetup({ landscape, redis, quay, chat }, { ...clock, ...(shared ? {} : { REDIS_URL: '' }) });
    if (!shared) delete (setup.env as Record<string, unknown>)['REDIS_URL'];
    const instances = [await openRouter(setup), ...(shared ? [await openRouter(setup)] : [])];
    const { browser, headers } = await logInAt(instances[0]?.origin ?? '', users.everywhere);
    quay.forget();
    const open = await Promise.all(
      instances.map(({ origin }) => upgrade(origin, '/chat', { ...headers, origin: publicOrigin })),
    );
    const using =
      'SESSION_MAX_AGE' in clock && setInterval(() => void browser.fetch(`${publicOrigin}/me/currentUser`), 200);
    const talking = setInterval(() => {
      for (const { tunnel } of open) if (tunnel?.socket.writable) tunnel.send({ opcode: 0x9 });
    }, 200);
    const closes = await Promise.all(open.map(({ tunnel }) => closeFrame(tunnel)));
    clearInterval(talking);
    if (using) clearInterval(using);
    expect(closes).toEqual(open.map(() => '4401 session ended'));
    const told = () => quay.received.filter(({ url }) => url === '/bye').length;
    await vi.waitFor(() => expect(told()).toBeGreaterThanOrEqual(1), { timeout: 3_000 });
    if (shared)
      // each instance has looked at the schedule since
      await vi.waitFor(async () => expect(await redis.tell('ZCARD', 'portunus:session:ends')).toBe(':0'));
    expect(told()).toBe(1);
    expect((await browser.fetch(`${publicOrigin}/me/currentUser`)).status).toBe(401);
  });
});

/** What a tunnel is closed with; pongs before it are read over. */
async function closeFrame(tunnel: Tunnel | undefined): Promise<string> {
  for (;;) {
    const frame = await tunnel?.next();
    if (frame === undefined) return 'no tunnel';
    if (frame.opcode === 0x8) return `${frame.payload.readUInt16BE(0)} ${frame.payload.subarray(2).toString()}`;
  }
}
