import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { CertifiedKey } from '../keys/make-keys.ts';
import type { LandscapeUser } from '../users.ts';
import type { CorporateIdentityProvider } from './corporate-identity-provider.ts';
import type { Lockout } from './lockout.ts';

export type IasGrant = 'client_credentials' | 'jwt_bearer';

/** How a certificate is registered on an application: by issuer and subject, or the very certificate (token-flows.md C2). */
export type CertificateRegistration =
  | { readonly kind: 'subject'; readonly subject: string; readonly issuer: string }
  | { readonly kind: 'exact'; readonly x5tS256: string };

/** An application of the tenant; `public` ones have neither secret nor certificate. */
export interface IasApplication {
  readonly id: string;
  readonly kind: 'confidential' | 'public';
  readonly secrets: readonly string[];
  readonly certificates: readonly CertificateRegistration[];
  readonly grants: readonly IasGrant[];
  /** Dependency name → provider: what `resource` may name (token-flows.md C5). */
  readonly dependencies: Readonly<Record<string, Dependency>>;
}

export interface Dependency {
  readonly providerClientId: string;
  /** Name of the granted API, in `ias_apis`. */
  readonly api: string;
}

/** The tenant of the IAS-like service. */
export interface IasTenant {
  /** `https://localhost:PORT`; also the issuer. */
  readonly origin: string;
  readonly id: string;
  readonly clock: Clock;
  readonly key: CertifiedKey;
  readonly applications: ReadonlyMap<string, IasApplication>;
  readonly users: readonly LandscapeUser[];
  readonly corporateIdentityProvider: CorporateIdentityProvider;
  readonly lockout: Lockout;
  /** Seconds. */
  readonly tokenLifetime: number;
}

/** What verifies the tokens of this tenant. */
export function verificationKey({ key }: IasTenant): KeyObject {
  return key.keys.publicKey;
}
