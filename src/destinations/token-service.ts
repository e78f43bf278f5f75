import type { ForwardProxy } from '../config/forward-proxy.ts';
import type { KeyPair } from '../config/key-store.ts';
import type { ClientTls } from './tls.ts';

/** The token endpoint and how we show who we are there. */
export interface TokenService {
  /** Where requests go: with `tokenServiceURL.queries.*`, so it may hold a query. Https, or http on loopback. */
  readonly url: URL;
  /** The URL as configured, without query: audience of client assertions and Recipient of SAML assertions by default. */
  readonly endpoint: string;
  /** clientId, or clientKey of the SAML types. */
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly scope: string | undefined;
  /** `tokenService.body.*`: wins over a generated field of the same name (design section 3). */
  readonly body: Readonly<Record<string, string>>;
  /** `tokenServiceURL.headers.*`: wins over a generated header. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: ClientTls;
  readonly proxy: ForwardProxy | undefined;
  /** Set while the tenant is open (tokenServiceURLType=Common): then `url` and `endpoint` are not yet the real ones. */
  readonly tenancy: Tenancy | undefined;
  /** Milliseconds until the connection must stand, TLS included. */
  readonly connectTimeout: number;
  /** Milliseconds from there until the whole answer must be read. */
  readonly readTimeout: number;
}

/** A token service with an address for each tenant (destination-service.md 2.4). */
export interface Tenancy {
  /** The address, queries included, with `{tenant}` where the tenant's subdomain goes. */
  readonly template: string;
  /** `tokenServiceURL.tenant`, our own: the tenant where nothing else names one. */
  readonly configured: string | undefined;
}

/** RFC 6749 2.3, RFC 7523 2.2, RFC 8705 2: exactly one way per request. */
export type ClientAuthentication =
  /** Public client, or `tokenService.body.*` and `tokenServiceURL.headers.*` say all. */
  | { readonly method: 'none' }
  | { readonly method: 'client_secret_post'; readonly secret: string }
  | { readonly method: 'client_secret_basic'; readonly user: string; readonly secret: string }
  /** The certificate is `tls.clientCertificate`. */
  | { readonly method: 'tls_client_auth' }
  | { readonly method: 'private_key_jwt'; readonly assertion: ClientAssertionProfile }
  /** The token of the named destination is the assertion (destination-service.md 2.6). */
  | { readonly method: 'fetched_assertion'; readonly destinationName: string };

/** RFC 7521 4.2: what an assertion is. The Destination service knows these two. */
export const clientAssertionTypes = [
  'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
] as const;

export type ClientAssertionType = (typeof clientAssertionTypes)[number];

/** How the client assertion of each token request is minted (design section 3, own extension). */
export interface ClientAssertionProfile {
  /** RSA. */
  readonly keyPair: KeyPair;
  readonly algorithm: 'PS256' | 'RS256';
  /** Default: the token URL (Entra ID insists on it). */
  readonly audience: string;
  readonly lifetimeInSeconds: number;
}
