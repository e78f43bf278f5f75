import { EventEmitter } from 'node:events';
import express, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';

/** Where own handlers may stand (xs-app.md section 11). */
export type Slot = 'first' | 'beforeRequestHandler' | 'beforeErrorHandler';
const slots: readonly Slot[] = ['first', 'beforeRequestHandler', 'beforeErrorHandler'];

type AnyHandler = RequestHandler | ErrorRequestHandler;

/** The approuter's extension object: handlers by slot, each alone or below a path. */
export interface ExtensionObject {
  readonly insertMiddleware?: Partial<
    Readonly<Record<Slot, readonly (AnyHandler | { readonly path: string; readonly handler: AnyHandler })[]>>
  >;
}

/** What happens to sessions. */
export interface SessionEvents {
  login: [session: { readonly id: string }];
  logout: [session: { readonly id: string }];
}

/** Own handlers by slot, and who is told what happens. */
export interface Extensions {
  readonly slots: Readonly<Record<Slot, Router>>;
  readonly events: EventEmitter<SessionEvents>;
}

/** What a request has failed with, while the error handlers of the slot look at it. */
const pendingErrors = new WeakMap<Request, unknown>();

/** @throws TypeError for a slot that does not exist */
export function createExtensions(objects: readonly ExtensionObject[] = []): Extensions {
  const routers = Object.fromEntries(slots.map((slot) => [slot, express.Router()])) as Record<Slot, Router>;
  // A router runs error handlers only after a handler of its own has failed.
  routers.beforeErrorHandler.use((request, _response, next) => next(pendingErrors.get(request)));
  for (const { insertMiddleware = {} } of objects) {
    for (const [slot, entries] of Object.entries(insertMiddleware)) {
      if (!slots.includes(slot as Slot))
        throw new TypeError(`there is no slot "${slot}"; there are ${slots.join(', ')}`);
      for (const entry of entries) {
        if (typeof entry === 'function') routers[slot as Slot].use(entry as RequestHandler);
        else routers[slot as Slot].use(entry.path, entry.handler as RequestHandler);
      }
    }
  }
  return Object.freeze({ slots: Object.freeze(routers), events: new EventEmitter<SessionEvents>() });
}

/** Runs a slot's handlers. @returns false when one of them answered and nothing is left to do */
export function runSlot(slot: Router, request: Request, response: Response): boolean | Promise<boolean> {
  if (slot.stack.length === 0) return true;
  return new Promise((go, fail) => {
    const over = () => go(false);
    response.once('close', over);
    slot(request, response, (error?: unknown) => {
      response.off('close', over);
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
  event: keyof SessionEvents,
  id: string,
  warn: (message: string) => void,
): void {
  try {
    events.emit(event, { id });
  } catch {
    warn(`a listener of the event "${event}" failed`);
  }
}
