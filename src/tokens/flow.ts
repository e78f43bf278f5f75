import type { Principal, User } from '../authorization/principal.ts';
import type { Credential, Issued } from './credential.ts';
import type { RequestToken } from './request-token.ts';

/** How the credential for one authentication type comes about; D is the variant of the destination it serves. */
export type Flow<D> = LocalFlow<D> | TokenFlow<D>;

/** Shows what is known already: nothing is requested and nothing cached. */
export interface LocalFlow<D> {
  readonly kind: 'local';
  readonly show: (destination: D, principal: Principal) => Credential;
}

/** Asks for something that ages, and is therefore cached. */
export interface TokenFlow<D> {
  readonly kind: 'token';
  /** Whose the credential is: the user's own, or the client's and so the same for everybody. */
  readonly actsFor: (destination: D) => 'user' | 'client';
  /** @throws AppError */
  readonly obtain: (destination: D, caller: Caller, requestToken: RequestToken) => Promise<Issued>;
}

/** For whom, and how urgently. */
export interface Caller {
  /** The logged-in user when the flow acts for the user; undefined when for the client, which then cannot leak one. */
  readonly user: User | undefined;
  /** The upstream refused what it was shown before: a token service's own cached answer will not do. */
  readonly fresh: boolean;
  /** Decoded JSON of a claims challenge (token-flows.md A10). */
  readonly claims: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
