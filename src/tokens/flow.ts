import type { Principal, User } from '../authorization/principal.ts';
import type { Credential, Issued } from './credential.ts';
import type { FlowInput } from './flow-input.ts';
import type { RequestToken } from './request-token.ts';

/** How the credential for one authentication type comes about; D is the variant of the destination it serves. */
export type Flow<D> = LocalFlow<D> | AskingFlow<D>;

/** Shows what is known already: nothing is requested and nothing cached. */
export interface LocalFlow<D> {
  readonly kind: 'local';
  readonly show: (destination: D, principal: Principal) => Credential;
}

/** Makes or asks for something. */
export interface AskingFlow<D> {
  /**
   * `token`: it ages, and is kept until then and shared by all who may have it.
   * `once`: it is good for one use, so each request gets its own.
   */
  readonly kind: 'token' | 'once';
  /** Whose the credential is: the user's own, or the client's and so the same for everybody. */
  readonly actsFor: (destination: D, input: FlowInput) => 'user' | 'client';
  /** @throws AppError */
  readonly obtain: (destination: D, caller: Caller, requestToken: RequestToken) => Promise<Issued>;
}

/** For whom, and how urgently. */
export interface Caller {
  /** The logged-in user when the flow acts for the user; undefined when for the client, which then cannot leak one. */
  readonly user: User | undefined;
  readonly input: FlowInput;
  /** The upstream refused what it was shown before: a token service's own cached answer will not do. */
  readonly fresh: boolean;
  /** Decoded JSON of a claims challenge (token-flows.md A10). */
  readonly claims: string | undefined;
  /** Came with the token that has now grown old. */
  readonly refreshToken: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
