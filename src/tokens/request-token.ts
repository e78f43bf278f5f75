import type { User } from '../authorization/principal.ts';
import { decodeBody } from '../decode-body.ts';
import type { TokenService } from '../destinations/token-service.ts';
import { within } from '../within.ts';
import { buildTokenRequest, type TokenFields, type TokenRequest } from './build-token-request.ts';
import { mintClientAssertion } from './client-assertion.ts';
import { decodeTokenError, type Refusal } from './decode-token-error.ts';
import { explainTransportError, isConnectionLost } from './explain-transport-error.ts';
import type { TypedToken } from './flow-input.ts';
import { parseTokenAnswer, type TokenAnswer, type WantedToken } from './parse-token-answer.ts';
import { patienceFor } from './patience.ts';
import { isPlainField } from './plain-fields.ts';
import { lineTo, maxResponseSize } from './token-service-pool.ts';

/** Asks a token service for a token. */
export type RequestToken = (inquiry: TokenInquiry) => Promise<TokenAnswer>;

export interface TokenInquiry {
  /** Name of the destination, for messages. */
  readonly destination: string;
  readonly tokenService: TokenService;
  readonly fields: TokenFields;
  /** Makes the fields for another try, when what is in them is good for one request only. */
  readonly again?: (() => Promise<TokenFields>) | undefined;
  /** Default: the access token. */
  readonly wanted?: WantedToken;
  /** The user whose own token is the assertion: when it has expired, the user can mend a refusal. */
  readonly assertedUser?: User | undefined;
  /** Proves who the client is, in place of everything configured: handed in, or fetched. */
  readonly clientAssertion?: TypedToken | undefined;
  readonly isHandedIn?: boolean;
  /** The user's token in place of a proof of the client (UAA's grant user_token). */
  readonly bearer?: string | undefined;
  /** Decoded JSON of a claims challenge. */
  readonly claims?: string | undefined;
  /** Told of the form before it is sent, and again when it is made anew. */
  readonly onSent?: ((form: string) => void) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Sends one token request; again, where the service is in passing trouble and the time is not over. Its time is limited from begin to end, it follows no redirect (T-15), and an answer beyond
 * 1 MB is refused.
 * @throws AppError ERR_TOKEN_SERVICE: 502, or 401 and 403 when the user can mend it
 */
export const requestToken: RequestToken = async (inquiry) => {
  const { destination, tokenService, fields, wanted, assertedUser, bearer, now } = inquiry;
  const request = await prepareTokenRequest(inquiry);
  const makeAgain = inquiry.again ?? (spentByUse.has(fields.grant_type) ? undefined : async () => fields);
  const again = makeAgain && (async () => prepareTokenRequest({ ...inquiry, fields: await makeAgain() }));
  const answer = await post(destination, tokenService, request, again);
  const token = answer.status === 200 ? parseTokenAnswer(answer.body, now, wanted) : 'a refusal';
  if (typeof token !== 'string') return token;
  const secrets = [...secretsOf(tokenService, request), bearer ?? ''];
  throw decodeTokenError({ ...answer, fault: token }, { destination, tokenService, secrets, assertedUser, now });
};

/** What is sent for an inquiry: with a client assertion of its own where that is how the client shows who it is. */
export async function prepareTokenRequest(inquiry: TokenInquiry): Promise<TokenRequest> {
  const { tokenService, fields, isHandedIn = false, bearer, claims, now } = inquiry;
  const clientAssertion = inquiry.clientAssertion ?? (await minted(tokenService, now));
  const built = buildTokenRequest(tokenService, fields, { clientAssertion, isHandedIn, bearer, claims });
  inquiry.onSent?.(built.body);
  return built;
}

async function minted({ clientAuthentication, clientId, body }: TokenService, now: number) {
  if (clientAuthentication.method !== 'private_key_jwt' || 'client_assertion' in body) return undefined;
  const token = await mintClientAssertion(clientId, clientAuthentication.assertion, now);
  return { token, type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
}

/**
 * What is sent with these may be void once it has arrived (RFC 6749 4.1.2, 6; SAML core 2.5.1.5): a second time would look
 * like a theft.
 */
const spentByUse = new Set(['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:saml2-bearer']);

function secretsOf({ clientAuthentication, url }: TokenService, { headers, body }: TokenRequest): string[] {
  const fields = [...new URLSearchParams(body), ...url.searchParams]
    .filter(([name]) => !isPlainField(name))
    .map(([, value]) => value);
  const secret = 'secret' in clientAuthentication ? [clientAuthentication.secret] : [];
  const { accept: _, 'content-type': __, ...sent } = headers;
  // Of an Authorization also what stands behind its scheme.
  const credentials = sent['authorization']?.split(' ').slice(1) ?? [];
  return [...fields, ...secret, ...Object.values(sent), ...credentials];
}

type Answer = Omit<Refusal, 'fault'>;

function post(
  destination: string,
  tokenService: TokenService,
  request: TokenRequest,
  again: (() => Promise<TokenRequest>) | undefined,
): Promise<Answer> {
  const limit = tokenService.connectTimeout + tokenService.readTimeout;
  return within(limit, (signal) => postBy(signal, limit, destination, tokenService, request, again));
}

async function postBy(
  signal: AbortSignal,
  limit: number,
  destination: string,
  tokenService: TokenService,
  request: TokenRequest,
  again: (() => Promise<TokenRequest>) | undefined,
): Promise<Answer> {
  const { url } = tokenService;
  const { pool, takeAlert } = lineTo(tokenService);
  const end = performance.now() + limit;
  const send = async (one: TokenRequest): Promise<Answer> => {
    const path = url.pathname + url.search;
    const options = { origin: url.origin, method: 'POST', path, ...one, signal } as const;
    const { statusCode: status, headers, body } = await pool.request(options);
    const bytes = Buffer.from(await body.arrayBuffer());
    const text = decodeBody(bytes, first(headers['content-encoding']), maxResponseSize);
    return { status, retryAfter: first(headers['retry-after']), body: parse(text) };
  };
  try {
    let answer = await send(request).catch(async (error: unknown) => {
      // A kept connection that the other side closes just then. The request may have arrived: its assertions are spent.
      if (again && isConnectionLost(error)) return send(await again());
      throw error;
    });
    for (let tries = 0; again !== undefined; tries++) {
      const patience = patienceFor(answer);
      if (patience === undefined || tries >= patience.times || performance.now() + patience.pause >= end) break;
      await new Promise((over) => setTimeout(over, patience.pause));
      answer = await send(await again());
    }
    return answer;
  } catch (error) {
    const alert = isConnectionLost(error) ? takeAlert() : undefined;
    throw explainTransportError(alert ?? error, destination, tokenService);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
