import { EntraError } from './errors.ts';

/** What the `claims` parameter of a token request asks of the access token (token-flows.md A10). */
export interface ClaimsRequest {
  /** The parameter as sent; undefined when absent. */
  readonly text: string | undefined;
  /** The client declares that it understands claims challenges. */
  readonly capableOfChallenges: boolean;
  /** Seconds since 1970: the answer to a challenge that asks for a token issued after a revocation. */
  readonly notBefore: number | undefined;
}

/** Reads `claims`, which must be JSON and not its base64. */
export function readClaimsRequest(text: string | undefined): ClaimsRequest {
  if (text === undefined) return { text, capableOfChallenges: false, notBefore: undefined };
  const accessToken = member(parse(text), 'access_token');
  const capabilities = member(member(accessToken, 'xms_cc'), 'values');
  const notBefore = Number(member(member(accessToken, 'nbf'), 'value'));
  return {
    text,
    capableOfChallenges:
      Array.isArray(capabilities) && capabilities.some((value) => String(value).toLowerCase() === 'cp1'),
    notBefore: Number.isInteger(notBefore) ? notBefore : undefined,
  };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Falls through to the same refusal as JSON of another shape.
  }
  throw new EntraError(90013, { detail: 'The claims parameter is not a JSON object.' });
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
