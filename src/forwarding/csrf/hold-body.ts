import type { IncomingMessage } from 'node:http';
import { hasBody } from '../has-body.ts';

/** The body of a request that may have to be sent twice. */
export type HeldBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  /** Streams from the client, once. */
  | { readonly kind: 'streams' }
  /** The client has left in the middle of it. */
  | { readonly kind: 'left' };

export interface Holding {
  /** It can be sent a second time. */
  readonly isRepeatable: boolean;
  /** Settles when it is there. */
  readonly body: Promise<HeldBody>;
  /** To be called when it is needed no more. */
  release(): void;
}

/** Bytes of one body, and of all together, that are held at most: what is larger streams, and is sent once. */
const most = 256 * 1024;
const mostOfAll = 32 * 1024 * 1024;

/** Holds bodies that say beforehand that they are short. @param room bytes of all together */
export function createHoldBody(room = mostOfAll): (request: IncomingMessage) => Holding {
  let held = 0;
  return (request) => {
    if (!hasBody(request)) return holdingOf(true, { kind: 'none' });
    const length = Number(request.headers['content-length'] ?? Number.NaN);
    const isChunked = request.headers['transfer-encoding'] !== undefined;
    // Something before us may have read it, or begun to.
    if (isChunked || !(length <= most) || held + length > room || request.readableDidRead)
      return holdingOf(false, { kind: 'streams' });
    held += length;
    let isReleased = false;
    return {
      isRepeatable: true,
      body: readWhole(request),
      release() {
        if (!isReleased) held -= length;
        isReleased = true;
      },
    };
  };
}

function holdingOf(isRepeatable: boolean, body: HeldBody): Holding {
  return { isRepeatable, body: Promise.resolve(body), release() {} };
}

function readWhole(request: IncomingMessage): Promise<HeldBody> {
  return new Promise((settle) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => settle({ kind: 'whole', bytes: Buffer.concat(chunks) }));
    request.once('error', () => settle({ kind: 'left' }));
    request.once('close', () => settle({ kind: 'left' }));
  });
}
