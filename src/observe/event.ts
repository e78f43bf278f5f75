import type { AnsweredError } from './answered-error.ts';
import type { AuditEvent, AuditOrigin } from './audit-event.ts';
import type { NearMiss } from './near-miss.ts';
import type { TraceContext } from './trace-context.ts';

/**
 * Everything that is told of what happens in the house, in one closed list. Stages report here and nowhere else; log
 * lines, metrics, spans and pages are made by who listens (docs/decisions/0014). No event holds a token,
 * secret, assertion or cookie: of tokens there are decoded claims.
 */
export type HouseEvent =
  | { readonly kind: 'request-begun'; readonly way: FollowedRequest }
  /** A route is looked for; those that nearly take the request are found when asked for. */
  | { readonly kind: 'looked-for-route'; readonly way: FollowedRequest; readonly nearMisses: () => readonly NearMiss[] }
  /** What answers: a route, or an own door. */
  | { readonly kind: 'routed'; readonly way: FollowedRequest; readonly leadsTo: LeadsTo }
  | { readonly kind: 'step-begun'; readonly step: Step }
  | { readonly [K in StepKind]: StepEnded<K> }[StepKind]
  /** Whether the caller may pass, and who that is. */
  | { readonly kind: 'judged'; readonly way: FollowedRequest; readonly judgement: Judgement }
  /** An error is being answered, in the words that the caller may read. */
  | { readonly kind: 'error-answered'; readonly way: FollowedRequest; readonly error: AnsweredError }
  | { readonly kind: 'request-ended'; readonly way: FollowedRequest; readonly answer: RequestEnd }
  | { readonly kind: 'audit'; readonly audit: AuditEvent; readonly origin: AuditOrigin | undefined }
  | { readonly kind: 'renewed'; readonly provider: string }
  | { readonly kind: 'reloaded'; readonly outcome: 'taken' | 'refused' };

/** What is known of a request when it comes. */
export interface RequestFacts {
  readonly id: string;
  readonly correlationId: string;
  readonly method: string;
  /** Without query: there, codes and keys travel. */
  readonly path: string;
  readonly scheme: string;
  readonly host: string;
  readonly peer: string;
  readonly httpVersion: string;
  readonly userAgent: string | undefined;
  readonly isUpgrade: boolean;
  /** Headers by which callers hand on a trace, of whatever notation; no others. */
  readonly traceHeaders: Readonly<Record<string, string>>;
}

/** A request from its arrival to the end of its answer, and what has become known of it so far. */
export interface FollowedRequest {
  readonly facts: RequestFacts;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  /** The trace it belongs to: the caller's, until who makes spans puts its own there. */
  trace: TraceContext | undefined;
  readonly leadsTo: LeadsTo | undefined;
  readonly destination: string | undefined;
  /** Milliseconds spent in steps, by their kind. */
  readonly spent: Readonly<Partial<Record<StepKind, number>>>;
}

export interface LeadsTo {
  /** `routes/3`, or the path of a door. Their number is bounded by the configuration. */
  readonly name: string;
  readonly kind: 'route' | 'door';
  /** The pattern of the route's source, as configured; the path of a door. */
  readonly source: string;
  readonly access: string;
}

export interface Judgement {
  readonly verdict: 'admitted' | 'needs-login' | 'refused';
  readonly reason: 'scope' | 'csrf' | undefined;
  /** Undefined: anonymous. */
  readonly user: KnownUser | undefined;
}

/** Somebody who is logged in, or whose token was verified. */
export interface KnownUser {
  /** Name of the identity provider, as configured. */
  readonly provider: string;
  readonly scopes: readonly string[];
  readonly claims: Claims;
}

export interface RequestEnd {
  readonly status: number;
  readonly milliseconds: number;
  /** On the connection, headers included. */
  readonly bytesOut: number;
  /** Of the body as announced; undefined when it was not. */
  readonly bytesIn: number | undefined;
  /** Code of the error answered, if it was one. */
  readonly code: string | undefined;
}

