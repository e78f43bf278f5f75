import { request as forwardInside, type IncomingMessage, type Server } from 'node:http';
import {
  constants,
  createServer,
  type Http2Session,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';

/** How a client begins that speaks HTTP/2 without asking first (RFC 9113 3.4); the platform's router does. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const mostStreams = 200;

/** Headers of one HTTP/1.1 connection, which HTTP/2 forbids (RFC 9113 8.2.2); a body is framed anew on each side. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

const sessionsOf = new WeakMap<Server, Set<Http2Session>>();

/**
 * Lets a server take HTTP/2 on the same port (HTTP2_SUPPORT): by prior knowledge, as platforms speak it to applications.
 * Each stream becomes a request of HTTP/1.1 on a connection inside this process, so that all that stands behind sees one
 * kind of request, and no check knows two protocols (T-21).
 * @param idleTime milliseconds after which a silent connection is closed; 0: never
 */
export function serveHttp2(server: Server, maxHeaderListSize: number, idleTime: number): void {
  const serveHttp1 = server.listeners('connection') as ((socket: Duplex) => void)[];
  const sessions = new Set<Http2Session>();
  sessionsOf.set(server, sessions);
  const http2 = createServer({ settings: { maxHeaderListSize, maxConcurrentStreams: mostStreams } });
  http2.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => session.destroy());
    if (idleTime > 0) session.setTimeout(idleTime, () => session.close());
  });
  http2.on('stream', (stream, _headers, _flags, raw) => {
    stream.on('error', () => stream.destroy());
    serveStream(stream, raw as unknown as readonly string[], (inside) => {
      for (const serve of serveHttp1) serve.call(server, inside);
    });
  });
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => socket.destroy());
    if (idleTime > 0) socket.setTimeout(idleTime, () => socket.destroy());
    tellProtocol(socket, (isHttp2) => {
      socket.setTimeout(0).removeAllListeners('timeout');
      if (isHttp2) http2.emit('connection', socket);
      else for (const serve of serveHttp1) serve.call(server, socket);
    });
  });
}

/** Ends connections of HTTP/2: at first with what is in flight, then whatever is left. */
export function closeHttp2(server: Server, how: 'gracefully' | 'at once'): void {
  for (const session of sessionsOf.get(server) ?? []) how === 'gracefully' ? session.close() : session.destroy();
}

/** Looks at the first bytes, and puts them back. */
function tellProtocol(socket: Socket, tell: (isHttp2: boolean) => void): void {
  let seen = Buffer.alloc(0);
  const look = () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    seen = Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, preface.length);
    const fits = seen.subarray(0, compared).equals(preface.subarray(0, compared));
    if (fits && compared < preface.length) return;
    socket.off('readable', look);
    socket.unshift(seen);
    // A turn later, when the socket is out of the state that listening to `readable` put it into.
    setImmediate(() => tell(fits));
  };
  socket.on('readable', look);
}

function serveStream(stream: ServerHttp2Stream, raw: readonly string[], connect: (inside: Duplex) => void): void {
  const { method, path, headers } = readHead(raw);
  // There is no tunnel in a stream of ours (RFC 8441 was not offered).
  if (method === undefined || path === undefined || method === 'CONNECT')
    return void stream.respond({ ':status': 400 }, { endStream: true });
  const hasBody = !stream.endAfterHeaders;
  const hasLength = headers.some((text, i) => i % 2 === 0 && text.toLowerCase() === 'content-length');
  if (hasBody && !hasLength) headers.push('transfer-encoding', 'chunked');
  let inside: ReturnType<typeof forwardInside>;
  try {
    inside = forwardInside({
      method,
      path,
      headers: headers as never,
      setDefaultHeaders: false,
      createConnection: () => {
        const [ours, servers] = duplexPair();
        const { socket } = stream.session ?? {};
        for (const name of ['remoteAddress', 'remotePort', 'localAddress', 'localPort'] as const)
          Object.defineProperty(servers, name, { value: socket?.[name] });
        // The end of one is the end of the other, as with a socket: so a client that leaves is noticed.
        ours.once('close', () => servers.destroy());
        servers.once('close', () => ours.destroy());
        connect(servers);
        return ours;
      },
    });
  } catch {
    // What HTTP/1.1 cannot say: a blank in the path, a line break in a value.
    return void stream.respond({ ':status': 400 }, { endStream: true });
  }
  inside.on('response', (answer) => {
    if (stream.destroyed || stream.closed) return void answer.destroy();
    const ends = method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304;
    stream.respond({ ':status': answer.statusCode ?? 502, ...answerHeaders(answer) }, { endStream: ends });
    if (ends) return void answer.resume();
    answer.on('error', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    answer.pipe(stream);
  });
  inside.on('error', () => {
    if (!stream.headersSent && !stream.destroyed) stream.respond({ ':status': 400 }, { endStream: true });
    else stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  });
  stream.once('close', () => inside.destroy());
  if (hasBody) stream.pipe(inside);
  else inside.end();
}

function readHead(raw: readonly string[]): { method?: string; path?: string; headers: string[] } {
  const pseudo = new Map<string, string>();
  const headers: string[] = [];
  const cookies: string[] = [];
  let host: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i], raw[i + 1]];
    if (name.startsWith(':')) pseudo.set(name, value);
    else if (name === 'host') host = value;
    // One crumb a field, to be joined again (RFC 9113 8.2.3).
    else if (name === 'cookie') cookies.push(value);
    else if (!ofConnection.has(name)) headers.push(name, value);
  }
  if (cookies.length > 0) headers.push('cookie', cookies.join('; '));
  // RFC 9113 8.3.1: the authority is the host, whatever a field of that name says.
  const authority = pseudo.get(':authority') ?? host;
  if (authority !== undefined) headers.unshift('host', authority);
  const [method, path] = [pseudo.get(':method'), pseudo.get(':path')];
  return { ...(method === undefined ? {} : { method }), ...(path === undefined ? {} : { path }), headers };
}

function answerHeaders(answer: IncomingMessage): OutgoingHttpHeaders {
  const headers: Record<string, string[]> = {};
  for (let i = 0; i + 1 < answer.rawHeaders.length; i += 2) {
    const name = (answer.rawHeaders[i] ?? '').toLowerCase();
    if (ofConnection.has(name)) continue;
    headers[name] = [...(headers[name] ?? []), answer.rawHeaders[i + 1] ?? ''];
  }
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
}
