import type { KeyPair } from './key-store.ts';
import type { ScopesOfClaims } from './scopes-of-claims.ts';

/** Who logs people in: one OpenID Provider or XSUAA, and who we are there. */
export type IdentityProvider = OidcProvider | XsuaaProvider;

/** Any OpenID Provider: Entra ID, SAP Identity Authentication, Keycloak… */
export interface OidcProvider {
  readonly kind: 'oidc' | 'ias';
  readonly name: string;
  /** https; plain http on loopback only. */
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientAuthentication: LoginClientAuthentication;
  readonly scopes: string;
  /** Which token flows hand on; auto: the access token if its aud is us, else the id_token (design section 3). */
  readonly userToken: 'auto' | 'access_token' | 'id_token';
  /** Names that a token meant for us may carry in `aud`: client id and App ID URIs. */
  readonly audiences: readonly string[];
  /** Tenants of Entra ID whose people may log in; undefined: those of any that the issuer logs in. */
  readonly tenants?: readonly string[] | undefined;
  /** What else gives scopes than the claims for them; mostly groups. */
  readonly scopesOfClaims?: ScopesOfClaims | undefined;
  /** IAS: the DNS names that its binding trusts issuers to be, or to stand in front of (token-flows.md C9, C11). */
  readonly domains?: readonly string[];
  /** IAS: the tenant its binding is of; users of another one are a subscriber's. */
  readonly tenantId?: string | undefined;
}

/** SAP Authorization and Trust Management: endpoints stand under `url`, nothing is discovered (xs-app.md 1.1). */
export interface XsuaaProvider {
  readonly kind: 'xsuaa';
  readonly name: string;
  readonly url: URL;
  /** Where tokens are asked for with a certificate; undefined: with a secret, at `url` (token-flows.md D1). */
  readonly certUrl: URL | undefined;
  readonly clientId: string;
  readonly clientAuthentication: LoginClientAuthentication;
  readonly xsappname: string;
  /** Name of the zone; sent to backends as `tenantid` (xs-app.md 8.1). */
  readonly zone: string | undefined;
  /** The domain that every zone's host stands in; undefined: unknown. */
  readonly domain?: string | undefined;
  /** Id of that zone; users of another one are a subscriber's. */
  readonly tenantId?: string | undefined;
}

export type LoginClientAuthentication =
  | { readonly method: 'client_secret'; readonly secret: string }
  | LoginAssertion
  /** RFC 8705 2: the certificate is shown on the connection. */
  | { readonly method: 'tls_client_auth'; readonly keyPair: KeyPair }
  | { readonly method: 'none' };

/** RFC 7523 2.2: a client assertion signed for each request. */
export interface LoginAssertion {
  readonly method: 'private_key_jwt';
  /** RSA. */
  readonly keyPair: KeyPair;
  readonly algorithm: 'PS256' | 'RS256';
  /** undefined: the token endpoint, which Entra ID insists on (token-flows.md A5). */
  readonly audience: string | undefined;
}
