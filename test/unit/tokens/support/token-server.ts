import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** One token request as it arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawBody: string;
  readonly form: URLSearchParams;
  /** Common name of the TLS client certificate, when one was shown. */
  readonly clientName: string | undefined;
}

/** A token service on loopback that answers as it is told and remembers what it was asked. */
export interface TokenServer {
  readonly origin: string;
  readonly url: string;
  readonly received: readonly Received[];
  /** How many connections there have been. */
  readonly connections: number;
  close(): Promise<void>;
}

export type Answer = (request: Received, response: ServerResponse) => void | Promise<void>;

/** A fresh token each time: `token-1`, `token-2`, … */
export function countingTokens(members: object = {}): Answer {
  let count = 0;
  return (_, response) => {
    count += 1;
    json(response, 200, { access_token: `token-${count}`, token_type: 'Bearer', expires_in: 3599, ...members });
  };
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** @param tls options of an https server; http without them */
export async function startTokenServer(answer: Answer, tls?: ServerOptions): Promise<TokenServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = tls ? createTlsServer(tls) : createServer();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', async (request, response) => {
    let rawBody = '';
    for await (const chunk of request) rawBody += chunk;
    const certificate = tls ? (request.socket as TLSSocket).getPeerCertificate() : undefined;
    const one: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rawBody,
      form: new URLSearchParams(rawBody),
      clientName: certificate?.subject ? String(certificate.subject.CN) : undefined,
    };
    received.push(one);
    await answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}/oauth2/token`,
    received,
    get connections() {
      return connections;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
