/** An answer of the service, whatever it says. */
export interface ServiceAnswer {
  readonly status: number;
  readonly etag: string | undefined;
  /** Whole seconds. */
  readonly retryAfter: number | undefined;
  /** Parsed JSON; undefined when it is none. */
  readonly body: unknown;
  /** What was sent that nobody may see, in case the service quotes it. */
  readonly secrets: readonly string[];
}
