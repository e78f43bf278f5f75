import { createHash } from 'node:crypto';
import type { Login } from './session-data.ts';
import type { LoginSelector } from './session-store.ts';
import { subjectOf } from './subject-of.ts';

const prefix = 'portunus:session:';

/** Where instances hear that a session has ended. */
export const endedChannel = `${prefix}ended`;
/** Sorted set of sessions by when their end is to be looked for. */
export const scheduleKey = `${prefix}ends`;

export const sessionKey = (id: string) => prefix + id;
export const leaseKey = (id: string) => `${prefix}lease:${id}`;
export const onceKey = (value: string) => `${prefix}once:${hashOf(value)}`;

/** Keys under which the sessions that a provider means are found again. */
export function selectorKeys({ provider, sid, subject }: LoginSelector): string[] {
  // Hashed: who is logged in is nobody's business who can list keys.
  const key = (kind: string, value: string) => `${prefix}by:${hashOf(JSON.stringify([kind, provider, value]))}`;
  return [...(sid === undefined ? [] : [key('sid', sid)]), ...(subject === undefined ? [] : [key('sub', subject)])];
}

export function loginKeys(login: Login): string[] {
  return selectorKeys({ provider: login.user.provider, sid: login.sid, subject: subjectOf(login) });
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}
