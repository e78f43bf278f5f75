import type { KeyPair } from './key-store.ts';

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
}

/** SAP Authorization and Trust Management: endpoints stand under `url`, nothing is discovered (xs-app.md 1.1). */
export interface XsuaaProvider {
  readonly kind: 'xsuaa';
  readonly name: string;
  readonly url: URL;
  readonly clientId: string;
  readonly clientAuthentication: LoginClientAuthentication;
  readonly xsappname: string;
  /** Name of the zone; sent to backends as `tenantid` (xs-app.md 8.1). */
  readonly zone: string | undefined;
}

export type LoginClientAuthentication =
  | { readonly method: 'client_secret'; readonly secret: string }
  | { readonly method: 'private_key_jwt'; readonly keyPair: KeyPair }
  /** RFC 8705 2: the certificate is shown on the connection. */
  | { readonly method: 'tls_client_auth'; readonly keyPair: KeyPair }
  | { readonly method: 'none' };
