import session from 'express-session';
import type { SessionData } from './session-data.ts';
import type { SessionStore } from './session-store.ts';

/** The session of an id that the caller has proved to be its own, made if need be; no cookie is set. */
export async function adoptSession(
  store: SessionStore,
  id: string,
): Promise<{ readonly id: string; readonly data: SessionData }> {
  const known = await store.read(id);
  if (known !== undefined) return { id, data: known };
  const data: SessionData = { createdAt: Date.now() };
  const record = { cookie: new session.Cookie(), house: data };
  await new Promise<void>((done, fail) => store.set(id, record, (error?: unknown) => (error ? fail(error) : done())));
  return { id, data };
}
