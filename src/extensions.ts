import { EventEmitter } from 'node:events';
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import { nearest } from './config/nearest.ts';
import type { GetToken } from './own-script/forward-with-handlers.ts';
import { hideSession, revealSession } from './own-script/show-session.ts';

/** Where own handlers may stand (xs-app.md section 11). */
export type Slot = 'first' | 'beforeRequestHandler' | 'beforeErrorHandler' | 'firstWS' | 'beforeRequestHandlerWS';
const slots: readonly Slot[] = [
  'first',
  'beforeRequestHandler',
  'beforeErrorHandler',
  'firstWS',
  'beforeRequestHandlerWS',
];

/** How upgrades meet own handlers (HANDLE_WEBSOCKET_EXT): those of any request, or those of the slots of their own. */
export type UpgradeSlots = 'false' | 'true' | 'async';

/** One kind of handler a slot, not a union: or the parameters of a handler that is written in place would have no types. */
type HandlerOf<S extends Slot> = S extends 'beforeErrorHandler' ? ErrorRequestHandler : RequestHandler;

/** The approuter's extension object: handlers by slot, each alone or below a path. */
export interface ExtensionObject {
  readonly insertMiddleware?: {
    readonly [S in Slot]?: readonly (HandlerOf<S> | { readonly path: string; readonly handler: HandlerOf<S> })[];
  };
}

/** What happens to sessions. */
export interface SessionEvents {
  login: [session: { readonly id: string }];
  logout: [session: { readonly id: string }];
  /** A session has been used, and lives on for so many minutes. */
  update: [id: string, timeout: number];
}

/** Own handlers by slot, and who is told what happens. */
export interface Extensions {
  readonly slots: Readonly<Record<Slot, Router>>;
  readonly events: EventEmitter<SessionEvents>;
  /** Set for routers of own start scripts: what they do besides handling. */
  readonly own?: { readonly getToken: GetToken | undefined };
}

/** What a request has failed with, while the error handlers of the slot look at it. */
const pendingErrors = new WeakMap<Request, unknown>();

/** @throws TypeError for a slot that does not exist */
export function createExtensions(objects: readonly ExtensionObject[] = []): Extensions {
  const routers = Object.fromEntries(slots.map((slot) => [slot, express.Router()])) as Record<Slot, Router>;
  for (const slot of ['firstWS', 'beforeRequestHandlerWS'] as const) awaitHandlers(routers[slot]);
  // A router runs error handlers only after a handler of its own has failed.
  routers.beforeErrorHandler.use((request, _response, next) => next(pendingErrors.get(request)));
  insertHandlers(routers, objects);
  return Object.freeze({ slots: Object.freeze(routers), events: new EventEmitter<SessionEvents>() });
}

/**
 * A handler that a slip keeps out of its slot may be the one that checks something: what is not understood is refused.
 * @throws TypeError with the place, for a slot that does not exist and for what is no handler
 */
export function insertHandlers(routers: Extensions['slots'], objects: readonly ExtensionObject[]): void {
  for (const [index, object] of objects.entries()) {
    const at = `extensions[${index}]`;
    refuseSlip(at, object);
    for (const [slot, entries] of Object.entries(object.insertMiddleware ?? {})) {
      if (!slots.includes(slot as Slot))
        throw new TypeError(`${at}: there is no slot "${slot}"; there are ${slots.join(', ')}`);
      if (!Array.isArray(entries)) throw new TypeError(`${at}.insertMiddleware.${slot} must be a list of handlers`);
      for (const [place, entry] of entries.entries()) {
        const { path, handler } = typeof entry === 'function' ? { path: '/', handler: entry } : (entry ?? {});
        if (typeof handler !== 'function' || path === undefined)
          throw new TypeError(
            `${at}.insertMiddleware.${slot}[${place}] must be a function, or an object with path and handler`,
          );
        routers[slot as Slot].use(path, handler as RequestHandler);
      }
    }
  }
}

/** Other properties are the script's own, as an approuter has them; one that is nearly ours is not. */
function refuseSlip(at: string, object: ExtensionObject): void {
  if (typeof object !== 'object' || object === null)
    throw new TypeError(`${at} must be an object with insertMiddleware`);
  const slip = Object.keys(object).find(
    (name) => name !== 'insertMiddleware' && nearest(name, ['insertMiddleware']) !== undefined,
  );
  if (slip !== undefined) throw new TypeError(`${at}: nothing reads "${slip}"; did you mean "insertMiddleware"?`);
}

