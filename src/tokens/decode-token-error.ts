import type { User } from '../authorization/principal.ts';
import type { TokenService } from '../destinations/token-service.ts';
import { AppError } from '../errors/app-error.ts';
import { readRetryAfter } from '../errors/read-retry-after.ts';
import { redact } from '../errors/redact.ts';
import { challengeHeaders } from './claims-challenge.ts';
import { type TokenErrorRow, tokenErrorTable } from './token-error-table.ts';

/** An answer of a token service that gives no token. */
export interface Refusal {
  readonly status: number;
  /** `Retry-After` as sent. */
  readonly retryAfter: string | undefined;
  /** The parsed JSON, or undefined when it was none. */
  readonly body: unknown;
  /** What it is instead of a token answer: ends "answers 200, but …". */
  readonly fault: string;
}

/** What was asked. */
export interface Asked {
  readonly destination: string;
  readonly tokenService: TokenService;
  /** What was sent and must not be shown, in case the service echoes it. */
  readonly secrets: readonly string[];
  /** The user whose own token was the assertion. */
  readonly assertedUser: User | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const otherwise: TokenErrorRow = { cause: 'it gives no token', cure: 'Look at the log of the token service.' };

/**
 * Tells what a token service means by its refusal: Entra ID, IAS, XSUAA, SuccessFactors or any OAuth service. Status 502,
 * or 401 and 403 when the user can mend it (design section 3). What the service says is shown as its first sentence,
 * without anything secret that was sent and anything that looks like a token.
 */
export function decodeTokenError(refusal: Refusal, asked: Asked): AppError {
  const said = readError(refusal.body);
  const row = tokenErrorTable.find((candidate) => fits(candidate, said, refusal.status)) ?? otherwise;
  const { cause, cure, status } = judge(row, said, refusal, asked);
  const { origin } = asked.tokenService.url;
  const description = redact(said.text, asked.secrets);
  return new AppError({
    code: 'ERR_TOKEN_SERVICE',
    status,
    detail: `The token service ${origin} gives no token for destination ${asked.destination}: ${cause}.`,
    hint: cure,
    members: {
      destination: asked.destination,
      tokenService: origin,
      tokenServiceStatus: refusal.status,
      ...defined({
        error: said.error,
        errorCode: said.code,
        suberror: said.suberror,
        correlationId: said.correlationId,
      }),
      ...(description === '' ? {} : { description }),
    },
    headers: { ...(status === 401 ? challengeHeaders(said.claims) : {}), ...retryAfter(refusal, asked.now) },
  });
}

/** What the body says, whatever the service calls it. Identifiers are kept only if they look like some. */
interface Said {
  readonly error: string | undefined;
  readonly suberror: string | undefined;
  /** E.g. `AADSTS700027`. */
  readonly code: string | undefined;
  readonly aadsts: number | undefined;
  readonly correlationId: string | undefined;
  readonly text: string;
  readonly ofSuccessFactors: boolean;
  /** JSON text of a claims challenge. */
  readonly claims: string | undefined;
}

function readError(body: unknown): Said {
  const members = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = [members['error_description'], members['errorMessage'], members['message']].find(isText) ?? '';
  const codes = members['error_codes'];
  const listed = Array.isArray(codes) ? Number(codes[0]) : Number.NaN;
  const told = Number(/AADSTS(\d{4,9})/.exec(text)?.[1]);
  const aadsts = [told, listed].find(Number.isSafeInteger);
  return {
    error: identifier(members['error']),
    suberror: identifier(members['suberror']),
    code: aadsts === undefined ? /\b(?:LGN|AUTH)\d{4}\b/.exec(text)?.[0] : `AADSTS${aadsts}`,
    aadsts,
    correlationId: identifier(members['correlation_id']),
    text,
    ofSuccessFactors: members['errorHttpCode'] !== undefined,
    claims: isText(members['claims']) ? members['claims'] : undefined,
  };
}

function fits(row: TokenErrorRow, said: Said, status: number): boolean {
  const { aadsts, error = '', suberror = '', text, ofSuccessFactors } = said;
  if (row.ofSuccessFactors && !ofSuccessFactors) return false;
  if (row.aadsts && !(aadsts !== undefined && row.aadsts.includes(aadsts))) return false;
  if (row.text && !row.text.test(text)) return false;
  if (row.error && !row.error.includes(error) && !row.error.includes(suberror)) return false;
  return row.status === undefined || row.status.includes(status);
}

/** The row, corrected by what it cannot know: a malformed success, and a user's token that we see has expired. */
function judge(row: TokenErrorRow, { error, claims }: Said, { status, fault }: Refusal, { assertedUser, now }: Asked) {
  if (status === 200 && error === undefined) {
    return {
      cause: `it answers 200, but ${fault}`,
      cure: 'Check that tokenServiceURL is a token endpoint.',
      status: 502,
    };
  }
  const expiry = assertedUser?.claims['exp'];
  const ofToken = error === 'invalid_grant' || error === 'invalid_token';
  if (ofToken && row.answer === undefined && typeof expiry === 'number' && expiry * 1000 <= now) {
    return { cause: "the user's token has expired", cure: 'Log in again.', status: 401 };
  }
  return { cause: row.cause, cure: row.cure, status: claims === undefined ? (row.answer ?? 502) : (row.answer ?? 401) };
}

function retryAfter({ retryAfter: value }: Refusal, now: number): Record<string, string> {
  const seconds = readRetryAfter(value, now);
  return seconds > 0 ? { 'retry-after': String(seconds) } : {};
}

function identifier(value: unknown): string | undefined {
  return isText(value) && /^[\w.:-]{1,64}$/.test(value) ? value : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function defined(members: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
