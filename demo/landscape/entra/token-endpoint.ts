import type { Request, RequestHandler, Response } from 'express';
import { noStore } from './answer-error.ts';
import { readClaimsRequest } from './claims-request.ts';
import { type AuthenticatedClient, authenticateClient } from './client-authentication.ts';
import { issueForClient } from './client-credentials.ts';
import { authorizeForUser, issueForUser } from './delegated-tokens.ts';
import { type Directory, findUser } from './directory.ts';
import { EntraError } from './errors.ts';
import { issueOnBehalfOf } from './on-behalf-of.ts';
import type { RefreshTokens } from './refresh-tokens.ts';
import { readScope } from './scope.ts';
import type { SignInGrants } from './sign-in-grants.ts';
import type { TokenAnswer } from './token-answer.ts';
import { type Grant, readTokenRequest, type TokenRequest } from './token-request.ts';

/** Either the answer, or undefined when the OpenID Provider has answered. */
type GrantHandler = (
  asked: TokenRequest,
  client: AuthenticatedClient,
  request: Request,
  response: Response,
) => Promise<TokenAnswer | undefined>;

/** THE token endpoint of the tenant: the checks every grant shares, then one handler a grant. */
export function tokenEndpoint(
  directory: Directory,
  signIn: SignInGrants,
  refreshTokens: RefreshTokens,
): RequestHandler {
  const viaProvider: GrantHandler = async (asked, client, request, response) => {
    await signIn.redeem(asked, client, request, response);
    return undefined;
  };
  const grants = {
    authorization_code: viaProvider,
    refresh_token: async (asked, client, request, response) =>
      (await refreshOnBehalfOf(asked, client, directory, refreshTokens)) ??
      viaProvider(asked, client, request, response),
    client_credentials: (asked, client) => issueForClient(asked, client, directory),
    on_behalf_of: (asked, client) => issueOnBehalfOf(asked, client, directory, refreshTokens),
  } satisfies Record<Grant, GrantHandler>;

  return async (request, response) => {
    const asked = readTokenRequest(request, String(request.params['tenant']), directory);
    const client = await authenticateClient(asked, directory);
    if (asked.get('resource') !== undefined) throw new EntraError(901002);
    const answer = await grants[asked.grant](asked, client, request, response);
    if (answer) response.set(noStore).json(answer);
  };
}

/** A refresh token that On-Behalf-Of issued; undefined when it is not one of those. */
async function refreshOnBehalfOf(
  asked: TokenRequest,
  client: AuthenticatedClient,
  directory: Directory,
  refreshTokens: RefreshTokens,
): Promise<TokenAnswer | undefined> {
  const token = asked.require('refresh_token');
  const before = refreshTokens.find(token, client.application.id);
  if (!before) return undefined;
  const user = findUser(directory, before.oid);
  if (!user) throw new EntraError(50173);
  const scope = readScope(asked.get('scope') ?? before.scope, directory.resources);
  const claims = readClaimsRequest(asked.get('claims'));
  const authorized = authorizeForUser(directory, { grant: asked.grant, client, user, scope, claims, signIn: {} });
  refreshTokens.spend(token);
  return { ...(await issueForUser(directory, authorized)), refresh_token: refreshTokens.issue(before) };
}
