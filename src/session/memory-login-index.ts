import type { Login } from './session-data.ts';
import type { LoginSelector } from './session-store.ts';
import { subjectOf } from './subject-of.ts';

/** What a provider may call a login by (OpenID Connect Back-Channel Logout 2.4). */
type Names = Pick<LoginSelector, 'sid' | 'subject'>;

/** Most names are of one session, and a set for each would take as much memory as a token does. */
type Ids = string | Set<string>;

/**
 * Sessions by what a provider's logout names. Without it each logout would look into the id_tokens of all sessions: with
 * 20,000 of them nobody was answered for most of a second (measured), and whoever may log out could make that last.
 */
export class MemoryLoginIndex {
  readonly #namesOf = new Map<string, Names>();
  readonly #bySid = new Map<string, Ids>();
  readonly #bySubject = new Map<string, Ids>();

  /** In place of what the session was found by before. */
  put(id: string, login: Login | undefined): void {
    this.drop(id);
    if (login === undefined) return;
    const names = { sid: login.sid, subject: subjectOf(login) };
    this.#namesOf.set(id, names);
    add(this.#bySid, names.sid, id);
    add(this.#bySubject, names.subject, id);
  }

  drop(id: string): void {
    const names = this.#namesOf.get(id);
    if (names === undefined) return;
    this.#namesOf.delete(id);
    take(this.#bySid, names.sid, id);
    take(this.#bySubject, names.subject, id);
  }

  /** Ids of sessions that may be meant: users of two providers may have one name. */
  find({ sid, subject }: Names): readonly string[] {
    const ids = sid === undefined ? this.#bySubject.get(subject ?? '') : this.#bySid.get(sid);
    if (ids === undefined) return [];
    return typeof ids === 'string' ? [ids] : [...ids];
  }
}

function add(index: Map<string, Ids>, name: string | undefined, id: string): void {
  if (name === undefined) return;
  const known = index.get(name);
  if (known === undefined) index.set(name, id);
  else if (typeof known === 'string') index.set(name, new Set([known, id]));
  else known.add(id);
}

function take(index: Map<string, Ids>, name: string | undefined, id: string): void {
  if (name === undefined) return;
  const known = index.get(name);
  if (known === id) index.delete(name);
  else if (known instanceof Set && known.delete(id) && known.size === 0) index.delete(name);
}
