import type { Login } from './session-data.ts';
import type { LoginSelector } from './session-store.ts';
import { subjectOf } from './subject-of.ts';

/** Most names are of one session, and a set for each would take as much memory as a token does. */
type Ids = string | Set<string>;

/**
 * Sessions by what a provider's logout names (OpenID Connect Back-Channel Logout 2.4). Without it each logout would look into
 * the id_tokens of all sessions: with 20,000 of them nobody was answered for most of a second (measured), and whoever may log
 * out could make that last.
 */
export class MemoryLoginIndex {
  readonly #namesOf = new Map<string, LoginSelector>();
  readonly #bySid = new Map<string, Ids>();
  readonly #bySubject = new Map<string, Ids>();

  /** In place of what the session was found by before. */
  put(id: string, login: Login | undefined): void {
    this.drop(id);
    if (login === undefined) return;
    const names = { provider: login.user.provider, sid: login.sid, subject: subjectOf(login) };
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

  /** Ids of the sessions that are meant; no token is read for it, for one user may have thousands. */
  find({ provider, sid, subject }: LoginSelector): readonly string[] {
    const found = sid === undefined ? this.#bySubject.get(subject ?? '') : this.#bySid.get(sid);
    const ids = typeof found === 'string' ? [found] : [...(found ?? [])];
    return ids.filter((id) => {
      const names = this.#namesOf.get(id);
      // Where both are named, both must fit (2.6); users of two providers may have one name.
      return names?.provider === provider && (subject === undefined || names.subject === subject);
    });
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
