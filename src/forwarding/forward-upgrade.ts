import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestHandler } from 'http-proxy-middleware';
import type { Target } from '../destinations/read-target.ts';
import { fateOf } from './backend-cookies.ts';
import { watchTunnel } from './close-tunnel.ts';
import { letGoOfMessages } from './let-go-of-messages.ts';
import { resetConnection } from './reset-connection.ts';
import { watchLeaving } from './watch-leaving.ts';

/**
 * Sends an admitted upgrade on; settles with the status of the upstream's answer, or with none when it has failed. `onFailure` is called at once,
 * while the socket can still be written to: the library closes it right afterwards.
 */
export type ForwardUpgrade = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  outgoing: UpgradeRequest,
  onFailure: (cause: unknown) => void,
) => Promise<number | undefined>;

export interface UpgradeRequest {
  readonly target: Target;
  readonly path: string;
  /** Name, value, name, value… */
  readonly headers: readonly string[];
  /** Milliseconds until the answer must be there. */
  readonly timeout: number;
}

interface Waiting {
  readonly timeout: number;
  readonly opened: (status: number) => void;
  readonly failed: (cause: unknown) => void;
}

/**
 * Upgrades by http-proxy-middleware, always called by hand and never with `ws: true`, which would let upgrades in around
 * every check (style.md 5 #1). After 101 the tunnel is raw: pings, extensions and close codes are the ends' own.
 */
export function createForwardUpgrade(isOwnCookie: (name: string) => boolean): ForwardUpgrade {
  const proxies = new WeakMap<Target, RequestHandler>();
  const waiting = new WeakMap<IncomingMessage, Waiting>();

  const proxyFor = async (target: Target): Promise<RequestHandler> => {
    const known = proxies.get(target);
    if (known !== undefined) return known;
    // Loaded with the first upgrade: most routers never see one.
    const [{ createProxyMiddleware }, { agentFor }] = await Promise.all([
      import('http-proxy-middleware'),
      import('./upgrade-agent.ts'),
    ]);
    const proxy = createProxyMiddleware({
      target: target.url.origin,
      secure: target.tls.verify,
      ...agentFor(target),
      ejectPlugins: true,
      plugins: [
        (server) => {
          server.on('error', (cause, request) => waiting.get(request as IncomingMessage)?.failed(cause));
          server.on('proxyReqWs', (proxyRequest, request, socket) => {
            socket.on('error', () => proxyRequest.destroy());
            const late = setTimeout(
              () => proxyRequest.destroy(tooLate()),
              waiting.get(request as IncomingMessage)?.timeout,
            );
            const staying = watchLeaving(socket, () => {
              socket.destroy();
              proxyRequest.destroy(clientLeft());
            });
            for (const event of ['upgrade', 'response', 'error', 'close'] as const)
              proxyRequest.once(event, () => {
                clearTimeout(late);
                staying();
              });
            // Ours come first: the library writes the head in its own listeners.
            for (const event of ['upgrade', 'response'] as const)
              proxyRequest.once(event, ({ headers }: IncomingMessage) => withoutOwnCookies(headers, isOwnCookie));
            proxyRequest.once('upgrade', (_answer, upstream) => {
              // Once the library has joined the two, and before anything flows: its listener comes after this one.
              const before = upstream.listeners('end');
              process.nextTick(() => {
                letGoOfMessages(socket, upstream, before);
                watchTunnel(socket, upstream);
              });
              waiting.get(request as IncomingMessage)?.opened(101);
            });
            // Anything but 101 is handed to the client as it is; for us the exchange is over then too.
            proxyRequest.once('response', (answer) => {
              letGo(socket);
              answer.setTimeout(target.idleTimeout, () => {
                resetConnection(socket); // the answer may have no other end than that of the connection
                answer.destroy();
              });
              waiting.get(request as IncomingMessage)?.opened(answer.statusCode ?? 502);
            });
            proxyRequest.once('error', (cause) => waiting.get(request as IncomingMessage)?.failed(cause));
          });
          server.on('open', (upstream) => upstream.on('error', () => upstream.destroy()));
        },
      ],
    });
    proxies.set(target, proxy);
    return proxy;
  };

  return (request, socket, head, { target, path, headers, timeout }, onFailure) =>
    new Promise<number | undefined>((opened) => {
      const failed = (cause: unknown) => {
        if (!waiting.delete(request)) return;
        onFailure(cause);
        opened(undefined);
      };
      const settled = (status: number) => {
        waiting.delete(request);
        opened(status);
      };
      waiting.set(request, { timeout, opened: settled, failed });
      request.url = path;
      request.headers = headerRecord(headers, target);
      proxyFor(target).then(
        (proxy) => proxy.upgrade(request, socket as Parameters<RequestHandler['upgrade']>[1], head),
        failed,
      );
    });
}

/** Our flat list as node's header object, with the headers of this hop put back (RFC 6455 4.1). */
function headerRecord(flat: readonly string[], target: Target): Record<string, string> {
  const record: Record<string, string> = Object.assign(Object.create(null), { host: target.url.host });
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const name = (flat[i] as string).toLowerCase();
    const value = flat[i + 1] as string;
    record[name] = record[name] === undefined || name === 'host' ? value : `${record[name]}, ${value}`;
  }
  return { ...record, connection: 'Upgrade', upgrade: 'websocket' };
}

/** As undici says it of a request. */
function tooLate(): Error {
  return Object.assign(new Error('no answer to the upgrade'), { code: 'UND_ERR_HEADERS_TIMEOUT' });
}

function clientLeft(): Error {
  return Object.assign(new Error('the client has left'), { code: 'CLIENT_LEFT' });
}

/** No backend sets a cookie of ours, by no kind of answer: it would plant a session (T-21). */
function withoutOwnCookies(headers: IncomingHttpHeaders, isOwnCookie: (name: string) => boolean): void {
  const passing = headers['set-cookie']?.filter((line) => {
    const fate = fateOf(line, isOwnCookie);
    return fate.kind !== 'drop' && !isOwnCookie(fate.cookie.name);
  });
  if (passing !== undefined) headers['set-cookie'] = passing;
}

/**
 * What a client sent behind an upgrade that came to nothing is nobody's: thrown away, or its connection would never end. It
 * ends with the client, even if the answer does not.
 */
function letGo(socket: Duplex): void {
  socket.resume().once('end', () => socket.destroy());
  socket.once('finish', () => setTimeout(() => socket.destroy(), 1_000).unref());
}
