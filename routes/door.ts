import type { Request, Response } from 'express';
import { AppError } from '../src/errors/app-error.ts';

export type Handler = (request: Request, response: Response) => void | Promise<void>;

/** An endpoint that the house answers itself: one exact path, a handler a method. A door does HTTP only; policy lives in src. */
export interface Door {
  readonly path: string;
  readonly methods: Readonly<Record<string, Handler>>;
}

/** Calls the handler of the request's method. @throws AppError 405 with `allow` */
export function enterDoor(door: Door, request: Request, response: Response): void | Promise<void> {
  const handlerOf = (method: string) => (Object.hasOwn(door.methods, method) ? door.methods[method] : undefined);
  const handler = handlerOf(request.method) ?? (request.method === 'HEAD' ? handlerOf('GET') : undefined);
  if (handler !== undefined) return handler(request, response);
  const allow = Object.keys(door.methods);
  if (allow.includes('GET')) allow.push('HEAD');
  throw new AppError({
    code: 'ERR_METHOD_NOT_ALLOWED',
    status: 405,
    headers: { allow: [...new Set(allow)].join(', ') },
  });
}
