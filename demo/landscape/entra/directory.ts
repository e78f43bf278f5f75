import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { CertifiedKey } from '../keys/make-keys.ts';
import type { LandscapeUser } from '../users.ts';
import type { ApplicationRegistry } from './application.ts';
import type { Policy } from './policies.ts';
import type { Resources } from './resources.ts';

/** The tenant: everything the authority's endpoints share. */
export interface Directory {
  readonly tenant: string;
  /** `http://localhost:PORT`. */
  readonly origin: string;
  readonly issuer: string;
  readonly urls: DirectoryUrls;
  readonly clock: Clock;
  readonly key: CertifiedKey;
  readonly applications: ApplicationRegistry;
  readonly resources: Resources;
  readonly users: readonly LandscapeUser[];
  readonly lifetimes: TokenLifetimes;
  /** token-flows.md A7 #6. */
  readonly allowIdTokenAssertion: boolean;
  /** RFC 7009. */
  readonly revocation: boolean;
  /** Passes when codes and refresh tokens of a sign-in may be answered; tests keep the answers back. */
  readonly turn: () => Promise<void> | undefined;
  /** The policy in force now; tests replace it. */
  readonly policy: () => Policy;
}

/** Seconds. */
export interface TokenLifetimes {
  readonly accessToken: number;
  /** For clients that understand claims challenges (token-flows.md A10). */
  readonly challengeableAccessToken: number;
  readonly idToken: number;
}

export interface DirectoryUrls {
  readonly authorize: string;
  readonly token: string;
  readonly logout: string;
  readonly keys: string;
  readonly discovery: string;
  readonly revocation: string;
}

export function directoryUrls(origin: string, tenant: string): DirectoryUrls {
  return Object.freeze({
    authorize: `${origin}/${tenant}/oauth2/v2.0/authorize`,
    token: `${origin}/${tenant}/oauth2/v2.0/token`,
    logout: `${origin}/${tenant}/oauth2/v2.0/logout`,
    keys: `${origin}/${tenant}/discovery/v2.0/keys`,
    discovery: `${origin}/${tenant}/v2.0/.well-known/openid-configuration`,
    revocation: `${origin}/${tenant}/oauth2/v2.0/revoke`,
  });
}

/** `sub` is pairwise: another value for each application (token-flows.md A12). */
export function pairwiseSubject(oid: string, clientId: string): string {
  return createHash('sha256').update(`${clientId}:${oid}`).digest('base64url');
}

export function findUser(directory: Directory, oid: unknown): LandscapeUser | undefined {
  return directory.users.find((user) => user.oid === oid);
}
