import type { IncomingMessage as Incoming, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Express } from 'express';
import { comesBehindRefused } from './accept/refuse-framing.ts';
import type { Settings } from './config/settings.ts';
import { closeTunnel } from './forwarding/close-tunnel.ts';
import { createServer, IncomingMessage, ServerResponse } from './node-http.ts';

/**
 * Bytes of headers that a request may have: twenty begun logins with long deep links come back together (wants 31), where
 * node's own 16 KiB would answer 431.
 */
const maxHeaderSize = 65_536;

/** WebSocket close code "going away" (RFC 6455 7.4.1). */
const goingAway = 1001;

/** Connections of each server that were upgraded: it does not count them as its own any more. */
const tunnels = new WeakMap<Server, Set<Socket>>();

/** Requests of each server that are being answered. */
const inFlight = new WeakMap<Server, { count: number }>();

/** How many requests a server is answering. */
export function requestsInFlight(server: Server): number {
  return inFlight.get(server)?.count ?? 0;
}

/** Ends the open tunnels of a server that stops; their clients connect again, to another instance. */
export function closeTunnels(server: Server): void {
  for (const socket of tunnels.get(server) ?? []) closeTunnel(socket, goingAway, 'going away');
}

/** The HTTP server of an app. Upgrades are fed through the app like any request, so that no check is gone around. */
export function buildServer(app: Express, settings: Settings): Server {
  const kinds = messageKinds(app);
  const server = createServer(
    {
      ...kinds,
      maxHeaderSize,
      requestTimeout: settings.incomingRequestTimeout,
      // How often node looks for requests that take too long, in milliseconds.
      connectionsCheckingInterval: Math.max(50, Math.min(30_000, settings.incomingRequestTimeout / 4 || 30_000)),
      keepAliveTimeout: settings.serverKeepAlive,
      // Other protocols (h2c…) are offers that may be ignored (RFC 9110 7.8); node then serves the request itself.
      shouldUpgradeCallback: isWebSocket,
    } as Parameters<typeof createServer>[0] & object,
    (request, response) => {
      if (!comesBehindRefused(request)) app(request, response);
    },
  );
  server.setTimeout(settings.incomingConnectionTimeout);
  const answering = { count: 0 };
  inFlight.set(server, answering);
  server.on('request', (request, response) => {
    if (comesBehindRefused(request)) return; // nobody answers it: it would count for ever
    answering.count += 1;
    response.once('close', () => {
      answering.count -= 1;
    });
  });
  const open = new Set<Socket>();
  tunnels.set(server, open);
  server.on('upgrade', (request: Incoming, socket: Socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    if (isWebSocket(request)) request.tunnel = { socket, head };
    const response = new kinds.ServerResponse(request);
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

/**
 * Requests and responses that are the app's from birth. express would otherwise change the prototype of each one, and V8
 * runs whatever touches such an object without its optimizations: it more than doubled the cost of a forwarded request.
 */
function messageKinds(app: Express) {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  Object.setPrototypeOf(AppRequest.prototype, app.request);
  Object.setPrototypeOf(AppResponse.prototype, app.response);
  app.request = AppRequest.prototype as typeof app.request;
  app.response = AppResponse.prototype as typeof app.response;
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

function isWebSocket(request: Incoming): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}
