import type { Server } from 'node:http';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { answerHead, requestHead } from './accept/http2-heads.ts';
import { request as forwardInside } from './node-http.ts';

/** How a client begins that speaks HTTP/2 without asking first (RFC 9113 3.4); the platform's router does. */
const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const mostStreams = 200;

/** Fields of a head at most: a cookie may come in as many as it has crumbs (RFC 9113 8.2.3); bytes bound them, too. */
const mostFields = 1_000;
/** Milliseconds until a client must have said which protocol it speaks, as for the head of a request. */
const longestPreface = 60_000;

/** RFC 9110 15.3.5, 15.3.6, 15.4.5. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

interface Open {
  readonly sessions: Set<Http2Session>;
  streams: number;
}

const openAt = new WeakMap<Server, Open>();

/**
 * Lets a server take HTTP/2 on the same port (HTTP2_SUPPORT): by prior knowledge, as platforms speak it to applications.
 * Each stream becomes a request of HTTP/1.1 on a connection inside this process, so that all that stands behind sees one
 * kind of request, and no check knows two protocols (T-21).
 * @param idleTime milliseconds after which a silent connection is closed; 0: never
 */
export function serveHttp2(server: Server, maxHeaderListSize: number, idleTime: number): void {
  const serveHttp1 = server.listeners('connection') as ((socket: Duplex) => void)[];
  const open: Open = { sessions: new Set(), streams: 0 };
  openAt.set(server, open);
  // Loaded on need: few routers speak it.
  const { createServer } = process.getBuiltinModule('node:http2');
  const http2 = createServer({
    settings: { maxHeaderListSize, maxConcurrentStreams: mostStreams },
    maxHeaderListPairs: mostFields,
  });
  http2.on('session', (session) => {
    open.sessions.add(session);
    session.once('close', () => open.sessions.delete(session));
    session.on('error', () => session.destroy());
    // At once, as a silent connection of HTTP/1.1 is: a client that reads nothing would never let its streams end (T-27).
    if (idleTime > 0) session.setTimeout(idleTime, () => session.destroy());
  });
  http2.on('stream', (stream, _headers, _flags, raw) => {
    stream.on('error', () => stream.destroy());
    open.streams += 1;
    stream.once('close', () => {
      open.streams -= 1;
    });
    if (idleTime > 0) letGoWhenUnread(stream, idleTime);
    // A turn later: what was taken back in the same breath never begins (rapid reset, CVE-2023-44487).
    setImmediate(serveStream, stream, raw as unknown as readonly string[], (inside) => {
      for (const serve of serveHttp1) serve.call(server, inside);
    });
  });
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => socket.destroy());
    // A server of HTTP/1.1 sees to half-closed connections itself, and so nobody else does: who has left would stay.
    const left = () => socket.destroy();
    socket.once('end', left);
    if (idleTime > 0) socket.setTimeout(idleTime, () => socket.destroy());
    // Byte by byte, a preface could go on for as long as a client likes.
    const tooLate = setTimeout(() => socket.destroy(), longestPreface).unref();
    socket.once('close', () => clearTimeout(tooLate));
    tellProtocol(socket, (isHttp2) => {
      clearTimeout(tooLate);
      socket.setTimeout(0).removeAllListeners('timeout');
      if (isHttp2) http2.emit('connection', socket);
      else {
        socket.off('end', left);
        for (const serve of serveHttp1) serve.call(server, socket);
      }
    });
  });
}

/** Streams of a server that have not ended: a client may read on what has been answered long ago. */
export function streamsInFlight(server: Server): number {
  return openAt.get(server)?.streams ?? 0;
}

/** Ends connections of HTTP/2: at first with what is in flight, then whatever is left. */
export function closeHttp2(server: Server, how: 'gracefully' | 'at once'): void {
  for (const session of openAt.get(server)?.sessions ?? []) how === 'gracefully' ? session.close() : session.destroy();
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

/**
 * Ends a stream whose client has not read for so long: pings keep its connection awake, and node takes their answers for
 * progress of every stream on it.
 */
function letGoWhenUnread(stream: ServerHttp2Stream, idleTime: number): void {
  let before = 0;
  const look = setInterval(() => {
    const waiting = stream.writableLength;
    if (waiting > 0 && waiting === before) cutShort(stream);
    before = waiting;
  }, idleTime).unref();
  stream.once('close', () => clearInterval(look));
}

/** Resets a stream. Not by `close`, which says first that the answer has ended well: it would pass for a whole one. */
function cutShort(stream: ServerHttp2Stream): void {
  stream.destroy(new Error('cut short'));
}

function serveStream(stream: ServerHttp2Stream, raw: readonly string[], connect: (inside: Duplex) => void): void {
  if (stream.destroyed || stream.closed) return;
  const head = requestHead(raw);
  if (head === undefined) return void stream.respond({ ':status': 400 }, { endStream: true });
  const { method, path, headers } = head;
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
    answer.on('error', () => cutShort(stream));
    const said = answerHead(answer);
    const ends = method === 'HEAD' || bodiless.has(said[':status']);
    stream.respond(said, { endStream: ends });
    if (ends) answer.resume();
    else answer.pipe(stream);
  });
  inside.on('error', () => {
    // As a connection of HTTP/1.1 would be; what is wrong with a request is answered.
    cutShort(stream);
  });
  stream.once('close', () => inside.destroy());
  if (hasBody) stream.pipe(inside);
  else inside.end();
}
