import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createDoor, type Socket } from 'node:net';
import type { KeyPair } from '../config/key-store-pair.ts';

export interface Listening {
  readonly port: number;
  /** Answers what is being asked, and takes no more. */
  close(): Promise<void>;
}

/** First byte of a TLS handshake (RFC 8446 5.1); no HTTP method begins with it. */
const handshake = 0x16;
/** Milliseconds that a connection may say nothing at its beginning. */
const silence = 10_000;
/** Milliseconds that requests in flight may take at the end. */
const grace = 1_000;

/**
 * Listens on loopback for http and https on one port: whoever may call it may read secrets, so it is for this machine only.
 * @param port 0: a free one
 * @throws what `listen` reports when the port is taken
 */
export async function listenForBoth(app: RequestListener, { pem }: KeyPair, port: number): Promise<Listening> {
  const plain = createServer(app);
  const secure = createSecureServer({ key: pem.key, cert: pem.certificate }, app);
  // They listen nowhere themselves; this arms their limits for slow requests all the same.
  for (const server of [plain, secure]) server.emit('listening');
  const open = new Set<Socket>();
  const door = createDoor((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(silence, () => socket.destroy());
    socket.once('data', (first) => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.pause();
      socket.unshift(first);
      (first[0] === handshake ? secure : plain).emit('connection', socket);
      process.nextTick(() => socket.resume());
    });
  });
  await new Promise<void>((listening, failed) => {
    door.once('error', failed);
    door.listen(port, '127.0.0.1', () => {
      door.off('error', failed);
      listening();
    });
  });
  return {
    port: (door.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        door.close(() => closed());
        for (const server of [plain, secure]) server.close(() => undefined);
        for (const server of [plain, secure]) server.closeIdleConnections();
        // Connections that nothing was said on yet, or that outlive their grace.
        const cut = () => {
          for (const socket of open) socket.destroy();
        };
        setTimeout(cut, grace).unref();
      }),
  };
}
