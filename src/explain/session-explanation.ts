/** What ends sessions and logins of a configuration, and when. Times are in minutes. */
export interface SessionExplanation {
  /** The rule, in one sentence. */
  readonly outcome: string;
  readonly clocks: readonly Clock[];
  /** One a provider; none where nobody logs in. */
  readonly logins: readonly ExplainedLogin[];
  readonly kept: { readonly in: 'memory' | 'redis'; readonly survivesRestart: boolean; readonly why: string };
  /** Where sessions are ended or asked about. */
  readonly doors: readonly { readonly path: string; readonly what: string }[];
  /** What is probably not meant. */
  readonly notes: readonly string[];
}

export interface Clock {
  readonly name: 'idle time' | 'longest life';
  readonly minutes: number;
  readonly from: string;
  readonly rule: string;
}

export interface ExplainedLogin {
  readonly provider: string;
  readonly tokenMinutes: number;
  readonly tokenLife: 'of the token given' | 'assumed';
  /** Minutes after which a request renews the user's token; undefined: it is not renewed. */
  readonly renewedAfter: number | undefined;
  readonly why: string;
  readonly stories: readonly Story[];
}

/** What happens to somebody, from the login on. */
export interface Story {
  readonly who: string;
  readonly events: readonly { readonly minutes: number; readonly what: string }[];
}
