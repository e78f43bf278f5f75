import type { KeyPair } from '../config/key-store.ts';

/** destination-service.md section 3: what goes into a SAML assertion and how it travels. */
export interface SamlAssertionProfile {
  readonly signingKey: SigningKey;
  /** `assertionIssuer`; undefined: the common name of the certificate that signs. */
  readonly issuer: string | undefined;
  readonly audience: string;
  /** Default: the token URL; undefined leaves it out, where there is no token service (section 3.1). */
  readonly recipient: string | undefined;
  readonly authnContextClassRef: string;
  readonly nameId: NameIdProfile;
  readonly encoding: SamlEncoding;
  readonly includeSigningCertificate: boolean;
  readonly skipUserUuid: boolean;
  /** How the user's own attributes are named: `user_attributes.<n>`, or plain `<n>`. */
  readonly skipUserAttributesPrefix: boolean;
  /** clientKey: goes along as attribute `client_id`, which ABAP compares with the form's (section 3.3). */
  readonly clientKey: string | undefined;
  /** `samlAttributes.*`, our own: fixed attributes, in place of generated ones of the same name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Set for SuccessFactors (apiKey or companyId given): it wants its own attributes and fields (section 2.7). */
  readonly successFactors: SuccessFactorsProfile | undefined;
}

/** What signs: one pair for good, or that of the default trust, which is another after a rotation. RSA. */
export interface SigningKey {
  /** The pair to sign with now. */
  current(): Promise<KeyPair>;
  /** The same as far as is known at once: tokens are kept under its fingerprint. */
  latest(): KeyPair;
}

export type SamlEncoding = 'base64' | 'base64url';

/** Which user the assertion names (section 3.2). */
export interface NameIdProfile {
  readonly format: string;
  readonly qualifier: string | undefined;
  /** A fixed user; needs nobody logged in. */
  readonly systemUser: string | undefined;
  /** Where in the user's claims the id is: one step for a root claim, several for a JsonPath. */
  readonly source: readonly string[];
}

export interface SuccessFactorsProfile {
  readonly apiKey: string | undefined;
  readonly companyId: string | undefined;
  /** The NameID is an e-mail address; otherwise it would be looked up as a user id. */
  readonly useEmail: boolean;
}
