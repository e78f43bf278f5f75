import { fewAtOnce } from '../few-at-once.ts';

/** Ends what is open on behalf of a session: a WebSocket, an event stream. */
export type EndStream = () => void;

/** What is open on this instance, by session: it must not outlive the session (wants 39). */
export interface LiveStreams {
  /** Ties something open to a session. @returns to be called when it has closed by itself */
  add(sessionId: string, end: EndStream): () => void;
  /** Ends everything that is open for a session. */
  end(sessionId: string): void;
  /** Sessions for which something is open. */
  readonly size: number;
  close(): void;
}

export interface LiveStreamsOptions {
  /** Whether a session still stands for a logged-in user; asked without counting as use. Rejects when nobody can say. */
  readonly stands: (sessionId: string) => Promise<boolean>;
  /** Milliseconds between looks at the sessions of open streams. */
  readonly interval: number;
  /** Milliseconds without an answer after which a session is taken to be over: its idle time. */
  readonly patience: number;
}

/** Sessions looked at at a time: each is a question to the store, and perhaps to the provider. */
const looksAtOnce = 100;

interface Live {
  readonly ends: Set<EndStream>;
  /** Milliseconds since the epoch. */
  confirmedAt: number;
}

/**
 * Streams end at once when the end of their session is told. They are looked at besides: nobody tells of a login that
 * could not be renewed, and what was told may have been lost.
 */
export function createLiveStreams({ stands, interval, patience }: LiveStreamsOptions): LiveStreams {
  const live = new Map<string, Live>();
  const inTurn = fewAtOnce(looksAtOnce);
  let looking: NodeJS.Timeout | undefined;

  const end = (sessionId: string) => {
    const found = live.get(sessionId);
    live.delete(sessionId);
    for (const each of found?.ends ?? []) each();
  };
  const look = (sessionId: string, entry: Live) =>
    inTurn(async () => {
      if (live.get(sessionId) !== entry) return; // over before its turn came
      const standing = await stands(sessionId).catch(() => Date.now() - entry.confirmedAt < patience && 'unknown');
      if (standing === false) end(sessionId);
      else if (standing === true) entry.confirmedAt = Date.now();
    });
  const lookAtAll = async () => {
    await Promise.all([...live].map(([sessionId, entry]) => look(sessionId, entry)));
    schedule();
  };
  const schedule = () => {
    looking = live.size === 0 ? undefined : setTimeout(lookAtAll, interval).unref();
  };

  return {
    add(sessionId, endStream) {
      const entry = live.get(sessionId) ?? { ends: new Set(), confirmedAt: Date.now() };
      live.set(sessionId, entry);
      entry.ends.add(endStream);
      if (looking === undefined) schedule();
      // The session may have ended while the stream was being opened, and its end been told before this.
      void look(sessionId, entry);
      return () => {
        entry.ends.delete(endStream);
        if (entry.ends.size === 0 && live.get(sessionId) === entry) live.delete(sessionId);
      };
    },
    end,
    get size() {
      return live.size;
    },
    close() {
      clearTimeout(looking);
    },
  };
}
