import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { atEnd } from '../../support/at-end.ts';
import { type Frame, opcodes, readFrames, writeFrame } from './frames.ts';

/** A backend that accepts upgrades and sends every frame back as it came; pings are answered, a close is returned. */
export interface WebSocketBackend {
  readonly origin: string;
  /** Heads of the requests that reached it. */
  readonly upgrades: readonly IncomingMessage[];
  readonly frames: readonly Frame[];
  /** Answers the next upgrades otherwise. */
  answerWith(answer: ((request: IncomingMessage, socket: Socket) => void) | undefined): void;
  forget(): void;
}

export async function openWebSocketBackend(): Promise<WebSocketBackend> {
  const upgrades: IncomingMessage[] = [];
  const frames: Frame[] = [];
  const sockets = new Set<Socket>();
  let answer: ((request: IncomingMessage, socket: Socket) => void) | undefined;
  const server = createServer((request, response) => {
    upgrades.push(request);
    response.end('no upgrade');
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    upgrades.push(request);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('end', () => socket.end());
    if (answer !== undefined) return answer(request, socket);
    const protocol = request.headers['sec-websocket-protocol']?.split(',')[0]?.trim();
    const lines = [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Accept: ${acceptOf(String(request.headers['sec-websocket-key']))}`,
      ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    readFrames(socket, head, (frame) => {
      frames.push(frame);
      writeFrame(socket, { ...frame, opcode: frame.opcode === opcodes.ping ? opcodes.pong : frame.opcode }, false);
      if (frame.opcode === opcodes.close) socket.end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    upgrades,
    frames,
    answerWith: (next) => {
      answer = next;
    },
    forget() {
      upgrades.splice(0);
      frames.splice(0);
    },
  };
}

/** RFC 6455 4.2.2. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
