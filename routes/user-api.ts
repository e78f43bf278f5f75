import type { Response } from 'express';
import type { Admitted } from '../src/authorization/authorize.ts';
import { AppError } from '../src/errors/app-error.ts';

/**
 * Who the user is, for the browser: never a token (xs-app.md 6.8).
 * @param path rewritten path without query
 */
export function answerUserApi({ principal }: Admitted, path: string, response: Response): void {
  if (principal.kind !== 'user') throw new AppError({ code: 'ERR_LOGIN_REQUIRED', status: 401 });
  const { claims, scopes } = principal;
  const text = (...names: string[]) => names.map((name) => claims[name]).find((value) => typeof value === 'string');
  const firstname = text('given_name', 'first_name');
  const lastname = text('family_name', 'last_name');
  const name = text('user_name', 'preferred_username', 'sub');
  const user = { firstname, lastname, email: text('email', 'mail'), name, scopes };
  const bodies: Readonly<Record<string, unknown>> = {
    '/currentUser': { ...user, displayName: `${firstname ?? ''} ${lastname ?? ''} (${name})`.trim() },
    '/attributes': { ...user, ...attributesOf(claims['xs.user.attributes']) },
  };
  const body = Object.hasOwn(bodies, path) ? bodies[path] : undefined;
  if (body === undefined) throw new AppError({ code: 'ERR_NOT_FOUND', status: 404 });
  response.setHeader('Cache-Control', 'no-cache, no-store');
  response.type('json').send(JSON.stringify(body, null, 2));
}

function attributesOf(claim: unknown): object {
  return typeof claim === 'object' && claim !== null ? claim : {};
}
