import { connect, type Socket } from 'node:net';
import { pieceSize } from './flood.ts';

/** A request whose answer has begun, on a bare socket. */
export interface Raw {
  readonly socket: Socket;
  readonly status: number;
  /** The answer's head. */
  readonly head: string;
}

export interface RawRequest {
  readonly origin: string;
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  /** Lines of the head besides Host. */
  readonly fields: readonly string[];
  /** Given what comes behind the answer's head. */
  readonly take: (chunk: Buffer) => void;
  /** Called with the connection once the head of the request is written: a body goes out here. */
  readonly send?: (socket: Socket) => void;
}

/**
 * Asks on a socket of its own, without an HTTP client: what this costs is taken from the core the backend needs, too.
 * @param reads false: what comes is left to the caller's listeners behind the head; it is read into one buffer otherwise
 * @throws Error when the connection ends before the answer's head
 */
export function askRaw({ origin, method, path, fields, take, send }: RawRequest, reads = true): Promise<Raw> {
  return new Promise((answered, failed) => {
    const { hostname: host, port } = new URL(origin);
    let text = '';
    let begun = false;
    const onChunk = (chunk: Buffer) => {
      if (begun) return take(chunk);
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      begun = true;
      if (!reads) socket.off('data', onChunk).pause();
      const head = text.slice(0, end);
      answered({ socket, head, status: Number(head.split(' ', 2)[1]) });
      if (text.length > end + 4) take(Buffer.from(text.slice(end + 4), 'latin1'));
    };
    const onread = {
      buffer: Buffer.allocUnsafeSlow(pieceSize),
      callback: (size: number, buffer: Uint8Array) => {
        onChunk(Buffer.from(buffer.buffer, buffer.byteOffset, size));
        return true;
      },
    };
    const socket = connect({ host, port: Number(port), ...(reads ? { onread } : {}) });
    if (!reads) socket.on('data', onChunk);
    socket.once('error', failed);
    socket.once('close', () => failed(new Error(`${method} ${path} was not answered: ${text}`)));
    socket.write([`${method} ${path} HTTP/1.1`, `Host: ${host}:${port}`, ...fields, '', ''].join('\r\n'));
    send?.(socket);
  });
}

/** Head lines of a WebSocket's handshake (RFC 6455 4.1). */
export function handshake(origin: string): readonly string[] {
  return [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: YmVuY2gtYmVuY2gtYmVuYw==',
    `Origin: ${origin}`,
  ];
}
