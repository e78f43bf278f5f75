import { signatureNotVerified } from './token-error.ts';

/**
 * Undoes the transport encoding: standard base64 or base64url, without white space (token-flows.md E1).
 * @throws TokenError 401 for raw XML and for anything that is not base64 (H57)
 */
export function decodeAssertion(encoded: string): string {
  const standard = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && encoded.length % 4 === 0;
  const url = /^[A-Za-z0-9_-]+={0,2}$/.test(encoded);
  if (!standard && !url) throw signatureNotVerified();
  const bytes = Buffer.from(encoded, standard ? 'base64' : 'base64url');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw signatureNotVerified();
  }
}
