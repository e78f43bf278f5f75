/** The OAuth error and HTTP status that go with an AADSTS code, and its sentence (token-flows.md A8, A9). */
interface Entry {
  readonly error: string;
  readonly status: number;
  readonly text: string;
  readonly suberror?: string;
}

const request = (text: string): Entry => ({ error: 'invalid_request', status: 400, text });
const client = (text: string): Entry => ({ error: 'invalid_client', status: 401, text });
const grant = (text: string, suberror?: string): Entry => ({
  error: 'invalid_grant',
  status: 400,
  text,
  ...(suberror ? { suberror } : {}),
});
const scope = (text: string): Entry => ({ error: 'invalid_scope', status: 400, text });
const resource = (text: string): Entry => ({ error: 'invalid_resource', status: 400, text });
const unauthorized = (text: string): Entry => ({ error: 'unauthorized_client', status: 400, text });
const interaction = (text: string, suberror?: string): Entry => ({
  error: 'interaction_required',
  status: 400,
  text,
  ...(suberror ? { suberror } : {}),
});

const catalogue = {
  50011: request('The redirect URI in the request does not match the ones registered for the application.'),
  50013: grant('Assertion failed signature validation.'),
  50027: request('The JWT is malformed.'),
  50048: client('The subject of the client assertion does not match its issuer.'),
  50076: interaction('Multi-factor authentication is required to access the resource.', 'basic_action'),
  50079: interaction('The user must enroll in multi-factor authentication.', 'basic_action'),
  50173: grant('The grant has been revoked; a fresh sign-in is needed.'),
  50194: request('The application is not multi-tenant; its tenant-specific endpoint must be used.'),
  53003: interaction('Access has been blocked by Conditional Access policies.', 'message_only'),
  54005: grant('The authorization code was already redeemed.'),
  65001: grant('The user or administrator has not consented to use the application.', 'consent_required'),
  70000: grant('The grant is not valid.', 'bad_token'),
  70003: { error: 'unsupported_grant_type', status: 400, text: 'The grant type is not supported.' },
  70008: grant('The authorization code or refresh token has expired.'),
  70011: scope('The requested scope is not valid.'),
  90002: request('The tenant was not found.'),
  90013: request('The user input is not valid.'),
  90033: { error: 'temporarily_unavailable', status: 503, text: 'A transient error has occurred.' },
  90055: { error: 'temporarily_unavailable', status: 429, text: 'The tenant is throttled: too many requests.' },
  240002: request('An ID token cannot be used as the assertion of this grant.'),
  500011: resource('The resource principal was not found in the tenant.'),
  500131: grant('The audience of the assertion is not this application.'),
  500133: grant('The assertion is outside its validity period.'),
  501481: grant('The code_verifier does not match the code_challenge of the authorization request.'),
  501491: request('The code_verifier has an invalid size.'),
  650057: resource('The resource is not listed in the registration of the client.'),
  700016: unauthorized('The application was not found in the directory.'),
  700021: client('The client assertion was issued for another application than client_id names.'),
  700022: scope('Scopes of more than one resource were requested.'),
  700023: client('The audience of the client assertion is not the addressed token endpoint.'),
  700024: client('The client assertion is outside its validity period.'),
  700025: client('The client is public: neither client_assertion nor client_secret may be presented.'),
  700027: client('The client assertion failed signature validation.'),
  900023: request('The tenant segment is neither a GUID nor a domain.'),
  900144: request('The request body is missing a required parameter.'),
  900561: request('The endpoint accepts POST requests only.'),
  901002: request('The resource parameter is not supported by this endpoint.'),
  1002012: scope('The scope of client credentials must be one resource followed by /.default.'),
  5002723: client('The header of the client assertion names no key: x5t, x5t#S256 or kid is needed.'),
  5002741: client('The client assertion has more than one audience.'),
  7000112: unauthorized('The application is disabled.'),
  7000114: unauthorized('An app-only token cannot be used on behalf of a user.'),
  7000215: client('The client secret is not valid. Send the value of the secret, not its ID.'),
  7000218: client('The request body must contain client_assertion or client_secret.'),
  7000222: client('The client secret keys are expired.'),
  9001023: request('The grant is not supported over the common or consumers endpoint.'),
  9002313: grant('The request is malformed or not valid.'),
} satisfies Record<number, Entry>;

export type AadstsCode = keyof typeof catalogue;

export interface EntraErrorDetail {
  /** Appended to the catalogue's sentence; must not carry secrets. */
  readonly detail?: string;
  /** JSON text the client must send back as `claims` (token-flows.md A10). */
  readonly claims?: string;
  readonly retryAfterSeconds?: number;
  /** Where the same code has another OAuth error for this grant, or for a client assertion. */
  readonly error?: string;
  readonly status?: number;
}

/** A refusal of the authority; `answerError` gives it the shape of token-flows.md A8. */
export class EntraError extends Error {
  readonly code: AadstsCode;
  readonly status: number;
  readonly error: string;
  readonly suberror: string | undefined;
  readonly claims: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: AadstsCode, { detail, claims, retryAfterSeconds, error, status }: EntraErrorDetail = {}) {
    const entry: Entry = catalogue[code];
    super(detail ? `${entry.text} ${detail}` : entry.text);
    this.name = 'EntraError';
    this.code = code;
    this.status = status ?? entry.status;
    this.error = error ?? entry.error;
    this.suberror = entry.suberror;
    this.claims = claims;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
