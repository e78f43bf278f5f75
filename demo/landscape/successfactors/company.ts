import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Employee } from './employees.ts';

/** One registered OAuth client of SuccessFactors (Manage OAuth2 Client Applications). */
export interface OAuthClient {
  readonly name: string;
  readonly apiKey: string;
  /** PEM; the only key its assertions are verified with. */
  readonly certificate: string;
}

/** The company (tenant) of SuccessFactors. */
export interface Company {
  /** Case-sensitive (token-flows.md E1). */
  readonly id: string;
  /** `http://localhost:PORT`. */
  readonly origin: string;
  readonly tokenUrl: string;
  readonly client: OAuthClient;
  readonly employees: readonly Employee[];
  readonly clock: Clock;
  /** Signs access tokens. */
  readonly tokenKey: KeyObject;
  readonly strictness: Strictness;
  readonly state: CompanyState;
}

/** Where observations differ (token-flows.md E2), the stricter reading is the default. */
export interface Strictness {
  /** SubjectConfirmationData@Recipient must be the token URL. */
  readonly recipient: boolean;
  /** `Issuer` must be this; undefined: free text, as at the live service. */
  readonly issuer: string | undefined;
  /** Entities of a page; SuccessFactors gives up to 1000. */
  readonly pageSize: number;
}

/** Changed by the hooks. */
export interface CompanyState {
  /** Milliseconds since 1970: tokens issued before are refused although their time is not over. */
  rejectTokensIssuedBefore: number;
  throttle: { remaining: number; readonly retryAfterSeconds: number };
}

export function makeCompanyState(): CompanyState {
  return { rejectTokensIssuedBefore: 0, throttle: { remaining: 0, retryAfterSeconds: 1 } };
}
