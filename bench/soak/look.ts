import { request } from 'undici';
import type { Inspection } from './inspect.ts';
import type { SoakWorld } from './open-world.ts';

/** How things are in the router at a moment. Megabytes. */
export interface Look {
  /** Seconds since the start. */
  readonly at: number;
  readonly heap: number;
  /** Outside of V8's heap, buffers mostly. */
  readonly external: number;
  readonly rss: number;
  /** What keeps the process busy, by kind, as node tells it. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners of the process, by event. */
  readonly listeners: Readonly<Record<string, number>>;
  readonly held: Held;
}

/** What the router says it holds. */
export interface Held {
  readonly sessions: number;
  readonly tokens: number;
  readonly liveSessions: number;
  readonly inFlight: number;
  readonly backendConnections: number;
}

/** Takes looks at a router. @param collected whether garbage is collected first, as for whatever is compared */
export type TakeLook = (collected: boolean) => Promise<Look>;

const expression = `(() => {
  const count = (names) => names.reduce((all, name) => ({ ...all, [name]: (all[name] ?? 0) + 1 }), {});
  return {
    memory: process.memoryUsage(),
    resources: count(process.getActiveResourcesInfo()),
    listeners: Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)])),
  };
})()`;

interface Seen extends Pick<Look, 'resources' | 'listeners'> {
  readonly memory: { readonly heapUsed: number; readonly external: number; readonly rss: number };
}

export function lookingAt({ admin, sessionsInRedis }: SoakWorld, inspection: Inspection): TakeLook {
  const begun = performance.now();
  return async (collected) => {
    if (collected) await inspection.collect();
    const { memory, resources, listeners } = await inspection.evaluate<Seen>(expression);
    const scrape = await (await request(`${admin}/metrics`, { headers: { connection: 'close' } })).body.text();
    const sum = (name: string) =>
      [...scrape.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
        (all, [, value]) => all + Number(value),
        0,
      );
    return {
      at: (performance.now() - begun) / 1000,
      heap: memory.heapUsed / 1e6,
      external: memory.external / 1e6,
      rss: memory.rss / 1e6,
      resources,
      listeners,
      held: {
        sessions: (await sessionsInRedis?.()) ?? sum('portunus_sessions'),
        tokens: sum('portunus_tokens_kept'),
        liveSessions: sum('portunus_live_sessions'),
        inFlight: sum('portunus_requests_in_flight'),
        backendConnections: [
          ...scrape.matchAll(/^portunus_backend_connections\{.*state="connected"\} (\d+)$/gm),
        ].reduce((all, [, value]) => all + Number(value), 0),
      },
    };
  };
}
