import type { Destination } from '../destinations/destination.ts';

/**
 * Whether SuccessFactors says that a token it issued is no good any more: with 403, and a code of its own in a header:
 * expired, not valid, withdrawn (token-flows.md E3, E5).
 */
export function isTokenWithdrawn(destination: Destination, status: number, rawHeaders: readonly string[]): boolean {
  if (status !== 403 || !isOfSuccessFactors(destination)) return false;
  return rawHeaders.some((text, i) => i % 2 === 1 && /\bLGN00(?:06|07|22)\b/.test(text));
}

/** Of what the Destination service serves only the type is known. */
function isOfSuccessFactors(destination: Destination): boolean {
  if (destination.authentication === 'ServedToken') return destination.type === 'OAuth2SAMLBearerAssertion';
  return destination.authentication === 'OAuth2SAMLBearerAssertion' && destination.saml?.successFactors !== undefined;
}
