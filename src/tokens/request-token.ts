import type { User } from '../authorization/principal.ts';
import type { TokenService } from '../destinations/token-service.ts';
import { buildTokenRequest, type TokenFields, type TokenRequest } from './build-token-request.ts';
import { mintClientAssertion } from './client-assertion.ts';
import { decodeTokenError, type Refusal } from './decode-token-error.ts';
import { explainTransportError, isConnectionLost } from './explain-transport-error.ts';
import { parseTokenAnswer, type TokenAnswer } from './parse-token-answer.ts';
import { lineTo } from './token-service-pool.ts';

/** Asks a token service for a token. */
export type RequestToken = (inquiry: TokenInquiry) => Promise<TokenAnswer>;

export interface TokenInquiry {
  /** Name of the destination, for messages. */
  readonly destination: string;
  readonly tokenService: TokenService;
  readonly fields: TokenFields;
  /** The user whose own token is the assertion: when it has expired, the user can mend a refusal. */
  readonly assertedUser?: User | undefined;
  /** Decoded JSON of a claims challenge. */
  readonly claims?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Sends one token request. Its time is limited from begin to end, it follows no redirect (T-15), and an answer beyond
 * 1 MB is refused.
 * @throws AppError ERR_TOKEN_SERVICE: 502, or 401 and 403 when the user can mend it
 */
export const requestToken: RequestToken = async (inquiry) => {
  const { destination, tokenService, fields, assertedUser, claims, now } = inquiry;
  const { clientAuthentication, clientId, body } = tokenService;
  const clientAssertion =
    clientAuthentication.method === 'private_key_jwt' && !('client_assertion' in body)
      ? await mintClientAssertion(clientId, clientAuthentication.assertion, now)
      : undefined;
  const request = buildTokenRequest(tokenService, fields, { clientAssertion, claims });
  const answer = await post(destination, tokenService, request);
  const token = answer.status === 200 ? parseTokenAnswer(answer.body, now) : 'a refusal';
  if (typeof token !== 'string') return token;
  throw decodeTokenError(
    { ...answer, fault: token },
    { destination, tokenService, secrets: secretsOf(tokenService, request), assertedUser, now },
  );
};

/** Form fields that say nothing secret; any other value sent must not come back in an error. */
const plainFields = new Set([
  'claims',
  'client_assertion_type',
  'client_id',
  'company_id',
  'grant_type',
  'new_token',
  'requested_token_use',
  'resource',
  'response_type',
  'scope',
  'token_format',
]);

function secretsOf({ clientAuthentication, headers }: TokenService, { body }: TokenRequest): string[] {
  const fields = [...new URLSearchParams(body)].filter(([name]) => !plainFields.has(name)).map(([, value]) => value);
  const secret = 'secret' in clientAuthentication ? [clientAuthentication.secret] : [];
  return [...fields, ...secret, ...Object.values(headers)];
}

type Answer = Omit<Refusal, 'fault'>;

async function post(destination: string, tokenService: TokenService, request: TokenRequest): Promise<Answer> {
  const { url, connectTimeout, readTimeout } = tokenService;
  const { pool, takeAlert } = lineTo(tokenService);
  const signal = AbortSignal.timeout(connectTimeout + readTimeout);
  const once = async (): Promise<Answer> => {
    const options = { method: 'POST', path: url.pathname + url.search, ...request, signal } as const;
    const { statusCode: status, headers, body } = await pool.request(options);
    return { status, retryAfter: first(headers['retry-after']), body: parse(await body.text()) };
  };
  try {
    return await once().catch((error: unknown) => {
      // A kept connection that the other side closes just then. The grants sent here may be asked for again.
      if (isConnectionLost(error)) return once();
      throw error;
    });
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
