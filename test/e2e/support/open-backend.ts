import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { atEnd } from '../../support/at-end.ts';

/** A request as a backend got it. */
export interface Received {
  readonly method: string;
  /** Path and query as they arrived. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Name, value, name, value… as they arrived. */
  readonly rawHeaders: readonly string[];
  /** Filled when the backend answers by itself, which it does at the end of the body. */
  body: string;
  /** Connection that it came by, counted from 1. */
  readonly connection: number;
}

/** A backend on loopback that records what reaches it. */
export interface Backend {
  readonly origin: string;
  readonly received: readonly Received[];
  /** What came last. @throws when nothing came */
  last(): Received;
  /** Answers otherwise from now on; undefined: echoes method and URL again. */
  answerWith(answer: RequestListener | undefined): void;
  forget(): void;
}

/** Starts a backend; it stops when the test file is done. */
export async function openBackend(first?: RequestListener): Promise<Backend> {
  const received: Received[] = [];
  const connections = new WeakMap<object, number>();
  let connected = 0;
  let answer = first;
  const server = createServer((request, response) => {
    const { method = '', url = '', headers, rawHeaders } = request;
    const connection = connections.get(request.socket) ?? 0;
    const arrived: Received = { method, url, headers, rawHeaders, body: '', connection };
    received.push(arrived);
    request.on('error', () => {});
    response.on('error', () => {});
    if (answer !== undefined) return answer(request, response);
    text(request).then((body) => {
      arrived.body = body;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url }));
    }, swallow);
  });
  server.on('connection', (socket) => {
    connected += 1;
    connections.set(socket, connected);
    socket.on('error', () => {});
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    last() {
      const arrived = received.at(-1);
      if (arrived === undefined) throw new Error('nothing reached the backend');
      return arrived;
    },
    answerWith: (next) => {
      answer = next;
    },
    forget: () => void received.splice(0),
  };
}

/** The caller left in the middle of its body. */
function swallow(): void {}
