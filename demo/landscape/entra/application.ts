import type { KeyObject } from 'node:crypto';
import type { Thumbprints } from '../keys/thumbprint.ts';

export interface ClientSecret {
  readonly id: string;
  readonly value: string;
  readonly expired: boolean;
}

/** An entry of `keyCredentials[]` (token-flows.md A5). */
export interface RegisteredCertificate {
  readonly keyId: string;
  readonly publicKey: KeyObject;
  readonly thumbprints: Thumbprints;
}

/** An application of the tenant; a closed union by whether it can keep a secret. */
export type Application = ConfidentialApplication | PublicApplication;

interface ApplicationBase {
  readonly id: string;
  readonly name: string;
  /** App ID URI; compared case-sensitively (token-flows.md A9, 500131). */
  readonly appIdUri: string;
  readonly enabled: boolean;
  /** Resources (by application id) its registration lists; others are refused with 650057. */
  readonly mayCall: readonly string[];
  /** App roles granted, by resource application id: `roles` of app-only tokens. */
  readonly appRoles: Readonly<Record<string, readonly string[]>>;
  readonly redirectUris: string[];
  readonly postLogoutRedirectUris: string[];
}

export interface ConfidentialApplication extends ApplicationBase {
  readonly kind: 'confidential';
  readonly secrets: readonly ClientSecret[];
  readonly certificates: readonly RegisteredCertificate[];
}

export interface PublicApplication extends ApplicationBase {
  readonly kind: 'public';
}

export type ApplicationRegistry = ReadonlyMap<string, Application>;
