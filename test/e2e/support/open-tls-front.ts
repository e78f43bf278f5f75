import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import path from 'node:path';
import { createServer } from 'node:tls';
import { atEnd } from '../../support/at-end.ts';
import { makeKeyStores } from '../../unit/tokens/support/openssl.ts';

/** TLS before a plain server, for host names that only a proxy can find. */
export interface TlsFront {
  readonly port: number;
  /** Where its certificate lies, as PEM: who trusts that, trusts it. */
  readonly certificateFile: string;
}

/** @param port where the plain server listens on loopback */
export async function openTlsFront(hostName: string, port: number): Promise<TlsFront> {
  const maker = makeKeyStores();
  const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '9', '-subj', `/CN=${hostName}`];
  maker.openssl(...make, '-addext', `subjectAltName=DNS:${hostName}`, '-keyout', 'front.key', '-out', 'front.pem');
  const read = (name: string) => readFileSync(path.join(maker.directory, name));
  const sockets = new Set<Socket>();
  const server = createServer({ key: read('front.key'), cert: read('front.pem') }, (socket) => {
    const behind = connect(port, '127.0.0.1');
    for (const end of [socket, behind]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => sockets.delete(end));
    }
    socket.pipe(behind).pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
    maker.remove();
  });
  return {
    port: (server.address() as AddressInfo).port,
    certificateFile: path.join(maker.directory, 'front.pem'),
  };
}
