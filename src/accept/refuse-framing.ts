import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../errors/app-error.ts';

/** Connections on which something came that readers can disagree about. */
const doubted = new WeakSet<Socket>();

/** Names and values that node hands on at most; versions that do not refuse more leave the rest out without a word. */
const mostRawHeaders = 2_000;

/**
 * Refuses what node's parser lets pass although another reader on the way may see another request in it (T-20): transfer
 * codings beside `chunked`, which a reader that knows only some of them ends elsewhere (RFC 9112 6.1), and a second
 * `Host` (RFC 9112 3.2 demands 400), WebSocket upgrades that have a body or are no GET (RFC 6455 4.1; T-21), and heads of
 * which not every line may have been seen. Nothing more is taken from such a connection.
 * @throws AppError 400 or 431, which closes the connection
 */
export function refuseFraming({
  headers,
  httpVersionMajor,
  method,
  rawHeaders,
  socket,
  tunnel,
}: IncomingMessage): void {
  if (httpVersionMajor !== 1) throw refused(socket, 'only HTTP/1.1 is spoken here'); // node takes "HTTP/2.0" for text
  if (rawHeaders.length >= mostRawHeaders) throw refused(socket, 'there are too many headers', 431);
  const coding = headers['transfer-encoding'];
  if (tunnel !== undefined && (method !== 'GET' || coding !== undefined || Number(headers['content-length'] ?? 0) > 0))
    throw refused(socket, 'an upgrade to WebSocket is a GET without a body');
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    throw refused(socket, 'the transfer coding is unknown');
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) throw refused(socket, 'there are several Host headers');
}

/** Whether a request came behind one that was refused so: it may be a part of that one, and is nobody's to answer. */
export function comesBehindRefused({ socket }: IncomingMessage): boolean {
  return doubted.has(socket);
}

function refused(socket: Socket, detail: string, status = 400): AppError {
  doubted.add(socket);
  return new AppError({ code: 'ERR_BAD_REQUEST', status, detail, headers: { connection: 'close' } });
}
