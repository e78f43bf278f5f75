import { seal, unseal } from './seal.ts';
import type { SessionData, SessionPatch } from './session-data.ts';

/** Sessions as fields of a hash, each sealed (AES-256-GCM) under the session's id and the field's name. */
export interface SessionCodec {
  /** Name, value, name, value… of the parts of a patch. */
  encode(id: string, patch: SessionPatch, createdAt?: number): string[];
  /** The session of such fields; undefined when there are none, or one does not open: half a session is none. */
  decode(id: string, fields: Readonly<Record<string, string>>): SessionData | undefined;
  /** Lets go of what was opened of a session: it has ended. */
  forget(id: string): void;
}

const cookiesOf = 'cookies:';
/** Sessions whose opened parts are kept, so that a busy one is not decrypted and parsed for each of its requests. */
const capacity = 1_000;

/** A part as it was sealed, and what it was then. */
interface Opened {
  readonly text: string;
  readonly value: unknown;
}

/** @param keys 32 bytes each; the first seals, all open */
export function createSessionCodec(keys: readonly Buffer[]): SessionCodec {
  const [current] = keys;
  if (current === undefined) throw new RangeError('a session codec needs a key');
  /** By session and part, in order of use. A part takes the place of the one before it: nobody asks for that again. */
  const opened = new Map<string, Map<string, Opened>>();

  const partsOf = (id: string): Map<string, Opened> => {
    const parts = opened.get(id) ?? new Map<string, Opened>();
    opened.delete(id);
    opened.set(id, parts);
    const [oldest] = opened.size > capacity ? opened.keys() : [];
    if (oldest !== undefined) opened.delete(oldest);
    return parts;
  };

  const open = (parts: Map<string, Opened>, id: string, name: string, text: string): unknown => {
    const known = parts.get(name);
    if (known?.text === text) return known.value;
    const purpose = purposeOf(id, name);
    const plain = keys.map((key) => unseal(text, key, purpose)).find((found) => found !== undefined);
    if (plain === undefined) throw new RangeError('sealed by another key');
    const value: unknown = JSON.parse(plain);
    parts.set(name, { text, value });
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
        const known = partsOf(id);
        const parts = Object.entries(fields).map(([name, text]) => [name, open(known, id, name, text)] as const);
        const plain = Object.fromEntries(parts.filter(([name]) => !name.startsWith(cookiesOf)));
        const cookies = parts.filter(([name]) => name.startsWith(cookiesOf));
        const jars = Object.fromEntries(cookies.map(([name, kept]) => [name.slice(cookiesOf.length), kept]));
        return { ...plain, ...(cookies.length > 0 ? { cookies: jars } : {}) } as unknown as SessionData;
      } catch {
        return undefined;
      }
    },
    forget: (id) => void opened.delete(id),
  };
}

function purposeOf(id: string, field: string): string {
  return `session ${id} ${field}`;
}
