import { EntraError } from '../errors.ts';
import type { TokenRequest } from '../token-request.ts';
import type { ProviderMemory } from './memory-adapter.ts';

/** The OP's reasons, as it words them for its own log, and what Entra would say (token-flows.md A9, H31-H35). */
const refusals: Readonly<Record<string, () => EntraError>> = {
  'authorization code already consumed': () => new EntraError(54005),
  'authorization code is expired': () => new EntraError(70008),
  'authorization code redirect_uri mismatch': () => new EntraError(50011),
  'code_verifier does not match code_challenge': () => new EntraError(501481),
  'code_verifier must be provided': () => new EntraError(501481),
  'refresh token already used': () => new EntraError(50173),
  'refresh token is expired': () => new EntraError(70008),
  'grant not found': () => new EntraError(50173),
  'client mismatch': () => new EntraError(70000),
};

/** Puts a refusal of the OP into Entra's words. */
export function inEntrasWords(problem: Error, request: TokenRequest, memory: ProviderMemory): EntraError {
  const known = refusals[(problem as { error_detail?: string }).error_detail ?? ''];
  if (known) return known();
  // Gone without a trace, but there once: a second use of the code, or a revoked grant.
  if (memory.everHad('AuthorizationCode', request.get('code') ?? '')) return new EntraError(54005);
  if (memory.everHad('RefreshToken', request.get('refresh_token') ?? '')) return new EntraError(50173);
  return new EntraError(9002313);
}
