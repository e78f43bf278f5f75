import type { Socket } from 'node:net';

/** Bytes a second. */
const rate = 1_000_000;
const step = 50;

/**
 * Reads about a megabyte a second for a while, and then nothing more.
 * @param seconds after which nothing more is read
 * @param take given what is read
 */
export function readSlowly(socket: Socket, seconds: number, take: (chunk: Buffer) => void = () => {}): void {
  const until = performance.now() + seconds * 1000;
  let allowed = 0;
  socket.pause();
  socket.on('data', (chunk: Buffer) => {
    take(chunk);
    allowed -= chunk.length;
    if (allowed <= 0) socket.pause();
  });
  const clock = setInterval(() => {
    allowed = Math.min(rate, allowed + (rate * step) / 1000);
    if (allowed > 0) socket.resume();
    if (performance.now() < until && !socket.destroyed) return;
    clearInterval(clock);
    socket.pause();
  }, step);
}
