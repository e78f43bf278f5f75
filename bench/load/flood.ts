import type { Socket } from 'node:net';

/** Bytes of one write of a transfer: large, so that the sender is not what is measured. */
export const pieceSize = 1_048_576;

/**
 * Writes a piece over and over, as fast as the other end takes it.
 * @param total bytes to send; without: until the connection ends
 * @returns settles when all of it is written, or the connection has ended
 */
export function flood(socket: Socket, piece: Buffer, total = Number.POSITIVE_INFINITY): Promise<void> {
  return new Promise((done) => {
    let left = total;
    const go = () => {
      while (left > 0 && !socket.destroyed) {
        const next = left < piece.length ? piece.subarray(0, left) : piece;
        left -= next.length;
        if (!socket.write(next)) return;
      }
      socket.off('drain', go);
      done();
    };
    socket.on('drain', go);
    socket.once('close', () => done());
    go();
  });
}
