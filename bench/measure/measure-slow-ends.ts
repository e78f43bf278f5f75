import type { Socket } from 'node:net';
import { askRaw, handshake } from '../load/ask-raw.ts';
import { flood, pieceSize } from '../load/flood.ts';
import { readSlowly } from '../load/read-slowly.ts';
import { growthDuring } from '../machine/growth-during.ts';
import type { Contestant } from '../peers/peer.ts';
import { startRouter } from '../peers/start-router.ts';
import type { Plan } from '../plan.ts';
import { logInMany } from '../world/log-in-many.ts';
import { startStreamBackend } from '../world/start-stream-backend.ts';
import type { World } from '../world/world.ts';

/** By name of the slow end. */
export type SlowEnds = ReadonlyMap<string, Held>;

/** What one slow end came to. */
export interface Held {
  /** Megabytes by which the router grew. */
  readonly growth: number;
  /** Megabytes that the fast end got rid of; sockets' own buffers on the way hold a dozen or two. */
  readonly moved: number;
}

/** A stream that flows. */
interface Stalled {
  readonly socket: Socket;
  /** Bytes that have come or gone at the client. */
  readonly moved: () => number;
}

/** Where one end sends as fast as it can, and the other one reads a megabyte a second and then nothing more. */
const slowEnds = new Map<string, (router: Contestant, seconds: number) => Promise<Stalled>>([
  [
    'WebSocket to a slow client',
    (router, seconds) => toSlowClient(router, '/api/flood', handshake(router.origin), seconds),
  ],
  [
    'WebSocket to a slow backend',
    (router) => toSlowBackend(router, 'GET', '/api/listens-slowly', handshake(router.origin)),
  ],
  [
    'events to a slow client',
    (router, seconds) => toSlowClient(router, '/api/events', ['Accept: text/event-stream'], seconds),
  ],
  ['upload to a slow backend', (router) => toSlowBackend(router, 'PUT', '/api/deaf', ['Content-Length: 100000000000'])],
]);

/** Whether the router makes a fast end wait for a slow one, each with a router of its own. */
export async function measureSlowEnds(world: World, plan: Plan, tell: (line: string) => void): Promise<SlowEnds> {
  const backend = await startStreamBackend(world, plan.slow);
  const held = new Map<string, Held>();
  for (const [name, open] of slowEnds) {
    const started = await startRouter(world, name, { streamBackend: backend.origin });
    const router = { ...started, cookies: await logInMany(started.origin, 1) };
    await new Promise((rested) => setTimeout(rested, settled));
    tell(`${name}: ${2 * plan.slow} s`);
    let moved = 0;
    const growth = await growthDuring(router.pid, async () => {
      const stream = await open(router, plan.slow);
      await new Promise((over) => setTimeout(over, 2 * plan.slow * 1000));
      moved = stream.moved() / 1e6;
      stream.socket.destroy();
    });
    await router.stop();
    if (moved < plan.slow / 4) throw new Error(`${name}: only ${moved} MB moved; nothing was measured`);
    held.set(name, { growth, moved });
  }
  await backend.stop();
  return held;
}

/** Milliseconds until the router has given back what only its start needed (src/commands/settle-memory.ts). */
const settled = 1_500;

async function toSlowClient(
  { origin, cookies }: Contestant,
  path: string,
  fields: readonly string[],
  seconds: number,
): Promise<Stalled> {
  let got = 0;
  const { socket, status, head } = await askRaw(
    {
      origin,
      method: 'GET',
      path,
      fields: [`Cookie: ${cookies[0]}`, ...fields],
      take: (chunk) => {
        got += chunk.length;
      },
    },
    false,
  );
  if (status !== 101 && status !== 200) throw new Error(`${path} was answered with\n${head}`);
  readSlowly(socket, seconds, (chunk) => {
    got += chunk.length;
  });
  return { socket, moved: () => got };
}

async function toSlowBackend(
  { origin, cookies }: Contestant,
  method: 'GET' | 'PUT',
  path: string,
  fields: readonly string[],
): Promise<Stalled> {
  const piece = Buffer.alloc(pieceSize);
  const opened = new Promise<Socket>((done, failed) => {
    const answered = askRaw({
      origin,
      method,
      path,
      fields: [`Cookie: ${cookies[0]}`, ...fields],
      take: () => {},
      // An upload is not answered before it has been read; a WebSocket must be before it is used.
      ...(method === 'PUT' ? { send: done } : {}),
    });
    answered.then(({ socket, status, head }) => {
      if (status === 101) done(socket);
      else failed(new Error(`${path} was answered with\n${head}`));
    }, failed);
  });
  const socket = await opened;
  void flood(socket, piece);
  return { socket, moved: () => socket.bytesWritten - socket.writableLength };
}
