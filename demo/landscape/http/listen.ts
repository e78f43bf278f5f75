import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * How long a connection is kept for the next request, in milliseconds; as gateways do it. With the 5 s of node a machine
 * that stands still for a moment, as shared ones do, closes a connection just when a client sends on it.
 */
const keepAlive = 65_000;

/** Binds a server to loopback only and gives the port it got; port 0 asks for a free one. */
export async function listen(server: Server | TlsServer, port = 0): Promise<number> {
  server.keepAliveTimeout = keepAlive;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Stops listening and drops every connection, idle or not. */
export async function close(server: Server | TlsServer): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
