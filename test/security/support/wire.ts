import { connect, type Socket } from 'node:net';
import { atEnd } from '../../support/at-end.ts';

/** A bare connection: what goes out is what a test writes, byte by byte. */
export interface Wire {
  readonly socket: Socket;
  send(bytes: string): void;
  /** Everything that came so far. */
  heard(): string;
  /** Settles when the other end has closed, or after so many milliseconds. @returns whether it closed */
  closed(patience: number): Promise<boolean>;
  /** Settles when what came holds this, or the other end has closed, or after so many milliseconds. */
  until(text: string | RegExp, patience: number): Promise<string>;
}

/** Bytes are latin1 both ways: a character is a byte. */
export async function openWire(port: number): Promise<Wire> {
  const socket = connect(port, '127.0.0.1');
  atEnd(() => socket.destroy());
  let text = '';
  let over = false;
  const watchers = new Set<() => void>();
  const look = () => {
    for (const watcher of watchers) watcher();
  };
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    look();
  });
  for (const event of ['end', 'close'])
    socket.on(event, () => {
      over = true;
      look();
    });
  await new Promise<void>((ready, failed) => socket.once('connect', ready).once('error', failed));
  const wait = (enough: () => boolean, patience: number) =>
    new Promise<void>((done) => {
      const settle = () => {
        clearTimeout(timer);
        watchers.delete(check);
        done();
      };
      const timer = setTimeout(settle, patience);
      const check = () => {
        if (enough()) settle();
      };
      watchers.add(check);
      check();
    });
  return {
    socket,
    send: (bytes) => void socket.write(bytes, 'latin1'),
    heard: () => text,
    async closed(patience) {
      await wait(() => over, patience);
      return over;
    },
    async until(wanted, patience) {
      await wait(() => over || (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)), patience);
      return text;
    },
  };
}

/** Status lines of all answers in what came. */
export function statusesOf(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) => Number(status));
}