/** Work within a request that takes time: what is known when it begins, and what it brought. */
export interface StepKinds {
  /** Finding the session of the cookie. */
  readonly session: { readonly facts: Record<never, never>; readonly brought: { readonly loggedIn: boolean } };
  /** Getting a credential for a destination: at hand, or asked for (by this request or one that it waits for). */
  readonly credential: {
    readonly facts: {
      readonly destination: string;
      readonly authentication: string;
      readonly ages: boolean;
      /** Claims of the user in whose name it is got; undefined: the client's own. */
      readonly subject: Claims | undefined;
    };
    readonly brought: { readonly source: 'at-hand' | 'asked'; readonly shown: () => ShownCredential };
  };
  /** One request to a token service. */
  readonly token: {
    readonly facts: {
      readonly destination: string;
      readonly grant: string;
      /** Without query. */
      readonly url: string;
      readonly clientId: string;
      /** How the client proves who it is, as in RFC 8414's registry; a given proof may take its place. */
      readonly clientProof: string;
      /** Claims of the user's token that goes in, where one does. */
      readonly subject: Claims | undefined;
      /** The form last sent; undefined while none was. */
      readonly sent: () => readonly SentField[] | undefined;
    };
    readonly brought: {
      readonly expiresAt: number | undefined;
      readonly scope: string | undefined;
      readonly issued: () => Decoded;
    };
  };
  /** One request to an identity provider for the user's own tokens. */
  readonly provider: {
    readonly facts: { readonly provider: string; readonly purpose: 'login' | 'renewal' };
    readonly brought: { readonly expiresAt: number; readonly claims: Claims | undefined };
  };
  /** Getting the backend's CSRF token: at hand, fetched (by this request or one that it waits for), or there is none. */
  readonly csrf: {
    readonly facts: { readonly destination: string; readonly url: string };
    /** `asked`: questions for it and the status of their answers, e.g. `HEAD 405`. */
    readonly brought: { readonly source: 'at-hand' | 'fetched' | 'none'; readonly asked: readonly string[] };
  };
  /** One call of the backend, to the head of its answer. */
  readonly backend: {
    readonly facts: {
      readonly destination: string;
      readonly method: string;
      /** Without query. */
      readonly url: string;
      /** 0, or how often it was sent before. */
      readonly resend: number;
    };
    readonly brought: { readonly status: number };
  };
}

export type StepKind = keyof StepKinds;
export interface StepOf<K extends StepKind> {
  readonly kind: K;
  readonly way: FollowedRequest;
  readonly facts: StepKinds[K]['facts'];
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
}
/** Discriminated by `kind`. */
export type Step = { readonly [K in StepKind]: StepOf<K> }[StepKind];

/** `of` tells the kinds of steps apart. */
export interface StepEnded<K extends StepKind> {
  readonly kind: 'step-ended';
  readonly of: K;
  readonly step: StepOf<K>;
  readonly milliseconds: number;
  readonly outcome:
    | ({ readonly failed: false } & StepKinds[K]['brought'])
    /** Code of the error, ours or the system's; never its message. */
    | { readonly failed: true; readonly code: string };
}

/** What the upstream is shown: nothing, or a header of which what is no proof can be read. */
export type ShownCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'header'; readonly name: string; readonly scheme: string; readonly value: Decoded };

/** A field of a form that was sent to a token service. */
export type SentField =
  | { readonly name: string; readonly kind: 'plain'; readonly value: string }
  | { readonly name: string; readonly kind: 'decoded'; readonly value: Decoded };

/** What a token or assertion says, without what proves it: no signature, and nothing of what cannot be read. */
export type Decoded =
  | {
      readonly kind: 'jwt';
      readonly header: Readonly<Record<string, unknown>>;
      readonly claims: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'saml'; readonly xml: string }
  | { readonly kind: 'opaque' };

/** Payload of a token (RFC 7519), decoded; no signature. Made when looked at. */
export type Claims = () => Readonly<Record<string, unknown>> | undefined;
