import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { atEnd } from '../../support/at-end.ts';
import { type Frame, readFrames, writeFrame } from './frames.ts';

export interface Upgraded {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  /** The body of a refusal, read to its end. */
  readonly body: string;
  /** The tunnel; undefined when the upgrade was refused, and then the connection is closed. */
  readonly tunnel: Tunnel | undefined;
}

export interface Tunnel {
  readonly socket: Socket;
  send(frame: Partial<Frame> & { readonly opcode: number }): void;
  /** The next frame that comes. Rejects when the connection ends before. */
  next(): Promise<Frame>;
  readonly closed: Promise<void>;
}

/** Asks a router for an upgrade, byte by byte as a browser would. */
export async function upgrade(
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Upgraded> {
  const { host, port } = new URL(origin);
  const socket = connect(Number(port), '127.0.0.1');
  atEnd(() => socket.destroy());
  const all = {
    host,
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    origin,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  const { head, rest } = await readHead(socket);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  if (status === 101) return { status, head, body: '', tunnel: tunnelOf(socket, rest) };
  const body = Buffer.concat([rest, ...((await socket.toArray()) as Buffer[])]).toString();
  return { status, head, body, tunnel: undefined };
}

function readHead(socket: Socket): Promise<{ readonly head: string; readonly rest: Buffer }> {
  return new Promise((read, failed) => {
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', onData).pause();
      read({ head: bytes.subarray(0, end).toString('latin1'), rest: bytes.subarray(end + 4) });
    };
    socket.on('data', onData);
    socket.once('error', failed);
    socket.once('close', () => failed(new Error('closed without an answer')));
  });
}

function tunnelOf(socket: Socket, rest: Buffer): Tunnel {
  const come: Frame[] = [];
  const waiting: { got: (frame: Frame) => void; failed: (cause: Error) => void }[] = [];
  readFrames(socket, rest, (frame) => {
    const first = waiting.shift();
    if (first) first.got(frame);
    else come.push(frame);
  });
  socket.resume();
  const closed = new Promise<void>((done) => {
    socket.once('close', () => {
      for (const { failed } of waiting.splice(0)) failed(new Error('the tunnel closed'));
      done();
    });
  });
  return {
    socket,
    closed,
    send: (frame) => writeFrame(socket, frame, true),
    next: () => {
      const first = come.shift();
      return first ? Promise.resolve(first) : new Promise((got, failed) => waiting.push({ got, failed }));
    },
  };
}
