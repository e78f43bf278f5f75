import type { Destination } from '../destinations/destination.ts';

/**
 * Whether SuccessFactors says that a token it issued is no good any more: with 403, and a code of its own in a header:
 * expired, not valid, withdrawn (token-flows.md E3, E5).
 */
export function isTokenWithdrawn(destination: Destination, status: number, rawHeaders: readonly string[]): boolean {
  if (status !== 403 || destination.authentication !== 'OAuth2SAMLBearerAssertion') return false;
  if (destination.saml?.successFactors === undefined) return false;
  return rawHeaders.some((text, i) => i % 2 === 1 && /\bLGN00(?:06|07|22)\b/.test(text));
}
