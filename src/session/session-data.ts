import type { User } from '../authorization/principal.ts';

/** All that a session may hold. Lives on the server only; nothing of it ever reaches the browser but what doors say. */
export interface SessionData {
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  csrfToken?: string;
  login?: Login;
  /** Backends' session cookies, by destination: what one set never travels to another (xs-app.md 13.1 #4). */
  cookies?: Record<string, readonly KeptCookie[]>;
  /** What an own start script keeps there (xs-app.md section 11, `getSessionStore`). */
  own?: Readonly<Record<string, unknown>>;
}

/** Kept cookies of a destination, whatever its name: `constructor` is one too (T-25). */
export function cookiesFor(data: SessionData | undefined, destination: string): readonly KeptCookie[] {
  const jars = data?.cookies;
  return (jars !== undefined && Object.hasOwn(jars, destination) && jars[destination]) || [];
}

/** Changes to a session: parts named replace the earlier ones; of cookies, those of the destinations named. */
export type SessionPatch = Partial<Pick<SessionData, 'csrfToken' | 'login' | 'cookies' | 'own'>>;

/** Changes that leave the login alone. */
export type PlainPatch = Omit<SessionPatch, 'login'>;

/** Lays changes over a session, in place. */
export function applyPatch(data: SessionData, patch: SessionPatch): void {
  const cookies = patch.cookies && { ...data.cookies, ...patch.cookies };
  Object.assign(data, patch, cookies && { cookies });
}

/** A finished login and what is needed to keep it alive. */
export interface Login {
  readonly user: User;
  /** `sid` of the id_token where the provider gives one: names the session there (OIDC back-channel logout). */
  readonly sid: string | undefined;
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
  /** Milliseconds since the epoch. */
  readonly obtainedAt: number;
  /** Milliseconds since the epoch at which the user token ends. */
  readonly expiresAt: number;
  /** Milliseconds since the epoch before which it is not to be renewed; absent until a renewal has failed. */
  readonly renewAfter?: number;
}

/** A backend's session cookie, kept for the user (xs-app.md 8.2). */
export interface KeptCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly secure: boolean;
}

declare module 'express-session' {
  interface SessionData {
    house: import('./session-data.ts').SessionData;
  }
}
