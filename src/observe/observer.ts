import type { FollowedRequest, HouseEvent, Step } from './event.ts';

/** Somebody who is told what happens. */
export interface Listener {
  /** Whether single requests are followed for it; else it is told of people and reloads only. */
  readonly followsRequests: boolean;
  hear(event: HouseEvent): void;
  /** Runs a request's work in a context of its own. */
  around?<T>(way: FollowedRequest, work: () => T): T;
  /** Headers that hand the trace on with a step: name, value, name, value… */
  propagate?(step: Step): readonly string[];
}

/** Where everything is reported, and from where it is told on. */
export interface Observer {
  tell(event: HouseEvent): void;
  /** Whether anybody follows single requests; while nobody does, none is made an object of. */
  readonly followsRequests: boolean;
  /** @returns stops listening */
  listen(listener: Listener): () => void;
  around<T>(way: FollowedRequest, work: () => T): T;
  propagate(step: Step): readonly string[];
}

const nothing: readonly string[] = [];

/** @param onFault told when a listener has thrown: it breaks no request, and is not heard again */
export function createObserver(onFault: (message: string) => void): Observer {
  let listeners: readonly Listener[] = [];
  let followsRequests = false;
  const become = (next: readonly Listener[]) => {
    listeners = next;
    followsRequests = next.some((listener) => listener.followsRequests);
  };
  return {
    tell(event) {
      for (const listener of listeners) {
        try {
          listener.hear(event);
        } catch (cause) {
          become(listeners.filter((other) => other !== listener));
          onFault(`who listens to "${event.kind}" failed and is not told any more (${(cause as Error)?.name})`);
        }
      }
    },
    get followsRequests() {
      return followsRequests;
    },
    listen(listener) {
      become([...listeners, listener]);
      return () => become(listeners.filter((other) => other !== listener));
    },
    around(way, work) {
      const within = listeners.reduce<() => ReturnType<typeof work>>(
        (inner, listener) => (listener.around === undefined ? inner : () => listener.around?.(way, inner) as never),
        work,
      );
      return within();
    },
    propagate: (step) => listeners.find(({ propagate }) => propagate !== undefined)?.propagate?.(step) ?? nothing,
  };
}

/** Nobody listens. */
export const unobserved: Observer = createObserver(() => {});
