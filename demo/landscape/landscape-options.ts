import type { ServiceName } from './http/calls.ts';
import type { CertificateBinding } from './ias/cost-centers.ts';
import type { LandscapeKeys } from './keys/make-keys.ts';

/** How a landscape may differ from the default, which is the strictest. */
export interface LandscapeOptions {
  /** Those of another landscape, to start in no time; default: new ones. */
  readonly keys?: LandscapeKeys;
  /** Free ports by default. */
  readonly ports?: Partial<Readonly<Record<ServiceName, number>>>;
  /** Registered for the router's application; default: those of a router on port 5000. */
  readonly redirectUris?: readonly string[];
  readonly postLogoutRedirectUris?: readonly string[];
  /** An ID token of the same client may be the assertion of On-Behalf-Of (token-flows.md A7 #6). Default true. */
  readonly allowIdTokenAssertion?: boolean;
  /** The directory takes refresh tokens back (RFC 7009), as Entra does not and many others do. Default false. */
  readonly revocation?: boolean;
  /** What Graph is called in scopes and audiences. Default `https://graph.microsoft.com`. */
  readonly graphResource?: string;
  /** Seconds; default 3599 (and 86399 for clients that understand claims challenges), 3600 for IAS. */
  readonly lifetimes?: {
    readonly entraAccessToken?: number;
    readonly entraChallengeableAccessToken?: number;
    readonly entraIdToken?: number;
    readonly iasToken?: number;
  };
  readonly successFactors?: {
    /** Recipient must be the token URL. Default true. */
    readonly strictRecipient?: boolean;
    /** Demanded issuer of assertions. Default: any. */
    readonly issuer?: string;
    /** Default 1000. */
    readonly pageSize?: number;
  };
  /** Wrong secrets in a row that lock an IAS client for 60 minutes; Infinity: never. Default 5. */
  readonly iasLockoutThreshold?: number;
  /** Default `if-presented`. */
  readonly certificateBinding?: CertificateBinding;
}

const router = 'http://localhost:5000';

/** The options with every default filled in. */
export function completeOptions(options: LandscapeOptions) {
  return Object.freeze({
    ports: options.ports ?? {},
    redirectUris: options.redirectUris ?? [`${router}/login/callback`],
    postLogoutRedirectUris: options.postLogoutRedirectUris ?? [router, `${router}/`],
    allowIdTokenAssertion: options.allowIdTokenAssertion ?? true,
    revocation: options.revocation ?? false,
    graphResource: options.graphResource ?? 'https://graph.microsoft.com',
    lifetimes: {
      accessToken: options.lifetimes?.entraAccessToken ?? 3599,
      challengeableAccessToken: options.lifetimes?.entraChallengeableAccessToken ?? 86_399,
      idToken: options.lifetimes?.entraIdToken ?? 3600,
    },
    iasTokenLifetime: options.lifetimes?.iasToken ?? 3600,
    strictness: {
      recipient: options.successFactors?.strictRecipient ?? true,
      issuer: options.successFactors?.issuer,
      pageSize: options.successFactors?.pageSize ?? 1000,
    },
    iasLockoutThreshold: options.iasLockoutThreshold ?? 5,
    certificateBinding: options.certificateBinding ?? 'if-presented',
  });
}

export type CompleteOptions = ReturnType<typeof completeOptions>;
