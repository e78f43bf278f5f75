import type { Claims } from '../authorization/principal.ts';

/** What is asked about. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly host: string;
  readonly scheme: 'http' | 'https';
  /** Lower-case names; `host` is not among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Claims of the user that calls; undefined: nobody in particular. */
  readonly claims: Claims | undefined;
}
