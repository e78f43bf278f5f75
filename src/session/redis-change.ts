import { applyPatch, type PlainPatch, type SessionData } from './session-data.ts';

/** A session as it stands in Redis. */
export interface RedisState {
  /** Milliseconds left of the idle time. */
  readonly left: number;
  /** Its parts as they are sealed. */
  readonly fields: Readonly<Record<string, string>>;
  readonly data: SessionData | undefined;
}

/** One session, for who changes it. */
export interface Changeable {
  look(): Promise<RedisState>;
  /** Name, value, name, value… of the parts of a patch, sealed. */
  encode(patch: PlainPatch): string[];
  /** Runs `changeScript`. @param changes name, value so far, new value… */
  put(changes: readonly string[]): Promise<unknown>;
}

/**
 * Changes parts of a session that are what they were when they were looked at; else it looks again. Of those who are at it at
 * once one is done each time, so that all come to an end.
 * @returns what the session holds then; undefined when it is gone
 */
export async function changeInRedis(
  session: Changeable,
  change: (data: SessionData) => PlainPatch,
): Promise<SessionData | undefined> {
  for (;;) {
    const { left, data, fields } = await session.look();
    if (data === undefined || left <= 0) return undefined;
    const patch = change(data);
    const parts = session.encode(patch);
    if (parts.length === 0) return data;
    const done = await session.put(parts.flatMap((text, i) => (i % 2 === 0 ? [text, fields[text] ?? ''] : [text])));
    if (done === 0) return undefined;
    if (done !== 1) continue;
    applyPatch(data, patch);
    return data;
  }
}
