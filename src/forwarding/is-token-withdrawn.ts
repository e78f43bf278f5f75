import type { Destination } from '../destinations/destination.ts';

/**
 * Whether 403 is about the token and not about what its user may: SuccessFactors says so of one that it issued with a code of
 * its own in a header (expired, not valid, withdrawn: token-flows.md E3, E5), APIs of Microsoft's with the claims challenge that
 * others answer with 401 (A10).
 */
export function isTokenWithdrawn(destination: Destination, status: number, rawHeaders: readonly string[]): boolean {
  if (status !== 403) return false;
  const successFactors = isOfSuccessFactors(destination);
  return rawHeaders.some(
    (text, i) => i % 2 === 1 && (successFactors ? withdrawn.test(text) : isClaimsChallenge(rawHeaders[i - 1], text)),
  );
}

const withdrawn = /\bLGN00(?:06|07|22)\b/;

function isClaimsChallenge(name: string | undefined, value: string): boolean {
  return name?.toLowerCase() === 'www-authenticate' && /\berror\s*=\s*"?insufficient_claims\b/i.test(value);
}

/** Of what the Destination service serves only the type is known. */
function isOfSuccessFactors(destination: Destination): boolean {
  if (destination.authentication === 'ServedToken') return destination.type === 'OAuth2SAMLBearerAssertion';
  return destination.authentication === 'OAuth2SAMLBearerAssertion' && destination.saml?.successFactors !== undefined;
}
