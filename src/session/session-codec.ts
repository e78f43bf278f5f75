import { seal, unseal } from './seal.ts';
import type { SessionData, SessionPatch } from './session-data.ts';

/** Sessions as fields of a hash, each sealed (AES-256-GCM) under the session's id and the field's name. */
export interface SessionCodec {
  /** Name, value, name, value… of the parts of a patch. */
  encode(id: string, patch: SessionPatch, createdAt?: number): string[];
  /** The session of such fields; undefined when there are none, or one does not open: half a session is none. */
  decode(id: string, fields: Readonly<Record<string, string>>): SessionData | undefined;
}

const cookiesOf = 'cookies:';
/** Opened parts kept, so that a busy session is not decrypted and parsed for each of its requests. */
const capacity = 5_000;

/** @param keys 32 bytes each; the first seals, all open */
export function createSessionCodec(keys: readonly Buffer[]): SessionCodec {
  const [current] = keys;
  if (current === undefined) throw new RangeError('a session codec needs a key');
  const opened = new Map<string, unknown>();

  const open = (text: string, purpose: string): unknown => {
    const cacheKey = purpose + text;
    if (opened.has(cacheKey)) return opened.get(cacheKey);
    const plain = keys.map((key) => unseal(text, key, purpose)).find((found) => found !== undefined);
    if (plain === undefined) throw new RangeError('sealed by another key');
    const value: unknown = JSON.parse(plain);
    const oldest = opened.size >= capacity ? opened.keys().next().value : undefined;
    if (oldest !== undefined) opened.delete(oldest);
    opened.set(cacheKey, value);
    return value;
  };

  return {
    encode(id, { csrfToken, login, cookies = {}, own }, createdAt) {
      const parts: Record<string, unknown> = { createdAt, csrfToken, login, own };
      for (const [destination, kept] of Object.entries(cookies)) parts[cookiesOf + destination] = kept;
      return Object.entries(parts)
        .filter(([, value]) => value !== undefined)
        .flatMap(([name, value]) => [name, seal(JSON.stringify(value), current, purposeOf(id, name))]);
    },
    decode(id, fields) {
      if (fields['createdAt'] === undefined) return undefined;
      try {
        const parts = Object.entries(fields).map(([name, text]) => [name, open(text, purposeOf(id, name))] as const);
        const plain = Object.fromEntries(parts.filter(([name]) => !name.startsWith(cookiesOf)));
        const cookies = parts.filter(([name]) => name.startsWith(cookiesOf));
        const jars = Object.fromEntries(cookies.map(([name, kept]) => [name.slice(cookiesOf.length), kept]));
        return { ...plain, ...(cookies.length > 0 ? { cookies: jars } : {}) } as unknown as SessionData;
      } catch {
        return undefined;
      }
    },
  };
}

function purposeOf(id: string, field: string): string {
  return `session ${id} ${field}`;
}
