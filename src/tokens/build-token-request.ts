import type { ClientAssertionType, TokenService } from '../destinations/token-service.ts';
import { mergeClaims } from './claims-challenge.ts';
import type { TypedToken } from './flow-input.ts';

const usualType: ClientAssertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a flow puts into the form; an undefined field is left out. */
export type TokenFields = Readonly<Record<string, string | undefined>> & { readonly grant_type: string };

/** What goes to the token endpoint, always as POST. */
export interface TokenRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** `application/x-www-form-urlencoded`. */
  readonly body: string;
}

/** What belongs to one request only. */
export interface TokenRequestExtras {
  /** Proves who the client is, in place of everything configured. */
  readonly clientAssertion: TypedToken | undefined;
  /** It was handed in with this very call, and so wins over a fixed one in `tokenService.body.*`, too. */
  readonly isHandedIn?: boolean;
  /** The user's token in place of a proof of the client (UAA's grant user_token). */
  readonly bearer: string | undefined;
  /** Decoded JSON of a claims challenge. */
  readonly claims: string | undefined;
}

/**
 * Builds a token request: grant, scope, client authentication, and last `tokenService.body.*`, which wins over a
 * generated field of the same name (but not over an assertion that the caller brings, destination-service.md 2.6). A field
 * stands once (RFC 6749 3.2: a repeated parameter is invalid) and never empty (Entra ID refuses that, AADSTS90100); only
 * `resource` may stand several times (RFC 8707 2, token-flows.md C5).
 */
export function buildTokenRequest(
  tokenService: TokenService,
  fields: TokenFields,
  { clientAssertion, isHandedIn = false, bearer, claims }: TokenRequestExtras,
): TokenRequest {
  const form = new Map<string, string>();
  const set = (some: Readonly<Record<string, string | undefined>>) => {
    for (const [name, value] of Object.entries(some)) if (value !== undefined && value !== '') form.set(name, value);
  };
  set(fields);
  set({ scope: tokenService.scope });
  set(bearer === undefined ? clientFields(tokenService, clientAssertion) : { client_id: tokenService.clientId });
  set(bodyFor(tokenService.body, fields.grant_type, bearer));
  if (clientAssertion && isHandedIn) set(assertionFields(clientAssertion));
  if (form.has('client_assertion') && !form.has('client_assertion_type')) form.set('client_assertion_type', usualType);
  if (claims !== undefined) set({ claims: mergeClaims(tokenService.body['claims'], claims) });
  return {
    headers: {
      accept: 'application/json',
      ...(clientAssertion || bearer !== undefined ? {} : basicHeaders(tokenService)),
      ...tokenService.headers,
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams([...form].flatMap(repeated)).toString(),
  };
}

/** Several resources are written with blanks or commas between them; a comma inside a URI stays. */
function repeated([name, value]: readonly [string, string]): [string, string][] {
  if (name !== 'resource') return [[name, value]];
  const resources = value.split(/\s+|,\s*(?=[a-z][a-z\d+.-]*:)/i).filter(Boolean);
  return resources.map((resource) => [name, resource]);
}

/**
 * A renewal goes without what is meant for the grant of an assertion, and where the user's token is the proof, there is no
 * other (RFC 6749 2.3).
 */
function bodyFor(body: TokenService['body'], grant: string, bearer: string | undefined): TokenService['body'] {
  const { assertion: _, requested_token_use: __, ...renewing } = body;
  const kept = grant === 'refresh_token' ? renewing : body;
  if (bearer === undefined) return kept;
  const { client_assertion: ___, client_assertion_type: ____, client_secret: _____, ...unproven } = kept;
  return unproven;
}

/** The client's part of the form, by method (token-flows.md A4, C2, D2). */
function clientFields(
  { clientId, clientAuthentication }: TokenService,
  assertion: TypedToken | undefined,
): Readonly<Record<string, string | undefined>> {
  if (assertion !== undefined) return { client_id: clientId, ...assertionFields(assertion) };
  switch (clientAuthentication.method) {
    case 'none':
    case 'tls_client_auth':
    case 'private_key_jwt':
    case 'fetched_assertion':
      return { client_id: clientId };
    case 'client_secret_post':
      return { client_id: clientId, client_secret: clientAuthentication.secret };
    case 'client_secret_basic':
      return {};
  }
}

function assertionFields({ type, token }: TypedToken) {
  return { client_assertion_type: type, client_assertion: token };
}

/**
 * RFC 6749 2.3.1: both parts form-encoded before base64 (vector G13). A UAA decodes them only when told so, and its ids
 * contain `!` and `|` (token-flows.md D2, D6); to others the header means nothing, so its path is reason enough. An ABAP system
 * (destination-service.md 2.8) knows only HTTP's own Basic, whose parts are not encoded (RFC 7617 2), and takes its communication
 * user's password literally.
 */
function basicHeaders({ clientAuthentication, url }: TokenService): Record<string, string> {
  if (clientAuthentication.method !== 'client_secret_basic') return {};
  const { user, secret } = clientAuthentication;
  const encode = url.pathname.startsWith('/sap/') ? (text: string) => text : formEncode;
  const pair = Buffer.from(`${encode(user)}:${encode(secret)}`).toString('base64');
  // A UAA of one's own is often not at the root: its context path is /uaa.
  const uaa = /\/oauth\/token(?:\/|$)/.test(url.pathname) || url.hostname.split('.').includes('authentication');
  return { authorization: `Basic ${pair}`, ...(uaa ? { 'x-cf-encoded-credentials': 'true' } : {}) };
}

function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