/** The handlers that a request meets at one of two places: an upgrade those of its own, where it has some. */
export function slotFor(
  { slots }: Extensions,
  place: 'first' | 'beforeRequestHandler',
  mode: UpgradeSlots,
  request: Request,
): Router {
  if (mode === 'false' || request.tunnel === undefined) return slots[place];
  if (mode === 'async') awaited.add(request);
  return slots[`${place}WS`];
}

/** What is said at the start of handlers that nothing will call; undefined: there are none. */
export function tellUncalled({ slots }: Extensions, mode: UpgradeSlots): string | undefined {
  const filled = (['firstWS', 'beforeRequestHandlerWS'] as const).filter((slot) => slots[slot].stack.length > 0);
  if (mode !== 'false' || filled.length === 0) return undefined;
  return `${filled.join(' and ')}: own handlers that are not called; set HANDLE_WEBSOCKET_EXT to true or async`;
}

/** Upgrades whose handlers' promises are awaited, though they may have called `next` before. */
const awaited = new WeakSet<Request>();

/** Has what a slot takes from now on awaited for the requests that ask for it (HANDLE_WEBSOCKET_EXT=async). */
function awaitHandlers(slot: Router): void {
  const use = slot.use.bind(slot) as (...args: unknown[]) => Router;
  const wrap = (argument: unknown): unknown => {
    if (Array.isArray(argument)) return argument.map(wrap);
    // Error handlers are known by their four parameters; they run as they are.
    if (typeof argument !== 'function' || argument.length > 3) return argument;
    return awaiting(argument as RequestHandler);
  };
  slot.use = ((...args: unknown[]) => use(...args.map(wrap))) as Router['use'];
}

/** A handler after whose end, not after whose `next`, the next one begins; one that takes no `next` goes on by ending. */
function awaiting(handler: RequestHandler): RequestHandler {
  return async (request, response, next) => {
    if (!awaited.has(request)) return handler(request, response, next);
    let ended = false;
    let called: readonly [error?: unknown] | undefined;
    await handler(request, response, (error?: unknown) => {
      if (ended) next(error);
      else called = [error];
    });
    ended = true;
    if (called !== undefined) next(called[0]);
    else if (handler.length < 3 && !response.writableEnded) next();
  };
}

/** Runs a slot's handlers. @returns false when one of them answered and nothing is left to do */
export function runSlot(slot: Router, request: Request, response: Response): boolean | Promise<boolean> {
  if (slot.stack.length === 0) return true;
  return new Promise((go, fail) => {
    const over = () => go(false);
    response.once('close', over);
    revealSession(request, response);
    slot(request, response, (error?: unknown) => {
      response.off('close', over);
      hideSession(request);
      if (error) fail(error);
      else go(!response.writableEnded);
    });
  });
}

/** Shows an error to the slot's handlers. @returns what is to be answered, or undefined when one of them answered */
export function runErrorSlot(slot: Router, cause: unknown, request: Request, response: Response): Promise<unknown> {
  if (slot.stack.length <= 1) return Promise.resolve(cause);
  pendingErrors.set(request, cause);
  return new Promise((go) => {
    response.once('close', () => go(undefined));
    slot(request, response, (error?: unknown) => go(response.writableEnded ? undefined : (error ?? cause)));
  });
}

/** Tells listeners what happened to a session; one that throws breaks neither login nor logout. */
export function tell(
  { events }: Extensions,
  event: 'login' | 'logout',
  id: string,
  warn: (message: string) => void,
): void {
  guarded(event, warn, () => events.emit(event, { id }));
}

/** Tells who listens that a session has been used. @param timeout minutes for which it lives on */
export function tellUse({ events }: Extensions, id: string, timeout: number, warn: (message: string) => void): void {
  if (events.listenerCount('update') > 0) guarded('update', warn, () => events.emit('update', id, timeout));
}

function guarded(event: keyof SessionEvents, warn: (message: string) => void, emit: () => void): void {
  try {
    emit();
  } catch {
    warn(`a listener of the event "${event}" failed`);
  }
}
