import type { FollowedRequest, HouseEvent, Step, StepEnded, StepKind } from '../observe/event.ts';
import type { NearMiss } from '../observe/near-miss.ts';
import type { Entry, Hop, ShownField, ShownNearMiss, ShownStep } from './entry.ts';
import { factsOf, fieldsOf, hopOf, resultOf, titleOf } from './show-step.ts';
import { shownPath, shownText } from './shown-value.ts';

/** An entry while it is being written. */
export type Draft = { -readonly [K in keyof Entry]: Entry[K] } & { readonly startedAt: number; steps: Mutable[] };
type Mutable = { -readonly [K in keyof ShownStep]: ShownStep[K] };

/** Steps of one request at most; an upgrade or a page that calls itself may have many. */
const mostSteps = 60;
const mostNearMisses = 20;

/** The entry of a request that has just come. */
export function draftOf({ facts, begunAt }: FollowedRequest, number: number): Draft {
  return {
    number,
    id: facts.id,
    correlationId: facts.correlationId,
    method: shownText(facts.method),
    path: shownPath(facts.path),
    host: shownText(facts.host),
    scheme: facts.scheme,
    peer: facts.peer,
    userAgent: shownText(facts.userAgent ?? ''),
    isUpgrade: facts.isUpgrade,
    begunAt,
    route: null,
    nearMisses: [],
    judgement: null,
    destination: null,
    steps: [],
    error: null,
    end: null,
    startedAt: performance.now(),
  };
}

type Ended = { readonly [K in StepKind]: StepEnded<K> }[StepKind];
const placeOf = new WeakMap<Step, Mutable>();

/**
 * Writes what an event tells into the entry of its request. Everything is decoded here and now: an entry holds no way
 * back to a token.
 */
export function note(draft: Draft, event: HouseEvent): void {
  switch (event.kind) {
    case 'looked-for-route':
      draft.nearMisses = event.nearMisses().slice(0, mostNearMisses).map(shownNearMiss);
      return;
    case 'routed':
      draft.route = { ...event.leadsTo };
      return;
    case 'judged': {
      const { verdict, reason = null, user } = event.judgement;
      draft.judgement = {
        verdict,
        reason: reason ?? null,
        user: user === undefined ? null : nameOf(user.claims() ?? {}),
        provider: user?.provider ?? null,
        scopes: user?.scopes.slice(0, 100).map(shownText) ?? [],
      };
      return;
    }
    case 'step-begun':
      begin(draft, event.step);
      return;
    case 'step-ended':
      end(event);
      return;
    case 'error-answered': {
      const { code, status, detail = '', hint = '', members } = event.error;
      draft.error = {
        code,
        status,
        detail: shownText(detail),
        cure: shownText(hint),
        members: Object.entries(members).map(([name, value]) => ({ name, value: shownText(String(value)) })),
      };
      return;
    }
    case 'request-ended': {
      const { status, milliseconds, bytesIn = null, bytesOut } = event.answer;
      // A route that is only alike is no news where the request found what it was looking for.
      if (draft.route !== null && status !== 404)
        draft.nearMisses = draft.nearMisses.filter(({ nearness }) => nearness === 'close');
      draft.end = { status, milliseconds: rounded(milliseconds), bytesIn, bytesOut };
      return;
    }
    case 'request-begun':
    case 'audit':
    case 'renewed':
    case 'reloaded':
      return;
  }
}

function begin(draft: Draft, step: Step): void {
  if ('destination' in step.facts) draft.destination ??= shownText(step.facts.destination);
  if (draft.steps.length >= mostSteps) return;
  const shown: Mutable = {
    kind: step.kind,
    title: titleOf(step),
    from: rounded(performance.now() - draft.startedAt),
    milliseconds: null,
    outcome: 'open',
    result: '',
    facts: factsOf(step),
    sent: [],
    hop: null,
  };
  placeOf.set(step, shown);
  draft.steps.push(shown);
}

function end(event: Ended): void {
  const shown = placeOf.get(event.step);
  if (shown === undefined) return;
  shown.milliseconds = rounded(event.milliseconds);
  shown.outcome = event.outcome.failed ? 'failed' : 'fine';
  shown.result = resultOf(event);
  Object.assign(shown, tokensOf(event));
}

/** What tokens a step was about. */
function tokensOf(event: Ended): { readonly sent?: readonly ShownField[]; readonly hop?: Hop | null } {
  switch (event.of) {
    case 'token': {
      const { subject, sent } = event.step.facts;
      const issued = event.outcome.failed ? undefined : event.outcome.issued();
      return { sent: fieldsOf(sent()), hop: hopOf(subject?.(), issued) };
    }
    case 'credential': {
      const subject = event.step.facts.subject?.();
      if (event.outcome.failed) return { hop: hopOf(subject, undefined) };
      const shown = event.outcome.shown();
      if (shown.kind === 'none') return {};
      const { name, value } = shown;
      return {
        sent: value.kind === 'saml' ? fieldsOf([{ name, kind: 'decoded', value }]) : [],
        hop: hopOf(subject, value),
      };
    }
    case 'provider': {
      const claims = event.outcome.failed ? undefined : event.outcome.claims?.();
      return { hop: claims === undefined ? null : hopOf(undefined, { kind: 'jwt', header: {}, claims }) };
    }
    default:
      return {};
  }
}

function shownNearMiss({ name, source, why, nearness }: NearMiss): ShownNearMiss {
  return { name, source: shownText(source), why: shownText(why), nearness };
}

/** As people are called: by what most providers say. */
function nameOf(claims: Readonly<Record<string, unknown>>): string {
  for (const name of ['preferred_username', 'email', 'user_name', 'upn', 'name', 'sub']) {
    const value = claims[name];
    if (typeof value === 'string' && value !== '') return shownText(value);
  }
  return 'somebody without a name';
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
