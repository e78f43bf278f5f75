import type { HouseEvent } from '../observe/event.ts';
import type { Listener } from '../observe/observer.ts';
import type { Entry } from './entry.ts';
import { type Draft, draftOf, note } from './follow-request.ts';
import { inspectorPath } from './inspector-path.ts';

/** The last requests, oldest first. */
export interface Entries {
  readonly listener: Listener;
  /** @param since a state as told by `changed`; only entries that have changed after it. @returns copies */
  since(state: number): readonly Entry[];
  /** Counts changes. */
  readonly state: number;
  /** Counts how often everything was forgotten. */
  readonly emptied: number;
  clear(): void;
}

/**
 * Keeps the last requests, and no token of them.
 * @param most requests kept
 * @param onChange told after each change; what has changed is asked for with `since`
 */
export function keepEntries(most: number, onChange: () => void): Entries {
  const kept = new Map<object, { readonly draft: Draft; changed: number }>();
  let count = 0;
  let state = 0;
  let emptied = 0;
  const touch = () => {
    state += 1;
    return state;
  };

  return {
    listener: {
      followsRequests: true,
      hear(event) {
        const way = wayOf(event);
        if (way === undefined || isOwn(way.facts.path)) return;
        if (event.kind === 'request-begun') {
          count += 1;
          kept.set(way, { draft: draftOf(way, count), changed: touch() });
          const [oldest] = kept.keys();
          if (kept.size > most && oldest !== undefined) kept.delete(oldest);
          return onChange();
        }
        const entry = kept.get(way);
        if (entry === undefined) return;
        note(entry.draft, event);
        entry.changed = touch();
        onChange();
      },
    },
    since: (before) =>
      [...kept.values()].flatMap(({ draft: { startedAt: _, ...entry }, changed }) => (changed > before ? [entry] : [])),
    get state() {
      return state;
    },
    get emptied() {
      return emptied;
    },
    clear() {
      kept.clear();
      emptied += 1;
      touch();
      onChange();
    },
  };
}

function isOwn(path: string): boolean {
  return path === inspectorPath || path.startsWith(`${inspectorPath}/`);
}

function wayOf(event: HouseEvent) {
  switch (event.kind) {
    case 'audit':
    case 'renewed':
    case 'reloaded':
      return undefined;
    case 'step-begun':
    case 'step-ended':
      return event.step.way;
    default:
      return event.way;
  }
}
