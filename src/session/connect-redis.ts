import type { createClient as createSingle } from '@redis/client';
import type { RedisSettings } from '../config/redis-settings.ts';
import type { RedisCommands } from './redis-commands.ts';

/** Longest pause between tries to connect, in milliseconds: back within two seconds of Redis' return (design section 3). */
const longestPause = 1_000;

/**
 * Connects in the background and stays connected; until then, and whenever the connection is lost, every command fails
 * at once instead of waiting in a queue. The client library is loaded here, for those who share sessions.
 * @param onLost told when the connection is lost, once for each loss
 */
export function connectRedis(settings: RedisSettings, onLost: (cause: unknown) => void): RedisCommands {
  let connected: OpenedClient | undefined;
  let closed = false;
  const client = openClient(settings, onLost).then((opened) => {
    connected = opened;
    return opened;
  });
  client.catch(onLost);
  return {
    eval: async (script, options) => within(settings.commandTimeout, (await client).eval(script, options)),
    publish: async (channel, message) => within(settings.commandTimeout, (await client).publish(channel, message)),
    subscribe(channel, listener) {
      // Until it stands; from then on the library subscribes again after each loss. Rejected at once while there is no connection.
      const attempt = async (): Promise<void> => {
        const opened = await client;
        if (!closed) await opened.subscribe(channel, listener).catch(() => later(attempt));
      };
      attempt().catch(() => {}); // told where the client is opened
    },
    get isReady() {
      return connected?.isReady ?? false;
    },
    async close() {
      closed = true;
      const opened = await client;
      // What is under way may finish; who waits for a Redis that does not answer is cut off.
      if (opened.isReady) await within(longestPause, opened.close()).catch(() => opened.destroy());
      else opened.destroy();
    },
  };
}

/** What the library's three kinds of clients have alike, as far as it is used. */
interface OpenedClient extends Pick<RedisCommands, 'eval' | 'publish' | 'isReady' | 'close'> {
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  destroy(): unknown;
}

/**
 * The library's own timeout ends with the moment a command is written; a Redis that has stopped in its tracks must not
 * hold up requests either.
 * @throws Error when `work` takes longer than `time` milliseconds
 */
function within<T>(time: number, work: Promise<T>): Promise<T> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => failed(new Error('Redis did not answer in time')), time);
    work.then(done, failed).finally(() => clearTimeout(timer));
  });
}

function later(attempt: () => Promise<void>): void {
  setTimeout(() => void attempt(), 100).unref();
}

async function openClient(settings: RedisSettings, onLost: (cause: unknown) => void): Promise<OpenedClient> {
  const { createClient, createCluster, createSentinel } = await import('@redis/client');
  const { kind, nodes, sentinelName, username, password, tls } = settings;
  const socket = {
    connectTimeout: settings.connectTimeout,
    socketTimeout: 3 * settings.commandTimeout,
    reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, longestPause),
    ...(settings.keepAlive === false ? { keepAlive: false } : { keepAliveInitialDelay: settings.keepAlive }),
    ...tls,
  };
  const common = {
    disableOfflineQueue: true,
    // A connection on which nothing comes back, not even to a ping, is opened anew.
    pingInterval: settings.commandTimeout,
    commandOptions: { timeout: settings.commandTimeout },
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
  // The three constructors differ in their generic types only; what is used of them is OpenedClient.
  const open = {
    single: () => hearingApart(createClient({ ...common, socket: { ...socket, ...nodes[0] } as object })),
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
  return client as unknown as OpenedClient;
}

type SingleClient = ReturnType<typeof createSingle>;

/**
 * Channels are heard on a connection of their own: Redis cuts one that hears any as soon as 32 MB, or 8 MB for a minute, wait to
 * be read on it (client-output-buffer-limit pubsub), and as much are a thousand sessions that are asked for at once. The
 * library's clients of clusters and sentinels do so by themselves.
 */
function hearingApart(client: SingleClient): SingleClient {
  const hearing = client.duplicate();
  hearing.on('error', () => {}); // what is wrong with Redis, the other one tells
  const silence = () => void (hearing.isOpen && hearing.destroy());
  const { connect, close, destroy } = client;
  return Object.assign(client, {
    connect() {
      hearing.connect().catch(() => {});
      return connect.call(client);
    },
    subscribe: hearing.subscribe.bind(hearing),
    async close() {
      silence();
      await close.call(client);
    },
    destroy() {
      silence();
      destroy.call(client);
    },
  });
}
