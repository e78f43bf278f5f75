import type { EventEmitter } from 'node:events';
import path from 'node:path';
import type { Router as ExpressRouter } from 'express';
import { type Running, start } from './commands/start.ts';
import { processVariables } from './config/environment.ts';
import { createExtensions, type ExtensionObject, type SessionEvents } from './extensions.ts';

/** What an own start script may say; everything else stands in files and environment as for `portunus start`. */
export interface RouterOptions {
  /** Where xs-app.json is. Default: the current directory. */
  readonly workingDir?: string;
  /** Default: PORT, else 5000. */
  readonly port?: string | number;
  /** Takes precedence over the file xs-app.json. */
  readonly xsappConfig?: object;
  /** Own handlers, as the approuter takes them (xs-app.md section 11). */
  readonly extensions?: readonly ExtensionObject[];
  /** Key material for cookies; default: SESSION_SECRET. */
  readonly getSessionSecret?: () => string;
}

/** A router that an own script starts and stops. */
export interface PortunusRouter {
  /** Before everything; there is no session yet. */
  readonly first: ExpressRouter;
  /** After the login, before static files and forwarding. */
  readonly beforeRequestHandler: ExpressRouter;
  /** Before an error is answered. */
  readonly beforeErrorHandler: ExpressRouter;
  /** As `first`, for WebSocket upgrades, with HANDLE_WEBSOCKET_EXT. */
  readonly firstWS: ExpressRouter;
  /** As `beforeRequestHandler`, for WebSocket upgrades, with HANDLE_WEBSOCKET_EXT. */
  readonly beforeRequestHandlerWS: ExpressRouter;
  readonly events: EventEmitter<SessionEvents>;
  /** @returns the port listened on. @throws ConfigError with every problem */
  start(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Makes a router with own handlers in its slots.
 * @example
 * const router = createRouter({ workingDir: 'app' });
 * router.beforeRequestHandler.use('/quay', (request, response, next) => next());
 * await router.start();
 */
export function createRouter(options: RouterOptions = {}): PortunusRouter {
  const { slots, events } = createExtensions(options.extensions);
  let running: Running | undefined;
  return {
    ...slots,
    events,
    async start() {
      const variables = {
        ...processVariables(),
        ...(options.port === undefined ? {} : { PORT: String(options.port) }),
        ...(options.getSessionSecret === undefined ? {} : { SESSION_SECRET: options.getSessionSecret() }),
      };
      running = await start(path.resolve(options.workingDir ?? '.'), variables, {
        extensions: { slots, events },
        xsApp: options.xsappConfig,
      });
      return running.port;
    },
    async close() {
      await running?.stop();
    },
  };
}
