import type { Brokerage } from '../forwarding/csrf/brokerage.ts';
import type { SentField, ShownCredential } from '../observe/event.ts';
import type { RouteVerdict } from '../routing/judge-routes.ts';

/** What would become of a request, step by step; what comes after a step that ends it is undefined. */
export interface Explanation {
  readonly request: { readonly method: string; readonly url: string; readonly host: string };
  /** How it ends, in one sentence. */
  readonly outcome: string;
  /** The router answers itself: a door of its own, the welcome file, or a refusal. */
  readonly answered?: Answered | undefined;
  readonly routes: readonly RouteVerdict[];
  readonly caller?: CallerVerdict | undefined;
  readonly path?: RewrittenPath | undefined;
  readonly destination?: ShownDestination | undefined;
  readonly flow?: ShownFlow | undefined;
  readonly upstream?: UpstreamRequest | undefined;
  /** Headers that the router adds to every answer. */
  readonly answerHeaders: readonly ShownHeader[];
}

export interface Answered {
  readonly status: number | undefined;
  readonly why: string;
}

export interface CallerVerdict {
  readonly access: 'public' | 'login';
  /** Who is supposed to call. */
  readonly as: 'nobody' | 'a stand-in for a logged-in user' | 'the user of the given claims';
  readonly verdict: string;
  readonly scopes: readonly string[];
  /** The request must carry the session's x-csrf-token. */
  readonly needsCsrfToken: boolean;
}

export interface RewrittenPath {
  readonly from: string;
  readonly target: string | undefined;
  readonly groups: readonly string[];
  readonly to: string;
}

export interface ShownDestination {
  readonly name: string;
  readonly url: string;
  readonly authentication: string;
  /** For how long the beginning of its answer is waited, in milliseconds, and who says so. */
  readonly timeout: { readonly milliseconds: number; readonly setBy: 'route' | 'destination' };
}

export interface ShownFlow {
  readonly actsFor: 'user' | 'client' | 'nobody';
  /** Requests to token services, in this order; one whose token is kept is not sent again until that ages. */
  readonly requests: readonly ShownTokenRequest[];
  readonly credential: ShownCredential | undefined;
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly status: number;
  readonly detail: string;
  readonly hint: string | undefined;
}

export interface ShownTokenRequest {
  readonly destination: string;
  readonly method: 'POST';
  readonly url: string;
  readonly clientProof: string;
  readonly headers: readonly ShownHeader[];
  readonly form: readonly SentField[];
}

export interface UpstreamRequest {
  readonly method: string;
  readonly url: string;
  /** Whether the router gets the CSRF token of the backend, and where; undefined: the destination does not ask for that. */
  readonly csrfToken: { readonly verdict: Brokerage; readonly url: string } | undefined;
  readonly headers: readonly ShownHeader[];
  /** Of the client's, by name: those that do not reach the upstream as they came. */
  readonly dropped: readonly string[];
}

export interface ShownHeader {
  readonly name: string;
  readonly value: string;
}
