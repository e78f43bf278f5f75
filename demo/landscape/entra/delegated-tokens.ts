import type { LandscapeUser } from '../users.ts';
import { mintAccessToken } from './access-token.ts';
import type { Application } from './application.ts';
import type { ClaimsRequest } from './claims-request.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import type { Directory } from './directory.ts';
import { EntraError } from './errors.ts';
import { mintIdToken, type SignIn } from './id-token.ts';
import { enforce, grantedPermissions } from './policies.ts';
import type { Resource } from './resources.ts';
import type { RequestedScope } from './scope.ts';
import type { TokenAnswer } from './token-answer.ts';
import type { Grant } from './token-request.ts';

export interface DelegatedRequest {
  readonly grant: Grant;
  readonly client: AuthenticatedClient;
  readonly user: LandscapeUser;
  readonly scope: RequestedScope;
  readonly claims: ClaimsRequest;
  readonly signIn: Omit<SignIn, 'clientId' | 'scopes'>;
}

const brand = Symbol('authorized');

/** A request that registration, consent and Conditional Access allow; only `authorizeForUser` makes one. */
export interface AuthorizedRequest extends DelegatedRequest {
  readonly [brand]: true;
}

/**
 * May this client have these permissions of this user now? Comes before any code or refresh token is spent, so that a
 * throttled client can try again with it.
 * @throws EntraError 650057, 65001, 50076 and the other refusals of a policy
 */
export function authorizeForUser(directory: Directory, request: DelegatedRequest): AuthorizedRequest {
  const { grant, client, user, scope, claims } = request;
  const { resource } = scope;
  checkRegistered(client.application, resource);
  const granted = grantedPermissions(resource);
  if (!scope.permissions.every((name) => name === '.default' || granted.includes(name))) throw new EntraError(65001);
  const question = { grant, clientId: client.application.id, user, resource: resource.id, claims: claims.text };
  enforce(directory.policy()(question), grant);
  return { ...request, [brand]: true };
}

/** The tokens of a user: an access token, and an ID token when `openid` was asked for. The caller adds a refresh token. */
export async function issueForUser(directory: Directory, request: AuthorizedRequest): Promise<TokenAnswer> {
  const { client, user, scope, claims } = request;
  const { resource, identifier, openId } = scope;
  const { token, expiresIn } = await mintAccessToken(directory, { client, user, resource, identifier, claims });
  const qualified = grantedPermissions(resource).map((name) => `${identifier}/${name}`);
  const signIn = { ...request.signIn, clientId: client.application.id, scopes: openId };
  return {
    token_type: 'Bearer',
    scope: [...openId.filter((name) => name !== 'offline_access'), ...qualified].join(' '),
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: token,
    ...(openId.includes('openid') ? { id_token: await mintIdToken(directory, user, signIn) } : {}),
  };
}

/** An application may ask for its own API and for those its registration lists. @throws EntraError 650057 */
export function checkRegistered(application: Application, resource: Resource): void {
  if (resource.id === application.id || application.mayCall.includes(resource.id)) return;
  throw new EntraError(650057, { detail: `Resource: ${resource.id}` });
}
