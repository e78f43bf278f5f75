import type { RequestListener } from 'node:http';

/** Requests that one listener answers. */
export interface Answering {
  count: number;
  /** Called when the last of them has been answered. */
  onIdle: (() => void) | undefined;
}

/** The door of a server, behind which the listener changes while it stays open. */
export interface Doorway {
  readonly serve: RequestListener;
  /** Where requests of the present listener are counted. */
  answering(): Answering;
  /**
   * From the next request on, another one serves; the one before finishes what it has begun.
   * @param leave called once the one before has nothing to do any more
   */
  replace(next: RequestListener, leave: () => Promise<void>): void;
  /** When all who were replaced have left. */
  emptied(): Promise<void>;
}

export function createDoorway(first: RequestListener): Doorway {
  let listener = first;
  let answering: Answering = { count: 0, onIdle: undefined };
  const leaving = new Set<Promise<void>>();
  return {
    serve: (request, response) => listener(request, response),
    answering: () => answering,
    replace(next, leave) {
      const last = answering;
      listener = next;
      answering = { count: 0, onIdle: undefined };
      const idle = new Promise<void>((become) => {
        if (last.count === 0) become();
        else last.onIdle = become;
      });
      const left = idle.then(leave).catch(() => {});
      leaving.add(left);
      void left.then(() => leaving.delete(left));
    },
    async emptied() {
      await Promise.all(leaving);
    },
  };
}
