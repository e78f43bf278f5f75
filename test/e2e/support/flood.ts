import { Readable, Writable } from 'node:stream';

const piece = Buffer.alloc(64 * 1024, 'harbour ');

/** A body; `given` tells how many bytes of it have been taken. */
export type Flood = Readable & { given(): number };

/** A body of so many bytes, made as fast as it is taken. */
export function flood(bytes: number): Flood {
  let left = bytes;
  const body = new Readable({
    read() {
      const next = left < piece.length ? piece.subarray(0, left) : piece;
      left -= next.length;
      this.push(next.length === 0 ? null : next);
    },
  });
  return Object.assign(body, { given: () => bytes - left });
}

/** Takes a body and counts its bytes. */
export function drain(): Writable & { readonly bytes: number } {
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done();
    },
  });
  return Object.defineProperty(sink, 'bytes', { get: () => bytes }) as Writable & { readonly bytes: number };
}

export const megabyte = 1024 * 1024;
