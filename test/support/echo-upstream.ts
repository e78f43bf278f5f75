import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from './at-end.ts';

/** A request as an upstream got it. */
export interface Call {
  readonly method: string;
  /** Path and query as they arrived. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Name, value, name, value… as they arrived. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export type Answer = (request: IncomingMessage, response: ServerResponse, call: Call) => void | Promise<void>;

/** A backend on loopback that records what reaches it. */
export interface Upstream {
  readonly origin: string;
  readonly host: string;
  readonly calls: readonly Call[];
  /** The call that came last. @throws when none came */
  last(): Call;
  /** Answers otherwise from now on; records are kept. */
  answerWith(answer: Answer): void;
  /** As it was at the start: no records, first answer. */
  reset(): void;
}

const echo: Answer = (_, response, { method, url }) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url }));
};

/** Starts an upstream; it stops when the test file is done. */
export async function startUpstream(first: Answer = echo): Promise<Upstream> {
  const calls: Call[] = [];
  let answer = first;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => {});
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // the caller left in the middle of its body
    }
    const { method = '', url = '', headers, rawHeaders } = request;
    const call = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() };
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
    origin: `http://${host}`,
    calls,
    last() {
      const call = calls.at(-1);
      if (call === undefined) throw new Error('nothing reached the upstream');
      return call;
    },
    answerWith: (next) => {
      answer = next;
    },
    reset() {
      calls.splice(0);
      answer = first;
    },
  };
}
