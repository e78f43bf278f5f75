import type { KeyPair } from '../config/key-store.ts';

/**
 * A named remote system: where it is and how to authenticate there. A closed union by `authentication`;
 * each variant has exactly its own fields. Made by `parse-destination.ts` only, frozen.
 * Source: destination-service.md section 2, xs-app.md section 5.
 */
export type Destination = WithNoAuthentication | WithBasic | WithClientCredentials | WithJwtBearer | WithSamlBearer;

export type Authentication = Destination['authentication'];
export type DestinationOf<A extends Authentication> = Extract<Destination, { authentication: A }>;

/** What every destination has, whatever its authentication. */
export interface Target {
  readonly name: string;
  /** Base URL, without credentials, query or fragment; path without trailing slash except for the root. */
  readonly url: URL;
  /** SHA-256 over the whole configuration, secrets and key stores included: the destination's part of a token's cache key. */
  readonly fingerprint: string;
  /** Milliseconds until the upstream must have begun to answer (504 afterwards). */
  readonly timeout: number;
  readonly setXForwardedHeaders: boolean;
  readonly preserveHostHeader: boolean;
  /** May be named by a route's `$n` or `*`. */
  readonly dynamic: boolean;
  /** Sent unless the request already has them. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly queries: Readonly<Record<string, string>>;
  readonly tls: TargetTls;
  readonly proxy: ForwardProxy | undefined;
}

export interface TargetTls {
  /** false accepts any certificate: TrustAll or strictSSL=false. Said loudly at start. */
  readonly verify: boolean;
  /** PEM certificates trusted in addition to the well-known roots. */
  readonly trust: readonly string[];
}

export interface ForwardProxy {
  readonly host: string;
  readonly port: number;
}

export interface WithNoAuthentication extends Target {
  readonly authentication: 'NoAuthentication';
  /** Send the user's token as bearer when there is a user (forwardAuthToken). */
  readonly forwardAuthToken: boolean;
}

export interface WithBasic extends Target {
  readonly authentication: 'BasicAuthentication';
  readonly user: string;
  readonly password: string;
}

export interface WithClientCredentials extends Target {
  readonly authentication: 'OAuth2ClientCredentials';
  readonly tokenService: TokenService;
}

export interface WithJwtBearer extends Target {
  readonly authentication: 'OAuth2JWTBearer';
  readonly tokenService: TokenService;
}

export interface WithSamlBearer extends Target {
  readonly authentication: 'OAuth2SAMLBearerAssertion';
  readonly tokenService: TokenService;
  readonly saml: SamlAssertionProfile;
}

/** The token endpoint and how we show who we are there. */
export interface TokenService {
  readonly url: URL;
  /** clientId, or clientKey of the SAML types. */
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly scope: string | undefined;
  /** `tokenService.body.*`: wins over a generated field of the same name (design section 3). */
  readonly body: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly queries: Readonly<Record<string, string>>;
  readonly tls: TargetTls;
  /** Milliseconds. */
  readonly connectTimeout: number;
  readonly readTimeout: number;
}

/** RFC 6749 2.3, RFC 7523 2.2, RFC 8705 2: exactly one way per request. */
export type ClientAuthentication =
  | { readonly method: 'none' }
  | { readonly method: 'client_secret_post'; readonly secret: string }
  | { readonly method: 'client_secret_basic'; readonly user: string; readonly secret: string }
  | { readonly method: 'tls_client_auth'; readonly keyPair: KeyPair }
  | { readonly method: 'private_key_jwt'; readonly assertion: ClientAssertionProfile };

export interface ClientAssertionProfile {
  readonly keyPair: KeyPair;
  readonly algorithm: 'PS256' | 'RS256';
  /** Default: the token URL (Entra ID insists on it). */
  readonly audience: string;
  readonly lifetimeInSeconds: number;
}

/** destination-service.md section 3: what goes into the assertion and how it travels. */
export interface SamlAssertionProfile {
  readonly keyPair: KeyPair;
  readonly issuer: string;
  readonly audience: string;
  readonly recipient: string;
  readonly authnContextClassRef: string;
  readonly nameIdFormat: string;
  readonly nameQualifier: string | undefined;
  /** Claim name, or JsonPath when it begins with `$`. */
  readonly userIdSource: string | undefined;
  readonly systemUser: string | undefined;
  readonly encoding: 'base64' | 'base64url';
  readonly includeSigningCertificate: boolean;
  readonly skipUserUuid: boolean;
  /** Fixed attributes such as SuccessFactors' api_key. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly companyId: string | undefined;
}
