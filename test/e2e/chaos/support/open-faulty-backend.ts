import { type AddressInfo, createServer, type Socket } from 'node:net';
import { atEnd } from '../../../support/at-end.ts';

/** What a connection does with a request; `request` is what has come of it: the head, and perhaps some of the body. */
export type Behavior = (socket: Socket, request: string) => void;

/** A backend made of bytes: it does whatever it is told, HTTP or not. */
export interface FaultyBackend {
  readonly origin: string;
  readonly host: string;
  /** Heads of requests, as they came. */
  readonly requests: readonly string[];
  /** Connections that were opened to it. */
  connections(): number;
  /** Called for each request whose head has come. */
  behave(behavior: Behavior): void;
  /** Called for each connection, before a byte has come; undefined: it waits for a request. */
  greet(greeting: ((socket: Socket) => void) | undefined): void;
  /** Behaves well again. */
  recover(): void;
  forget(): void;
}

const well: Behavior = (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell');

export async function openFaultyBackend(): Promise<FaultyBackend> {
  let behavior = well;
  let greeting: ((socket: Socket) => void) | undefined;
  let connections = 0;
  const requests: string[] = [];
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
    if (greeting !== undefined) return greeting(socket);
    let come = '';
    socket.on('data', (chunk) => {
      come += chunk.toString('latin1');
      if (!/^[A-Z]+ /.test(come) || !come.includes('\r\n\r\n')) {
        come = come.slice(-4);
        return; // the rest of a body
      }
      const request = come;
      come = '';
      requests.push(request);
      behavior(socket, request);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${host}`,
    host,
    requests,
    connections: () => connections,
    behave: (next) => {
      behavior = next;
    },
    greet: (next) => {
      greeting = next;
    },
    recover() {
      behavior = well;
      greeting = undefined;
    },
    forget: () => void requests.splice(0),
  };
}

/** Ends a connection as a crash does (RST), or as a program that has ended does (FIN). */
export type End = (socket: Socket) => void;
export const reset: End = (socket) => void socket.resetAndDestroy();
export const finish: End = (socket) => void socket.end();

/** Says something, and ends the connection once it is on its way. */
export function saying(bytes: string, end: End): Behavior {
  return (socket) => {
    if (bytes === '') return end(socket);
    socket.write(bytes, 'latin1', () => setTimeout(end, 5, socket));
  };
}
