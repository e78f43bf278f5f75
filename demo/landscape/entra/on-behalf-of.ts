import { readClaimsRequest } from './claims-request.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import { authorizeForUser, issueForUser } from './delegated-tokens.ts';
import type { Directory } from './directory.ts';
import { EntraError } from './errors.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import { readScope } from './scope.ts';
import type { TokenAnswer } from './token-answer.ts';
import type { TokenRequest } from './token-request.ts';
import { readUserAssertion } from './user-assertion.ts';

/**
 * On-Behalf-Of: a user's token for this application becomes the user's token for another API (token-flows.md A7).
 * A refresh token comes along only when `offline_access` was asked for.
 * @throws EntraError 900144, 90013, those of the assertion, of the scope and of the policies
 */
export async function issueOnBehalfOf(
  request: TokenRequest,
  client: AuthenticatedClient,
  directory: Directory,
  refreshTokens: RefreshTokens,
): Promise<TokenAnswer> {
  const assertion = request.require('assertion');
  if (request.require('requested_token_use') !== 'on_behalf_of') {
    throw new EntraError(90013, { detail: 'The requested_token_use is not supported.' });
  }
  const text = request.require('scope');
  // A public client cannot be a middle tier.
  if (client.proof === 'none') throw new EntraError(7000218);
  const claims = readClaimsRequest(request.get('claims'));
  const user = await readUserAssertion(assertion, client.application, directory);
  const scope = readScope(text, directory.resources);
  const authorized = authorizeForUser(directory, { grant: request.grant, client, user, scope, claims, signIn: {} });
  const answer = await issueForUser(directory, authorized);
  if (!scope.openId.includes('offline_access')) return answer;
  return {
    ...answer,
    refresh_token: refreshTokens.issue({ clientId: client.application.id, oid: user.oid, scope: text }),
  };
}
