import { randomBytes } from 'node:crypto';
import {
  type AdapterPayload,
  type Configuration,
  interactionPolicy,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import type { Application } from '../application.ts';
import { type Directory, findUser, pairwiseSubject } from '../directory.ts';
import { answerPage } from './answer-page.ts';
import { knownScopes, refuseUnknownScopes } from './known-scopes.ts';
import { makeProviderMemory, type ProviderMemory } from './memory-adapter.ts';
import { keepOfflineAccess, offlineAccess } from './offline-access.ts';
import { errorPage, signedOutPage, signOutPage } from './pages.ts';
import { finishSignOut } from './sign-out.ts';
import { withoutIssuerParameter } from './without-issuer-parameter.ts';

export interface OpenIdProvider {
  readonly provider: Provider;
  readonly memory: ProviderMemory;
  /** The secret the OP knows a confidential client by: the token endpoint has authenticated the client before the OP sees it. */
  readonly innerSecret: string;
  /** Where the sign-in page of an interaction lives. */
  readonly signInPath: string;
}

const hour = 3600;
const day = 24 * hour;

/** The certified OpenID Provider behind the directory's authorize, token (code and refresh token) and logout endpoints. */
export function makeOpenIdProvider(directory: Directory): OpenIdProvider {
  const { tenant, applications } = directory;
  const innerSecret = randomBytes(32).toString('base64url');
  const signInPath = `/${tenant}/sign-in`;
  const memory = makeProviderMemory((id) => {
    const application = applications.get(id);
    return application && clientMetadata(application, innerSecret);
  });
  const provider = new Provider(directory.issuer, {
    ...fixed,
    adapter: memory.adapter,
    scopes: knownScopes(directory),
    // The OP runs such a check whether or not the parameter is there; it is the place for checks of our own.
    extraParams: { domain_hint: (context) => refuseUnknownScopes(context, directory) },
    jwks: { keys: [signingJwk(directory)] },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: { session: 'entra_session', interaction: 'entra_interaction', resume: 'entra_resume' },
    },
    routes: {
      authorization: `/${tenant}/oauth2/v2.0/authorize`,
      token: `/${tenant}/oauth2/v2.0/token`,
      end_session: `/${tenant}/oauth2/v2.0/logout`,
      jwks: `/${tenant}/discovery/v2.0/keys`,
      revocation: `/${tenant}/oauth2/v2.0/revoke`,
    },
    features: { ...fixed.features, revocation: revocation(directory) },
    interactions: { policy: promptPolicy(), url: (_context, interaction) => `${signInPath}/${interaction.uid}` },
    findAccount: (context, oid) => {
      const user = findUser(directory, oid);
      const clientId = context.oidc.client?.clientId ?? '';
      return user && { accountId: user.oid, claims: () => ({ sub: pairwiseSubject(user.oid, clientId) }) };
    },
  });
  provider.use(keepOfflineAccess);
  provider.use(withoutIssuerParameter);
  provider.use(finishSignOut(provider));
  return Object.freeze({ provider, memory, innerSecret, signInPath });
}

const off = { enabled: false };

/** A client may give back its own tokens only (RFC 7009 2.1). */
function revocation({ revocation: enabled }: Directory) {
  if (!enabled) return off;
  const allowedPolicy = (_context: unknown, client: { clientId: string }, token: { clientId?: string | undefined }) =>
    token.clientId === client.clientId;
  return { enabled, allowedPolicy };
}

/** What does not depend on the tenant. */
const fixed = {
  responseTypes: ['code'],
  claims: { openid: ['sub'] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  allowOmittingSingleRegisteredRedirectUri: false,
  clientBasedCORS: () => false,
  expiresWithSession: () => false,
  issueRefreshToken: (_context, _client, grant) => grant.scopes.has(offlineAccess),
  loadExistingGrant: grantEverythingAsked,
  features: {
    devInteractions: off,
    userinfo: off,
    dPoP: off,
    pushedAuthorizationRequests: off,
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => answerPage(context, signOutPage(form)),
      postLogoutSuccessSource: (context) => answerPage(context, signedOutPage()),
    },
  },
  renderError: (context, out) => answerPage(context, errorPage(out)),
  // Seconds. A code lives ten minutes (token-flows.md A2).
  ttl: {
    AuthorizationCode: 600,
    AccessToken: hour,
    IdToken: hour,
    RefreshToken: 90 * day,
    Interaction: hour,
    Session: day,
    Grant: 90 * day,
  },
} satisfies Configuration;

/** Consent is the business of `policies.ts`; the OP need not ask for it. */
async function grantEverythingAsked(context: KoaContextWithOIDC) {
  const { client, session, params, provider, account } = context.oidc;
  if (!client || !session || !account) return undefined;
  const known = session.grantIdFor(client.clientId);
  const grant =
    (known && (await provider.Grant.find(known))) ||
    new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
  grant.addOIDCScope(String(params?.['scope'] ?? ''));
  await grant.save();
  return grant;
}

/** The standard prompts and Microsoft's `select_account` (token-flows.md A2). */
function promptPolicy() {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  return policy;
}

function clientMetadata(application: Application, innerSecret: string): AdapterPayload {
  const authentication =
    application.kind === 'public'
      ? { token_endpoint_auth_method: 'none' as const }
      : { token_endpoint_auth_method: 'client_secret_post' as const, client_secret: innerSecret };
  return {
    client_id: application.id,
    client_name: application.name,
    redirect_uris: [...application.redirectUris],
    post_logout_redirect_uris: [...application.postLogoutRedirectUris],
    response_types: application.redirectUris.length > 0 ? ['code'] : [],
    grant_types: application.redirectUris.length > 0 ? ['authorization_code', 'refresh_token'] : [],
    id_token_signed_response_alg: 'RS256',
    ...authentication,
  };
}

function signingJwk({ key }: Directory) {
  return { ...key.keys.privateKey.export({ format: 'jwk' }), kid: key.thumbprints.x5t, use: 'sig', alg: 'RS256' };
}
