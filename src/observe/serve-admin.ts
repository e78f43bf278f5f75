import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './count-metrics.ts';

/** The port of who runs the house: metrics and health, apart from everybody else (T-43). */
export interface AdminPort {
  readonly port: number;
  close(): Promise<void>;
}

export interface AdminOptions {
  readonly port: number;
  /** Loopback, unless PORTUNUS_ADMIN_ADDRESS says otherwise. */
  readonly address: string;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** `ready`, or why not. */
  readonly readiness: () => string;
}

/** Listens. Nothing here changes anything, and nothing needs a body: only GET and HEAD are answered. @throws when the port is taken */
export async function serveAdmin({ port, address, metrics, readiness }: AdminOptions): Promise<AdminPort> {
  const pages: Readonly<Record<string, () => Promise<Page>>> = {
    '/metrics': async () => ({ status: 200, type: metrics.contentType, text: await metrics.text() }),
    '/-/metrics': async () => ({ status: 200, type: metrics.contentType, text: await metrics.text() }),
    '/-/health/live': async () => told(200, 'live'),
    '/-/health/ready': async () => told(readiness() === 'ready' ? 200 : 503, readiness()),
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    const answer = ({ status, type, text }: Page) =>
      response
        .writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
        .end(request.method === 'HEAD' ? undefined : text);
    if (page === undefined) return void answer({ status: 404, type: 'text/plain', text: 'Not Found' });
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
    page().then(answer, () => response.writeHead(500).end());
  });
  await listen(server, port, address);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function told(status: number, word: string): Page {
  return { status, type: 'application/json; charset=utf-8', text: JSON.stringify({ status: word }) };
}

function listen(server: Server, port: number, address: string): Promise<void> {
  return new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(port, address, () => {
      server.off('error', failed);
      listening();
    });
  });
}
