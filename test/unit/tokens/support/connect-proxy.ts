import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** One CONNECT as the proxy got it. */
export interface Tunnel {
  readonly authority: string;
  readonly headers: IncomingHttpHeaders;
}

/** A CONNECT proxy on loopback (RFC 9110 9.3.6) that knows where names lead: nobody else has to resolve them. */
export interface ConnectProxy {
  readonly port: number;
  readonly url: string;
  readonly tunnels: readonly Tunnel[];
  /** Plain requests in absolute form (RFC 9112 3.2.2), by their target. */
  readonly forwarded: readonly string[];
  close(): Promise<void>;
}

export interface ProxyRules {
  /** Port on loopback by host name. */
  readonly hosts?: Readonly<Record<string, number>>;
  /** Demanded `Proxy-Authorization`. */
  readonly authorization?: string;
}

export async function startConnectProxy({ hosts = {}, authorization }: ProxyRules = {}): Promise<ConnectProxy> {
  const tunnels: Tunnel[] = [];
  const forwarded: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((request, response) => {
    forwarded.push(request.url ?? '');
    const names = request.rawHeaders.filter((_, i) => i % 2 === 0);
    response.end(JSON.stringify({ headers: request.headers, names }));
  });
  server.on('connection', keep);
  server.on('connect', (request, socket: Socket) => {
    const authority = request.url ?? '';
    tunnels.push({ authority, headers: request.headers });
    const refuse = (status: string) => socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
    if (authorization !== undefined && request.headers['proxy-authorization'] !== authorization)
      return refuse('407 Proxy Authentication Required');
    const port = hosts[authority.split(':')[0] ?? ''];
    if (port === undefined) return refuse('403 Forbidden');
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    keep(upstream);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    tunnels,
    forwarded,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}
