import type { Duplex } from 'node:stream';
import { collectStreamed } from './collect-streamed.ts';
import { createFrameTracker } from './frame-tracker.ts';

/** Milliseconds until a tunnel that does not come to an end by itself is cut. */
const patience = 1_000;

type Close = (code: number, reason: string) => void;
const closes = new WeakMap<Duplex, Close>();
/** With what a tunnel that does not stand yet is to be closed once it does. */
const awaited = new WeakMap<Duplex, Parameters<Close>>();

/** Follows what flows from the upstream to the client of an open tunnel, so that it can be closed between two frames. */
export function watchTunnel(client: Duplex, upstream: Duplex): void {
  const tracker = createFrameTracker();
  let closing: (() => void) | undefined;
  upstream.on('data', (chunk: Buffer) => {
    tracker.follow(chunk);
    collectStreamed(chunk.length);
    if (closing !== undefined) process.nextTick(closing); // after the chunk itself was written
  });
  client.on('data', ({ length }: Buffer) => collectStreamed(length));
  closes.set(client, (code, reason) => {
    if (closing !== undefined) return;
    const cut = setTimeout(() => client.destroy(), patience).unref();
    client.once('close', () => clearTimeout(cut));
    closing = () => {
      if (!tracker.isBetweenFrames || client.writableEnded) return;
      upstream.unpipe(client);
      client.end(closeFrame(code, reason));
      upstream.end();
    };
    closing();
  });
  const close = awaited.get(client);
  if (close !== undefined) closeTunnel(client, ...close);
}

/** Whether the tunnel of a client's connection stands. */
export function isOpen(client: Duplex): boolean {
  return closes.has(client) && !client.destroyed;
}

/**
 * Closes an open tunnel with a code and a reason (RFC 6455 7.4), the client's connection with it; one that does not stand
 * yet is closed when it does.
 */
export function closeTunnel(client: Duplex, code: number, reason: string): void {
  const close = closes.get(client);
  if (close === undefined) awaited.set(client, [code, reason]);
  else close(code, reason);
}

/** An unmasked close frame (RFC 6455 5.5.1). `reason` has 123 bytes at most. */
function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason, 'utf8');
  return Buffer.concat([Buffer.from([0x88, text.length + 2, code >> 8, code & 0xff]), text]);
}
