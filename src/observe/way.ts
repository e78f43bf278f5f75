import { AsyncLocalStorage } from 'node:async_hooks';
import type { AnsweredError } from './answered-error.ts';
import type {
  FollowedRequest,
  HouseEvent,
  Judgement,
  LeadsTo,
  RequestEnd,
  RequestFacts,
  Step,
  StepEnded,
  StepKind,
  StepKinds,
  StepOf,
} from './event.ts';
import type { NearMiss } from './near-miss.ts';
import type { Observer } from './observer.ts';
import type { TraceContext } from './trace-context.ts';

declare module 'http' {
  interface IncomingMessage {
    /** Set when somebody listens; else nothing is made, measured or told. */
    way?: Way | undefined;
  }
}

const current = new AsyncLocalStorage<Way>();

/** The request that is being served here; for stages that are not handed one. */
export function currentWay(): Way | undefined {
  return current.getStore();
}

/** Does work as part of a request, also where its context was lost (as by a body parser among own handlers). */
export function within<T>(way: Way | undefined, work: () => T): T {
  return way === undefined ? work() : way.run(work);
}

/** A request on its way, as it is followed for who listens. Lives from its arrival to the end of its answer. */
export class Way implements FollowedRequest {
  readonly facts: RequestFacts;
  /** Milliseconds since the epoch. */
  readonly begunAt = Date.now();
  /** The trace it belongs to: the caller's, or the span made for it. */
  trace: TraceContext | undefined;
  leadsTo: LeadsTo | undefined;
  destination: string | undefined;
  /** Status of the upstream's answer to an upgrade: 101 once the tunnel stands. */
  upgraded: number | undefined;
  /** Code of the error answered; see `answers`. */
  code: string | undefined;
  /** Milliseconds spent in steps, by their kind. */
  readonly spent: Partial<Record<StepKind, number>> = {};
  readonly #observer: Observer;
  readonly #startedAt = performance.now();
  #ended = false;

  constructor(facts: RequestFacts, trace: TraceContext | undefined, observer: Observer) {
    this.facts = facts;
    this.trace = trace;
    this.#observer = observer;
  }

  /** Does work with this as the current request. */
  run<T>(work: () => T): T {
    return current.run(this, () => this.#observer.around(this, work));
  }

  looksForRoute(nearMisses: () => readonly NearMiss[]): void {
    this.#observer.tell({ kind: 'looked-for-route', way: this, nearMisses });
  }

  routed(leadsTo: LeadsTo): void {
    this.leadsTo = leadsTo;
    this.#observer.tell({ kind: 'routed', way: this, leadsTo });
  }

  judged(judgement: Judgement): void {
    this.#observer.tell({ kind: 'judged', way: this, judgement });
  }

  /** An error is answered; of several the last one counts. */
  answers(error: AnsweredError): void {
    this.code = error.code;
    this.#observer.tell({ kind: 'error-answered', way: this, error });
  }

  begin<K extends StepKind>(kind: K, facts: StepKinds[K]['facts']): OpenStep<K> {
    if ('destination' in facts) this.destination ??= facts.destination;
    const observer = this.#observer;
    const { spent } = this;
    const step: StepOf<K> = { kind, way: this, facts, begunAt: Date.now() };
    const startedAt = performance.now();
    let open = true;
    const end = (outcome: StepEnded<K>['outcome']) => {
      if (!open) return;
      open = false;
      const milliseconds = performance.now() - startedAt;
      spent[kind] = (spent[kind] ?? 0) + milliseconds;
      // K is one of the union's kinds; the compiler does not see that the event then is one of its members.
      observer.tell({ kind: 'step-ended', of: kind, step, milliseconds, outcome } as StepEnded<StepKind> as HouseEvent);
    };
    observer.tell({ kind: 'step-begun', step: step as Step });
    return {
      end: (brought) => end({ failed: false, ...brought }),
      fail: (cause) => end({ failed: true, code: codeOf(cause) }),
      headers: () => observer.propagate(step as Step),
    };
  }

  /** @param answer what came of it; told once, whoever says it first */
  end(answer: Omit<RequestEnd, 'milliseconds' | 'code'>): void {
    if (this.#ended) return;
    this.#ended = true;
    const milliseconds = performance.now() - this.#startedAt;
    this.#observer.tell({ kind: 'request-ended', way: this, answer: { ...answer, milliseconds, code: this.code } });
  }
}

/** A step under way; only its first end counts. */
export interface OpenStep<K extends StepKind> {
  end(brought: StepKinds[K]['brought']): void;
  fail(cause: unknown): void;
  /** Headers that hand the trace on to who is called: name, value, name, value… */
  headers(): readonly string[];
}

function codeOf(cause: unknown): string {
  const { code, name } = (cause ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
}
