import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

/** One frame as it is on the wire (RFC 6455 5.2), unmasked. */
export interface Frame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Writes a frame; clients mask, servers do not. */
export function writeFrame(socket: Socket, frame: Partial<Frame> & { readonly opcode: number }, masked: boolean): void {
  const { fin = true, opcode, payload = Buffer.alloc(0) } = frame;
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = (masked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length >= 126) head.writeUInt16BE(length, 2);
  if (!masked) return void socket.write(Buffer.concat([head, payload]));
  const mask = randomBytes(4);
  const hidden = Buffer.from(payload);
  for (let i = 0; i < length; i++) hidden[i] = (hidden[i] as number) ^ (mask[i & 3] as number);
  socket.write(Buffer.concat([head, mask, hidden]));
}

/** Calls back with each frame that comes, from bytes however they are cut. */
export function readFrames(socket: Socket, head: Buffer, onFrame: (frame: Frame) => void): void {
  let pieces = [head];
  let size = head.length;
  let wanted = 2;
  const take = (chunk: Buffer) => {
    pieces.push(chunk);
    size += chunk.length;
    while (size >= wanted) {
      const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, size);
      const { end, frame } = parseFrame(bytes);
      pieces = [frame ? bytes.subarray(end) : bytes];
      size = (pieces[0] as Buffer).length;
      wanted = frame ? 2 : end;
      if (frame) onFrame(frame);
    }
  };
  socket.on('data', take);
  take(Buffer.alloc(0));
}

/** The first frame of some bytes and where it ends; or how many bytes it takes to go on. */
function parseFrame(bytes: Buffer): { readonly end: number; readonly frame?: Frame } {
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const lengthEnd = short < 126 ? 2 : short === 126 ? 4 : 10;
  const maskEnd = lengthEnd + (second & 0x80 ? 4 : 0);
  if (bytes.length < maskEnd) return { end: maskEnd };
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < maskEnd + length) return { end: maskEnd + length };
  const payload = Buffer.from(bytes.subarray(maskEnd, maskEnd + length));
  if (maskEnd > lengthEnd)
    for (let i = 0; i < length; i++) payload[i] = (payload[i] as number) ^ (bytes[lengthEnd + (i & 3)] as number);
  return { end: maskEnd + length, frame: { fin: (first & 0x80) !== 0, opcode: first & 0x0f, payload } };
}
