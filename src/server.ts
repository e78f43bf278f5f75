import type { IncomingMessage as Incoming, RequestListener, Server } from 'node:http';
import type { ServerOptions as HttpsOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Express } from 'express';
import { comesBehindRefused } from './accept/refuse-framing.ts';
import type { Settings } from './config/settings.ts';
import { endWhenClientLeaves } from './end-queued-answers.ts';
import { createServer, IncomingMessage, ServerResponse } from './node-http.ts';
import type { Doorway } from './reload/doorway.ts';
import { serveHttp2 } from './serve-http2.ts';
import { Traffic } from './traffic.ts';

/**
 * Bytes of headers that a request may have: twenty begun logins with long deep links come back together (wants 31), where
 * node's own 16 KiB would answer 431.
 */
const maxHeaderSize = 65_536;

/** What the requests and responses of each server are. */
const kindsOf = new WeakMap<Server, MessageKinds>();

/** Makes the requests of a server those of another app, which is about to serve. @returns the app */
export function adoptApp(server: Server, app: Express): Express {
  const kinds = kindsOf.get(server);
  if (kinds) giveKinds(kinds, app);
  return app;
}

/** How many requests a server is answering. */
export function requestsInFlight(server: Server): number {
  return Traffic.of(server).inFlight;
}

/**
 * The HTTP server of an app. Upgrades are fed through the app like any request, so that no check is gone around.
 * @param doorway where other apps take the first one's place later (see `adoptApp`)
 * @param https what makes it one of HTTPS only
 */
export function buildServer(app: Express, settings: Settings, doorway?: Doorway, https?: HttpsOptions): Server {
  const serve: RequestListener = doorway?.serve ?? (app as RequestListener);
  const kinds = messageKinds();
  giveKinds(kinds, app);
  const create =
    https === undefined
      ? createServer
      : (process.getBuiltinModule('node:https').createServer as unknown as typeof createServer);
  const server = create(
    {
      ...https,
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
      if (comesBehindRefused(request)) return; // nobody answers it: it would count for ever
      endWhenClientLeaves(request.socket, response);
      const ours = doorway?.answering();
      const ended = traffic.begun(response);
      if (ours) ours.count += 1;
      // Once: of answers that waited for their turn, node and we may both tell that the client has left.
      response.once('close', () => {
        ended();
        if (ours === undefined) return;
        ours.count -= 1;
        if (ours.count === 0) ours.onIdle?.();
      });
      serve(request, response);
    },
  );
  server.setTimeout(settings.incomingConnectionTimeout);
  const traffic = Traffic.of(server);
  kindsOf.set(server, kinds);
  server.on('upgrade', (request: Incoming, socket: Socket, head: Buffer) => {
    traffic.upgraded(socket);
    if (isWebSocket(request)) request.tunnel = { socket, head };
    const response = new kinds.ServerResponse(request);
    response.shouldKeepAlive = false; // a refused upgrade ends the connection: what follows it may be smuggled (T-21)
    response.assignSocket(socket);
    response.on('finish', () => {
      response.detachSocket(socket);
      socket.end();
    });
    serve(request, response as Parameters<RequestListener>[1]);
  });
  if (settings.http2 && https === undefined) {
    serveHttp2(server, maxHeaderSize, settings.incomingConnectionTimeout);
    // Which protocol a client speaks shows when it says something; until then node does not know of it.
    server.on('connection', (connection: Socket) => traffic.connected(connection));
  }
  return server;
}

/**
 * Requests and responses that are the app's from birth. express would otherwise change the prototype of each one, and V8
 * runs whatever touches such an object without its optimizations: it more than doubled the cost of a forwarded request.
 */
function messageKinds() {
  class AppRequest extends IncomingMessage {}
  class AppResponse extends ServerResponse {}
  return { IncomingMessage: AppRequest, ServerResponse: AppResponse };
}

type MessageKinds = ReturnType<typeof messageKinds>;

function giveKinds(kinds: MessageKinds, app: Express): void {
  Object.setPrototypeOf(kinds.IncomingMessage.prototype, app.request);
  Object.setPrototypeOf(kinds.ServerResponse.prototype, app.response);
  app.request = kinds.IncomingMessage.prototype as typeof app.request;
  app.response = kinds.ServerResponse.prototype as typeof app.response;
}

function isWebSocket(request: Incoming): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}
