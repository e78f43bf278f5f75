import type { buildConnector as Connecting, Dispatcher } from 'undici';
import type { Target } from '../destinations/read-target.ts';
import { tlsOptions } from '../destinations/tls-options.ts';
import { buildConnector, Pool, ProxyAgent } from '../undici-core.ts';

/** Connection pools, one for each way of connecting: origin, trust, client certificate, proxy, patience. */
export interface Pools {
  of(target: Target): Dispatcher;
  /** How the pools are used now. @param waiting how many wait before a pool (see `Seats`) */
  use(waiting: (pool: Dispatcher) => number): readonly PoolUse[];
  close(): Promise<void>;
}

/** How the connections to one origin are used. */
export interface PoolUse {
  readonly origin: string;
  readonly connected: number;
  readonly idle: number;
  /** Requests that wait for a connection. */
  readonly queued: number;
}

/** Milliseconds an idle connection is kept: below the 5 s at which node's own servers close theirs. */
const keepAlive = 4_000;

/** A pool for as long as somebody connects so: destinations of a bound service come and go, tenants with them. */
interface OpenPool {
  readonly origin: string;
  readonly ref: WeakRef<Dispatcher>;
}

/**
 * @param connections most connections per upstream (BACKEND_MAX_SOCKETS)
 * @param reuse false closes a connection after each request (DISABLE_CONNECTION_REUSE)
 */
export function createPools(connections: number, reuse: boolean): Pools {
  const pools = new Map<string, OpenPool>();
  const byTarget = new WeakMap<Target, Dispatcher>();
  const gone = new FinalizationRegistry<string>((key) => {
    if (pools.get(key)?.ref.deref() === undefined) pools.delete(key);
  });
  const open = () =>
    [...pools.values()].flatMap(({ origin, ref }) => {
      const pool = ref.deref();
      return pool === undefined ? [] : [{ origin, pool }];
    });
  const make = (target: Target, key: string) => {
    const pool = makePool(target, connections, reuse, target.connectTimeout);
    pools.set(key, { origin: target.url.origin, ref: new WeakRef(pool) });
    gone.register(pool, key);
    return pool;
  };
  return {
    of(target) {
      let pool = byTarget.get(target);
      if (pool === undefined) {
        const { clientCertificate, ...tls } = target.tls;
        const { connectTimeout: patience } = target;
        const key = JSON.stringify([target.url.origin, tls, clientCertificate?.fingerprint, target.proxy, patience]);
        pool = pools.get(key)?.ref.deref() ?? make(target, key);
        byTarget.set(target, pool);
      }
      return pool;
    },
    use: (waiting) =>
      open().flatMap(({ origin, pool }) => {
        if (!(pool instanceof Pool)) return []; // what goes through a proxy does not tell
        const { connected, free, queued } = pool.stats;
        return [{ origin, connected, idle: free, queued: queued + waiting(pool) }];
      }),
    async close() {
      const closing = open();
      pools.clear(); // closing twice is no error, as for everything that can be closed
      await Promise.all(closing.map(({ pool }) => pool.close()));
    },
  };
}

/** @param patience longest wait for a connection, in milliseconds */
function makePool(target: Target, connections: number, reuse: boolean, patience: number): Dispatcher {
  const tls = tlsOptions(target.tls);
  // HTTP/1.1 only: one set of rules for headers, on both legs.
  const options = {
    connections,
    allowH2: false,
    pipelining: reuse ? 1 : 0,
    keepAliveTimeout: keepAlive,
    keepAliveMaxTimeout: 60_000,
  };
  if (target.proxy !== undefined) {
    const { host, port, secure, authorization: token } = target.proxy;
    return new ProxyAgent({
      ...options,
      uri: `http${secure ? 's' : ''}://${host}:${port}`,
      ...(token === undefined ? {} : { token }),
      requestTls: { ...tls, timeout: patience },
      clientFactory: (origin, more) => new Pool(origin, { ...more, headersTimeout: patience }),
    }).compose(grouped);
  }
  return new Pool(target.url.origin, {
    ...options,
    connect: tellingItsReads(buildConnector({ ...tls, allowH2: false, timeout: patience })),
  });
}

const reset = 'ECONNRESET';

/** ProxyAgent would keep only the last of several headers of one name in a flat list; in this form it keeps all. */
const grouped: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const { headers } = options;
  if (!Array.isArray(headers)) return dispatch(options, handler);
  const byName: Record<string, string | string[]> = Object.create(null);
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    const before = byName[name];
    const value = headers[i + 1] as string;
    byName[name] = before === undefined ? value : [before, value].flat();
  }
  return dispatch({ ...options, headers: byName }, handler);
};

/**
 * Errors of a connection say what it has read, as undici's own do: whether it was a kept one (is-stale.ts). A reset is an error
 * also where the end of the connection would be the end of the answer (RFC 9112 8): undici takes that for a whole one, by
 * the code, which therefore is another one while undici looks.
 */
function tellingItsReads(connect: Connecting.connector): Connecting.connector {
  return (target, connected) =>
    connect(target, (...outcome) => {
      const [, socket] = outcome;
      socket?.on('error', (error: NodeJS.ErrnoException & { socket?: object }) => {
        error.socket ??= { bytesRead: socket.bytesRead };
        if (error.code !== reset) return;
        error.code = 'UND_ERR_SOCKET';
        queueMicrotask(() => {
          error.code = reset;
        });
      });
      connected(...outcome);
    });
}
