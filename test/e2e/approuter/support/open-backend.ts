import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from '../../../support/at-end.ts';

/** A request as the backend got it. */
export interface Call {
  readonly method: string;
  /** Path and query as they arrived. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Name, value, name, value… as they arrived. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** The client's port of the connection it came by. */
  readonly connection: number | undefined;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, call: Call) => unknown;

/** A backend on loopback that records what reaches it. */
export interface Backend {
  readonly origin: string;
  readonly host: string;
  readonly server: Server;
  readonly calls: Call[];
  /** The call that came last. @throws when none came */
  last(): Call;
  /** Answers so from now on, until `forget`. */
  answerWith(answer: Answer): void;
  /** The shorthand of most: a head and a body. */
  answer(status: number, headers: Readonly<Record<string, string | readonly string[]>>, body?: string): void;
  /** Forgets what came and answers as at first. */
  forget(): void;
}

const echo: Answer = (_, response, { method, url }) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url }));
};

/** Starts a backend; it stops when the test file is done. */
export async function openBackend(): Promise<Backend> {
  const calls: Call[] = [];
  let answer = echo;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the caller left in the middle of its body
    }
    const { method = '', url = '', headers, rawHeaders, socket } = request;
    const body = Buffer.concat(chunks).toString('latin1');
    const call = { method, url, headers, rawHeaders, body, connection: socket.remotePort };
    calls.push(call);
    await answer(request, response, call);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    server,
    origin: `http://${host}`,
    calls,
    last() {
      const call = calls.at(-1);
      if (call === undefined) throw new Error('nothing reached the backend');
      return call;
    },
    answerWith: (next) => {
      answer = next;
    },
    answer: (status, headers, body = '') => {
      answer = (_, response) => response.writeHead(status, headers as Record<string, string>).end(body);
    },
    forget() {
      calls.splice(0);
      answer = echo;
    },
  };
}
