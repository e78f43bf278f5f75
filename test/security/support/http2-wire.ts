import { connect, type Socket } from 'node:net';
import { atEnd } from '../../support/at-end.ts';

/** A bare connection of HTTP/2: what goes out is what a test writes, frame by frame, also what no client would write. */
export interface Http2Wire {
  readonly socket: Socket;
  send(...frames: readonly Buffer[]): void;
  /** Every frame that came. */
  heard(): readonly Http2Frame[];
  /** Settles when enough has come, or the other end has closed. @returns whether it was enough */
  until(enough: (frames: readonly Http2Frame[]) => boolean): Promise<boolean>;
  /** Settles when the other end has closed. */
  readonly closed: Promise<void>;
}

export interface Http2Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** RFC 9113 6. */
export const types = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
};
export const flags = { none: 0, endStream: 1, ack: 1, endHeaders: 4, all: 5 };

export function frame(type: number, flag: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Fields as HPACK literals, without a look at what is in them (RFC 7541 6.2.2). */
export function block(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.map(([name, value]) => Buffer.concat([Buffer.from([0]), text(name), text(value)])));
}

/** A field that goes into the dynamic table, where one byte (`again`) repeats it (RFC 7541 6.2.1). */
export function remembered(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0x40]), text(name), text(value)]);
}
export const again = 0x80 | 62;

/** RFC 7541 5.1, 5.2, without Huffman. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1');
  const length = [Math.min(bytes.length, 127)];
  for (let rest = bytes.length - 127; rest >= 0; rest = rest < 128 ? -1 : rest >> 7)
    length.push(rest < 128 ? rest : (rest & 127) | 128);
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** The head of a GET, with more fields behind it. */
export function get(path: string, more: readonly (readonly [string, string])[] = [], method = 'GET'): Buffer {
  return block([[':method', method], [':scheme', 'http'], [':authority', 'localhost'], [':path', path], ...more]);
}

/** Opens a connection and says the preface. */
export async function openHttp2Wire(port: number): Promise<Http2Wire> {
  const socket = connect(port, '127.0.0.1');
  atEnd(() => socket.destroy());
  const frames: Http2Frame[] = [];
  const watchers = new Set<() => void>();
  let over = false;
  let bytes = Buffer.alloc(0);
  const look = () => {
    for (const watcher of watchers) watcher();
  };
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (let length = sizeOf(bytes); length !== undefined; length = sizeOf(bytes)) {
      const [type = 0, flag = 0] = bytes.subarray(3);
      frames.push({ type, flags: flag, stream: bytes.readUInt32BE(5), payload: bytes.subarray(9, length) });
      bytes = bytes.subarray(length);
    }
    look();
  });
  const closed = new Promise<void>((done) => socket.once('close', done));
  void closed.then(() => {
    over = true;
    look();
  });
  await new Promise<void>((ready, failed) => socket.once('connect', ready).once('error', failed));
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(types.settings, 0, 0)]));
  return {
    socket,
    closed,
    send: (...more) => void socket.write(Buffer.concat(more)),
    heard: () => frames,
    until: (enough) =>
      new Promise((settle) => {
        const check = () => {
          if (!over && !enough(frames)) return;
          watchers.delete(check);
          settle(enough(frames));
        };
        watchers.add(check);
        check();
      }),
  };
}

function sizeOf(bytes: Buffer): number | undefined {
  const length = bytes.length < 9 ? undefined : 9 + bytes.readUIntBE(0, 3);
  return length !== undefined && bytes.length >= length ? length : undefined;
}
