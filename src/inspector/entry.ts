/** One request as the inspector's page gets it: plain JSON, and nothing in it that could be used anywhere. */
export interface Entry {
  /** Counts requests since the start. */
  readonly number: number;
  readonly id: string;
  readonly correlationId: string;
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly host: string;
  readonly scheme: string;
  readonly peer: string;
  readonly userAgent: string;
  readonly isUpgrade: boolean;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  readonly route: ShownRoute | null;
  /** Routes that nearly took it, in their order. */
  readonly nearMisses: readonly ShownNearMiss[];
  readonly judgement: ShownJudgement | null;
  readonly destination: string | null;
  readonly steps: readonly ShownStep[];
  readonly error: ShownError | null;
  readonly end: ShownEnd | null;
}

export interface ShownRoute {
  readonly name: string;
  readonly kind: 'route' | 'door';
  readonly source: string;
  readonly access: string;
}

export interface ShownNearMiss {
  readonly name: string;
  readonly source: string;
  readonly why: string;
  readonly nearness: 'close' | 'alike';
}

export interface ShownJudgement {
  readonly verdict: 'admitted' | 'needs-login' | 'refused';
  readonly reason: string | null;
  /** Who it is, as people call them; null: anonymous. */
  readonly user: string | null;
  readonly provider: string | null;
  readonly scopes: readonly string[];
}

/** Work within a request, with when it was in milliseconds from the request's arrival. */
export interface ShownStep {
  readonly kind: 'session' | 'credential' | 'token' | 'provider' | 'csrf' | 'backend';
  readonly title: string;
  readonly from: number;
  /** null: still under way. */
  readonly milliseconds: number | null;
  readonly outcome: 'open' | 'fine' | 'failed';
  /** In a few words: what came, or the code of the failure. */
  readonly result: string;
  readonly facts: readonly ShownFact[];
  /** Fields of the form that was sent. */
  readonly sent: readonly ShownField[];
  readonly hop: Hop | null;
}

export interface ShownFact {
  readonly name: string;
  readonly value: string;
}

export interface ShownField {
  readonly name: string;
  readonly value: string;
  /** Further lines: claims of an assertion. */
  readonly claims: readonly ClaimRow[];
  /** An assertion, indented; its signature's value is left out. */
  readonly xml: string | null;
}

/** One token becomes another: what both say, side by side. */
export interface Hop {
  /** Heading; null: no user is in it. */
  readonly before: string | null;
  readonly after: string;
  readonly rows: readonly ClaimRow[];
}

export interface ClaimRow {
  readonly name: string;
  /** As JSON; null: not there. */
  readonly before: string | null;
  readonly after: string | null;
  readonly change: 'same' | 'changed' | 'added' | 'removed';
  /** Who, for whom, by whom, what for, how long: what decides whether a token is taken. */
  readonly matters: boolean;
}

export interface ShownError {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  /** What to do about it. */
  readonly cure: string;
  readonly members: readonly ShownFact[];
}

export interface ShownEnd {
  readonly status: number;
  readonly milliseconds: number;
  readonly bytesIn: number | null;
  readonly bytesOut: number;
}
