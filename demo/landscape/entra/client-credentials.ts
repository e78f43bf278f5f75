import { mintAccessToken } from './access-token.ts';
import { readClaimsRequest } from './claims-request.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import { checkRegistered } from './delegated-tokens.ts';
import type { Directory } from './directory.ts';
import { EntraError } from './errors.ts';
import { enforce } from './policies.ts';
import { readDefaultScope } from './scope.ts';
import type { TokenAnswer } from './token-answer.ts';
import type { TokenRequest } from './token-request.ts';

/**
 * An app-only token. Succeeds even where no role was granted: the token then has no `roles` (token-flows.md A6).
 * @throws EntraError 901002, 900144, 1002012, 700022, 500011, 650057, 7000218
 */
export async function issueForClient(
  request: TokenRequest,
  client: AuthenticatedClient,
  directory: Directory,
): Promise<TokenAnswer> {
  // Only a confidential client has credentials to grant anything on.
  if (client.proof === 'none') throw new EntraError(7000218);
  const claims = readClaimsRequest(request.get('claims'));
  const { resource, identifier } = readDefaultScope(request.require('scope'), directory.resources);
  checkRegistered(client.application, resource);
  const { id: clientId } = client.application;
  const question = { grant: request.grant, clientId, user: undefined, resource: resource.id, claims: claims.text };
  enforce(directory.policy()(question), request.grant);
  const { token, expiresIn } = await mintAccessToken(directory, {
    client,
    user: undefined,
    resource,
    identifier,
    claims,
  });
  return { token_type: 'Bearer', expires_in: expiresIn, ext_expires_in: expiresIn, access_token: token };
}
