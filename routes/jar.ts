import type { Request, Response } from 'express';
import type { User } from '../src/authorization/principal.ts';
import { boundJars } from '../src/forwarding/backend-cookies.ts';
import type { House } from '../src/house.ts';
import { callerCookie } from '../src/session/caller-cookies.ts';
import { keepPrivate } from '../src/session/keep-private.ts';
import { cookiesFor, type KeptCookie } from '../src/session/session-data.ts';
import type { FoundSession } from '../src/session/sessions.ts';

/** Where the session cookies that backends set for this caller are kept (xs-app.md 8.2, section 9). */
export interface Jar {
  of(destination: string): readonly KeptCookie[];
  /** Changes those of a destination, given what is kept then. */
  keep(destination: string, change: (kept: readonly KeptCookie[]) => readonly KeptCookie[]): Promise<void>;
}

/** In the session; one is made when there is something to keep. */
export function sessionJar(house: House, found: FoundSession | undefined, request: Request, response: Response): Jar {
  let session = found;
  return {
    of: (destination) => cookiesFor(session?.data, destination),
    async keep(destination, change) {
      session ??= await house.sessions.open(request, response);
      await house.sessions.change(session, (data) => ({
        cookies: boundJars(data.cookies ?? {}, destination, change(cookiesFor(data, destination))),
      }));
    },
  };
}

/** Characters of cookies that fit, sealed, into one cookie of 4,096. */
const callersRoom = 2_400;

/** With the caller, sealed: a program has no session here. */
export function callerJar(house: House, caller: User, request: Request, response: Response): Jar {
  const owner = JSON.stringify([caller.provider, caller.claims['sub'] ?? caller.claims['client_id'] ?? '']);
  const jars = house.callerCookies.open(request.headers.cookie, owner);
  const flags = () => ({ ...house.cookieAttributes(request), path: '/', httpOnly: true });
  return {
    of: (destination) => cookiesFor({ createdAt: 0, cookies: { ...jars } }, destination),
    async keep(destination, change) {
      const kept = change(cookiesFor({ createdAt: 0, cookies: { ...jars } }, destination));
      const all = { ...jars, ...boundJars(jars, destination, kept, callersRoom) };
      const held = Object.fromEntries(Object.entries(all).filter(([, jar]) => jar.length > 0));
      keepPrivate(response);
      if (Object.keys(held).length === 0) response.clearCookie(callerCookie, flags());
      else response.cookie(callerCookie, house.callerCookies.seal(held, owner), { ...flags(), encode: String });
    },
  };
}
