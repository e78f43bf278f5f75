import type { World } from '../world/world.ts';

/** A proxy to measure. */
export interface Peer {
  readonly name: string;
  /** What it does for each request besides forwarding it. */
  readonly does: string;
  /** Why it cannot be measured here; undefined when it can. */
  missing(): string | undefined;
  start(world: World): Promise<Contestant>;
}

/** A proxy that runs, and how to ask it. */
export interface Contestant {
  readonly name: string;
  readonly pid: number;
  readonly origin: string;
  /** Values of the Cookie header, used in turns. */
  readonly cookies: readonly string[];
  /** The kind of credential that the backend is shown. */
  readonly credential: 'bearer' | 'none';
  stop(): Promise<void>;
}
