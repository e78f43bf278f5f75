/** How much is measured. */
export interface Plan {
  readonly name: 'full' | 'quick' | 'guard';
  /** Rounds of each comparison; in a round every contestant has its turn. */
  readonly rounds: number;
  /** Seconds of load in a turn, and before the first round for warming up. */
  readonly seconds: number;
  readonly warmUp: number;
  /** Seconds to wait in all for others on the machine to be done. */
  readonly patience: number;
  /** Connections that the load holds open, each with one request at a time. */
  readonly connections: number;
  /** Whether proxies that no goal is set against have turns too. */
  readonly everybody: boolean;
  /** Long bodies through the router and the yardstick, in each direction. */
  readonly transfers: { readonly rounds: number; readonly megabytes: number };
  /** Seconds for which a slow end reads slowly, and then as long not at all; 0: slow ends are not measured. */
  readonly slow: number;
  /** WebSockets that are open at once; 0: they are not measured. */
  readonly tunnels: number;
  /** Live sessions of the router that has many; 0: what routes and sessions cost is not measured. */
  readonly sessions: number;
  /** Of these, how many the load uses. */
  readonly sessionsUsed: number;
  /** Seconds of rest before sessions are weighed: V8 gives back what logins needed after a quarter of a minute, or two. */
  readonly settling: number;
  readonly starts: number;
  /** Seconds of rest before memory is read. */
  readonly idle: number;
  /** Requests that find no token in the cache. */
  readonly misses: number;
}

export const plans = {
  full: {
    name: 'full',
    rounds: 9,
    seconds: 2,
    warmUp: 16,
    patience: 600,
    connections: 50,
    everybody: true,
    transfers: { rounds: 5, megabytes: 2_000 },
    slow: 5,
    tunnels: 5_000,
    sessions: 100_000,
    sessionsUsed: 1_000,
    settling: 40,
    starts: 9,
    idle: 5,
    misses: 200,
  },
  /** Two minutes: tells whether something broke, not by how many percent. */
  quick: {
    name: 'quick',
    rounds: 3,
    seconds: 1,
    warmUp: 2,
    patience: 0,
    connections: 50,
    everybody: false,
    transfers: { rounds: 3, megabytes: 200 },
    slow: 1.5,
    tunnels: 500,
    sessions: 2_000,
    sessionsUsed: 200,
    settling: 2,
    starts: 2,
    idle: 0.5,
    misses: 30,
  },
  /** A quarter of a minute: whether a request has become much more expensive. */
  guard: {
    name: 'guard',
    rounds: 3,
    seconds: 1,
    warmUp: 3,
    patience: 0,
    connections: 50,
    everybody: false,
    transfers: { rounds: 0, megabytes: 0 },
    slow: 0,
    tunnels: 0,
    sessions: 0,
    sessionsUsed: 0,
    settling: 0,
    starts: 0,
    idle: 0,
    misses: 0,
  },
} as const satisfies Record<string, Plan>;
