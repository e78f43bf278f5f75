import type { RedisSettings } from '../config/redis-settings.ts';
import type { RedisCommands } from './redis-store.ts';

/** Longest pause between tries to connect, in milliseconds: back within two seconds of Redis' return (design section 3). */
const longestPause = 1_000;

/**
 * Connects in the background and stays connected; until then, and whenever the connection is lost, every command fails
 * at once instead of waiting in a queue. The client library is loaded here, for those who share sessions.
 * @param onLost told when the connection is lost, once for each loss
 */
export function connectRedis(settings: RedisSettings, onLost: (cause: unknown) => void): RedisCommands {
  let connected: RedisCommands | undefined;
  const client = openClient(settings, onLost).then((opened) => {
    connected = opened;
    return opened;
  });
  client.catch(onLost);
  return {
    hGetAll: async (key) => (await client).hGetAll(key),
    pExpire: async (key, milliseconds) => (await client).pExpire(key, milliseconds),
    pTTL: async (key) => (await client).pTTL(key),
    del: async (key) => (await client).del(key),
    sMembers: async (key) => (await client).sMembers(key),
    eval: async (script, options) => (await client).eval(script, options),
    get isReady() {
      return connected?.isReady ?? false;
    },
    close: async () => (await client).close(),
  };
}

async function openClient(settings: RedisSettings, onLost: (cause: unknown) => void): Promise<RedisCommands> {
  const { createClient, createCluster, createSentinel } = await import('@redis/client');
  const { kind, nodes, sentinelName, username, password, tls } = settings;
  const socket = {
    connectTimeout: settings.connectTimeout,
    reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, longestPause),
    ...(settings.keepAlive === false ? { keepAlive: false } : { keepAliveInitialDelay: settings.keepAlive }),
    ...tls,
  };
  const common = {
    disableOfflineQueue: true,
    commandOptions: { timeout: settings.commandTimeout },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
  // The three constructors differ in their generic types only; what is used of them is RedisCommands.
  const open = {
    single: () => createClient({ ...common, socket: { ...socket, ...nodes[0] } as object }),
    cluster: () =>
      createCluster({
        rootNodes: nodes.map((node) => ({ socket: { ...socket, ...node } as object })),
        defaults: { ...common, socket: socket as object },
      }),
    sentinel: () =>
      createSentinel({
        name: sentinelName,
        sentinelRootNodes: [...nodes],
        nodeClientOptions: { ...common, socket: socket as object },
      }),
  } satisfies Record<RedisSettings['kind'], () => unknown>;
  const client = open[kind]();
  let lost = false;
  client.on('error', (cause: unknown) => {
    if (!lost) onLost(cause);
    lost = true;
  });
  client.on('ready', () => {
    lost = false;
  });
  client.connect().catch(() => {}); // told by the error event; the strategy above goes on trying
  return client as unknown as RedisCommands;
}
