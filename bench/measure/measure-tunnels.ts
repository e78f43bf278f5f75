import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { askRaw, handshake } from '../load/ask-raw.ts';
import { memoryOf } from '../machine/memory-of.ts';
import { startRouter } from '../peers/start-router.ts';
import type { Plan } from '../plan.ts';
import { logInMany } from '../world/log-in-many.ts';
import { startStreamBackend } from '../world/start-stream-backend.ts';
import type { World } from '../world/world.ts';

/** WebSockets that stand open and say nothing. */
export interface Tunnels {
  readonly count: number;
  /** Kilobytes of the router's memory (VmRSS) for each of them, after a rest. */
  readonly each: number;
}

/** Handshakes under way at a time. */
const atOnce = 50;
/** Files that a process has open besides: two sockets a tunnel in the router, one each in the others. */
const otherFiles = 200;

/** Opens many WebSockets in a user's name and weighs what each holds in the router. */
export async function measureTunnels(world: World, plan: Plan, tell: (line: string) => void): Promise<Tunnels> {
  const count = Math.min(plan.tunnels, Math.floor((openFilesAtMost() - otherFiles) / 2));
  if (count < plan.tunnels) tell(`${plan.tunnels} WebSockets need more open files (ulimit -Hn): ${count} instead`);
  const backend = await startStreamBackend(world, 0);
  const started = await startRouter(world, 'router for WebSockets', { streamBackend: backend.origin });
  const router = { ...started, cookies: await logInMany(started.origin, 1) };
  const sockets: Socket[] = [];
  const open = async () => {
    const { socket, status, head } = await askRaw(
      {
        origin: router.origin,
        method: 'GET',
        path: '/api/silent',
        fields: [`Cookie: ${router.cookies[0]}`, ...handshake(router.origin)],
        take: () => {},
      },
      false,
    );
    if (status !== 101) throw new Error(`a WebSocket was refused:\n${head}`);
    sockets.push(socket);
  };
  const openMany = async (more: number) => {
    for (let left = more; left > 0; left -= atOnce)
      await Promise.all(Array.from({ length: Math.min(atOnce, left) }, open));
  };
  const rest = () => new Promise((rested) => setTimeout(rested, Math.max(2, plan.idle) * 1000));
  // What the first ones need, code above all, the others share.
  await openMany(atOnce);
  await rest();
  const before = memoryOf(router.pid).now;
  const steps = 10;
  for (let step = 1; step <= steps; step++) {
    await openMany(Math.round((count - atOnce) / steps));
    if (step % 2 === 0) tell(`${sockets.length} of ${count} WebSockets`);
  }
  await rest();
  const each = ((memoryOf(router.pid).now - before) * 1024) / (sockets.length - atOnce);
  const gone = sockets.filter(({ destroyed, readableEnded }) => destroyed || readableEnded).length;
  if (gone > 0) throw new Error(`${gone} of ${sockets.length} idle WebSockets did not stay open`);
  for (const socket of sockets) socket.destroy();
  await router.stop();
  await backend.stop();
  return { count: sockets.length, each };
}

/** The hard limit, to which node raises its own when it starts. */
function openFilesAtMost(): number {
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}
