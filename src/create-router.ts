import type { EventEmitter } from 'node:events';
import type { ServerOptions as HttpsOptions } from 'node:https';
import path from 'node:path';
import type { Router as ExpressRouter } from 'express';
import { type Running, start } from './commands/start.ts';
import { processVariables } from './config/environment.ts';
import { createExtensions, type ExtensionObject, insertHandlers, type SessionEvents } from './extensions.ts';
import { checkOptions, type OptionKind } from './own-script/check-options.ts';
import { type CommandLine, createCommandLine } from './own-script/command-line.ts';
import type { GetToken } from './own-script/forward-with-handlers.ts';
import type { GetRouterConfig, RouterConfig, RouterConfigOptions } from './own-script/router-configs.ts';
import { createScriptSessions, type ScriptSessions } from './own-script/script-sessions.ts';

export type { AnswerContext, GetToken } from './own-script/forward-with-handlers.ts';
export type { BackendAnswer } from './own-script/hold-answer.ts';
export type { GetRouterConfig, RouterConfig, RouterConfigOptions } from './own-script/router-configs.ts';
export type { ScriptSession, ScriptSessions } from './own-script/script-sessions.ts';

/** What an own start script may say; everything else stands in files and environment as for `portunus start`. */
export interface RouterOptions {
  /** Where xs-app.json is. Default: `-w` of the command line, else the current directory. */
  readonly workingDir?: string;
  /** Default: PORT, else 5000. */
  readonly port?: string | number;
  /** Takes precedence over the file xs-app.json. */
  readonly xsappConfig?: object;
  /** Key and certificate, as node:https takes them: then HTTPS only. */
  readonly httpsOptions?: HttpsOptions;
  /** Own handlers, as the approuter takes them (xs-app.md section 11). */
  readonly extensions?: readonly ExtensionObject[];
  /** The token that destinations with `forwardAuthToken` get, in place of the user's. */
  readonly getToken?: GetToken;
  /** Which configuration a request is served by; null: the usual one. */
  readonly getRouterConfig?: GetRouterConfig;
  /** Key material for cookies; default: SESSION_SECRET. */
  readonly getSessionSecret?: () => string;
}

const optionKinds = {
  workingDir: 'anything',
  port: 'anything',
  xsappConfig: 'anything',
  httpsOptions: 'anything',
  extensions: 'list',
  getToken: 'function',
  getRouterConfig: 'function',
  getSessionSecret: 'function',
} satisfies Record<keyof RouterOptions, OptionKind>;

type Callback<T = void> = (error?: unknown, result?: T) => void;

/** A router that an own script starts and stops. */
export interface PortunusRouter {
  /** Before everything; there is no session yet. */
  readonly first: ExpressRouter;
  /** After the login, before static files and forwarding; `request.session` and `request.sessionID` are there to be read. */
  readonly beforeRequestHandler: ExpressRouter;
  /** Before an error is answered. */
  readonly beforeErrorHandler: ExpressRouter;
  /** As `first`, for WebSocket upgrades, with HANDLE_WEBSOCKET_EXT. */
  readonly firstWS: ExpressRouter;
  /** As `beforeRequestHandler`, for WebSocket upgrades, with HANDLE_WEBSOCKET_EXT. */
  readonly beforeRequestHandlerWS: ExpressRouter;
  readonly events: EventEmitter<SessionEvents>;
  /** The command line, to add options to; `false` leaves it unread. */
  cmdParser: CommandLine | false;
  /**
   * @param options added to those of `createRouter`
   * @param callback takes the error; without it, it is thrown
   * @returns the port listened on. @throws ConfigError with every problem
   */
  start(options?: RouterOptions | Callback<number>, callback?: Callback<number>): Promise<number>;
  close(callback?: Callback): Promise<void>;
  /** A configuration for `getRouterConfig` to choose, checked as at the start; after `start`. @throws ConfigError */
  createRouterConfig(options: RouterConfigOptions, callback?: Callback<RouterConfig>): Promise<RouterConfig>;
  /** After `start`. @throws Error before */
  getSessionStore(): ScriptSessions;
  /** Refused: there is one tenant, whose provider is bound. */
  resolveUaaConfig(request: unknown, uaaOptions: unknown, callback: Callback<never>): void;
}

/**
 * Makes a router with own handlers in its slots.
 * @example
 * const router = createRouter({ workingDir: 'app' });
 * router.beforeRequestHandler.use('/quay', (request, response, next) => next());
 * await router.start();
 * @throws TypeError for an option, an extension or a slot that is none
 */
export function createRouter(created: RouterOptions = {}): PortunusRouter {
  checkOptions(created, optionKinds);
  const { slots, events } = createExtensions(created.extensions);
  let running: Running | undefined;
  let isRunning = false;
  const started = (): Running => {
    if (running === undefined) throw new Error('the router has not been started; await start() first');
    return running;
  };
  const router: PortunusRouter = {
    ...slots,
    events,
    cmdParser: createCommandLine(process.argv.slice(2)),
    start(given = {}, givenCallback) {
      const [added, callback] = typeof given === 'function' ? [{}, given] : [given, givenCallback];
      return calledBack(callback, async () => {
        checkOptions(added, optionKinds);
        if (isRunning) throw new Error('the router runs already; close() it before it is started again');
        const options: RouterOptions = { ...created, ...added };
        insertHandlers(slots, added.extensions ?? []);
        const extensions = { slots, events, own: { getToken: options.getToken } };
        const { httpsOptions, getRouterConfig, xsappConfig: xsApp } = options;
        const directory = options.workingDir ?? (router.cmdParser === false ? undefined : folderIn(router.cmdParser));
        isRunning = true;
        try {
          running = await start(path.resolve(directory ?? '.'), variablesOf(options), {
            extensions,
            xsApp,
            httpsOptions,
            getRouterConfig,
          });
        } catch (cause) {
          isRunning = false;
          throw cause;
        }
        return running.port;
      });
    },
    close: (callback) =>
      calledBack(callback, async () => {
        if (running === undefined) return;
        await running.stop();
        isRunning = false;
      }),
    createRouterConfig: (options, callback) => calledBack(callback, async () => started().configure(options)),
    getSessionStore() {
      const { house } = started();
      return createScriptSessions({
        store: house.kept.opened.store,
        idleTime: house.idleTime / 60_000,
        endLogin: (ended) => started().house.endLogin(ended, 'logout', undefined),
      });
    },
    resolveUaaConfig(_request, _uaaOptions, callback) {
      callback(new Error('several tenants are not supported: the login is the one that is bound or configured'));
    },
  };
  return router;
}

function folderIn(line: CommandLine): string | undefined {
  const { workingDir } = line.opts();
  return typeof workingDir === 'string' ? workingDir : undefined;
}

function variablesOf({ port, getSessionSecret }: RouterOptions) {
  return {
    ...processVariables(),
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...(getSessionSecret === undefined ? {} : { SESSION_SECRET: getSessionSecret() }),
  };
}

/** A promise, and for scripts that give a callback the same by it: then what fails is theirs alone. */
async function calledBack<T>(callback: Callback<T> | undefined, work: () => Promise<T>): Promise<T> {
  if (callback === undefined) return work();
  const outcome = work();
  outcome.then(
    (result) => process.nextTick(callback, undefined, result),
    (error: unknown) => process.nextTick(callback, error),
  );
  return outcome.catch(() => undefined as T);
}
