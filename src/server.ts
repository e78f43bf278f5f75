import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Express } from 'express';
import type { Settings } from './config/settings.ts';

/**
 * Bytes of headers that a request may have: twenty begun logins with long deep links come back together (wants 31), where
 * node's own 16 KiB would answer 431.
 */
const maxHeaderSize = 65_536;

/** The HTTP server of an app. Upgrades are fed through the app like any request, so that no check is gone around. */
export function buildServer(app: Express, settings: Settings): Server {
  const server = createServer(
    {
      maxHeaderSize,
      requestTimeout: settings.incomingRequestTimeout,
      keepAliveTimeout: settings.serverKeepAlive,
      // Other protocols (h2c…) are offers that may be ignored (RFC 9110 7.8); node then serves the request itself.
      shouldUpgradeCallback: isWebSocket,
    } as Parameters<typeof createServer>[0] & object,
    app,
  );
  server.setTimeout(settings.incomingConnectionTimeout);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (isWebSocket(request)) request.tunnel = { socket, head };
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false; // a refused upgrade ends the connection: what follows it may be smuggled (T-21)
    response.assignSocket(socket);
    response.on('finish', () => {
      response.detachSocket(socket);
      socket.end();
    });
    app(request, response);
  });
  return server;
}

function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}
