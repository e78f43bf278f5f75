import { connect } from 'node:net';

/**
 * Sends bytes on a connection of its own and returns everything that came back until the other end closed.
 * @param patience milliseconds after which this end closes
 */
export function say(port: number, bytes: string | readonly string[], patience = 2_000): Promise<string> {
  return new Promise((heard) => {
    const socket = connect(port, '127.0.0.1', async () => {
      for (const part of [bytes].flat()) {
        if (socket.destroyed) return;
        socket.write(part, 'latin1');
        await new Promise((sent) => setTimeout(sent, 5));
      }
    });
    let text = '';
    const timer = setTimeout(() => socket.destroy(), patience);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      heard(text);
    });
  });
}

/** Status of a raw answer; 0 when there is none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
}
