import type { RequestHandler } from 'express';
import type { JWTPayload } from 'jose';
import { type AuthenticatedClient, authenticateClient } from './client-authentication.ts';
import { corporateTokenReader } from './corporate-identity-provider.ts';
import { IasError } from './ias-error.ts';
import { issueToken, type TokenAnswer } from './issue-token.ts';
import type { IasGrant, IasTenant } from './tenant.ts';
import { type IasTokenRequest, readGrant, readTokenRequest } from './token-request.ts';

type GrantHandler = (request: IasTokenRequest, client: AuthenticatedClient) => Promise<TokenAnswer>;

/** `POST /oauth2/token`: the request, the client, its right to the grant, then one handler a grant. */
export function tokenEndpoint(tenant: IasTenant): RequestHandler {
  const readCorporateToken = corporateTokenReader(tenant.corporateIdentityProvider, tenant.origin, tenant.clock);
  const order = (request: IasTokenRequest) => ({
    resource: request.get('resource'),
    format: request.get('token_format'),
  });
  const grants = {
    client_credentials: (request, client) => issueToken(tenant, { client, user: undefined, ...order(request) }),
    jwt_bearer: async (request, client) => {
      const assertion = request.get('assertion');
      if (assertion === undefined) throw new IasError('invalid_request', 'The parameter assertion is missing.');
      const user = findUser(tenant, await readCorporateToken(assertion));
      return issueToken(tenant, { client, user, ...order(request) });
    },
  } satisfies Record<IasGrant, GrantHandler>;

  return async (request, response) => {
    try {
      const asked = readTokenRequest(request);
      const client = authenticateClient(asked, tenant);
      const grant = readGrant(asked.grantType);
      // Public clients get nothing on the strength of a client alone (token-flows.md C2).
      if (client.application.kind === 'public' || !client.application.grants.includes(grant)) {
        throw new IasError('unauthorized_client', 'The grant is not enabled on the application.');
      }
      response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' }).json(await grants[grant](asked, client));
    } catch (problem) {
      if (!(problem instanceof IasError)) throw problem;
      if (problem.status === 401 && request.get('authorization')) response.set('WWW-Authenticate', 'Basic realm="IAS"');
      response.status(problem.status).json({ error: problem.code, error_description: problem.message });
    }
  };
}

/** The subject of a corporate token is matched by e-mail (token-flows.md C4). */
function findUser({ users }: IasTenant, { email }: JWTPayload) {
  const user = users.find((candidate) => candidate.email === email);
  if (!user) throw new IasError('invalid_grant', 'The user of the assertion is not known.');
  return user;
}
