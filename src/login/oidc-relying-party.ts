import { jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import type { OidcProvider } from '../config/identity-provider.ts';
import { AppError } from '../errors/app-error.ts';
import { askOnce } from './ask-once.ts';
import { callbackQuery } from './callback-query.ts';
import { clockFault, clocksDiffer } from './clock-difference.ts';
import { discover } from './discover.ts';
import { grantedScopes } from './granted-scopes.ts';
import { isAccessToken } from './is-access-token.ts';
import { issuerOf, isTrusted, lacksTenant, readClaims } from './issuer-names.ts';
import { issuersOf } from './issuers-of.ts';
import { loginFailed, notOurs, outOfReach } from './login-failed.ts';
import { algorithms, scopesOf, tokensOf } from './oidc-tokens.ts';
import { codeChallenge } from './pending-login.ts';
import { createProviderFetch, directly, type ProviderFetch, type ProxyOf } from './provider-fetch.ts';
import type { RelyingParty, Renewable } from './relying-party.ts';
import { userOf } from './user-of.ts';
import { verifyLogoutToken } from './verify-logout-token.ts';

/**
 * A relying party by openid-client, for any OpenID Provider. Discovery happens once: ahead of the first login, or with it.
 * @param timeout milliseconds that a call to it may take
 * @param proxyOf by which proxy calls to it go
 * @param clockTolerance seconds by which times in tokens of callers may miss the clock here
 */
export function oidcRelyingParty(
  provider: OidcProvider,
  timeout = 30_000,
  proxyOf: ProxyOf = directly,
  clockTolerance = 60,
): RelyingParty {
  const plainly = createProviderFetch(provider.clientAuthentication, proxyOf);
  const call = provider.kind === 'ias' ? withQueryOf(provider, plainly) : plainly;
  const throughProxy = () => proxyOf(provider.issuer) !== undefined;
  const discovered = askOnce(() =>
    discover(provider, timeout, call).catch((cause: unknown) => {
      throw cause instanceof AppError ? cause : outOfReach(cause, throughProxy());
    }),
  );
  const failing = async <T>(work: (config: oidc.Configuration) => Promise<T>): Promise<T> => {
    try {
      return await work((await discovered()).config);
    } catch (cause) {
      throw loginFailed(cause, throughProxy());
    }
  };
  const granting = async <T>(work: (config: oidc.Configuration) => Promise<T>) =>
    failing(async () => {
      try {
        return await (await discovered()).grant(work);
      } catch (cause) {
        const seconds = clockFault(cause);
        throw seconds === undefined ? cause : clocksDiffer(seconds, cause);
      }
    });
  /** Signature, issuer, audience, algorithm and end of a token that somebody presents. */
  const verify = async (token: string, requiredClaims: string[]) => {
    const { keys, namesIn } = await discovered();
    const rules = { issuer: namesIn(token), audience: [...provider.audiences], algorithms, clockTolerance };
    const verified = await jwtVerify(token, keys.ofAnybody, { ...rules, requiredClaims });
    if (lacksTenant(provider, verified.payload)) throw notOurs();
    return verified;
  };
  const judge = async (response: oidc.TokenEndpointResponse, earlier: Partial<Renewable> = {}) => {
    const { config, keys } = await discovered();
    const { issuer } = config.serverMetadata();
    // openid-client puts any text of a shared issuer's token where the tenant belongs.
    if (response.id_token !== undefined && issuersOf(issuer, response.id_token).length === 0) throw notOurs();
    const tokens = await tokensOf(provider, response, earlier, keys.ofProvider);
    requireTenant(provider, tokens.user.claims['tid']);
    return tokens;
  };

  return {
    prepare: async () => void (await discovered()),
    authorizationUrl: (pending, { identityProvider, claims }) =>
      failing(async (config) =>
        oidc.buildAuthorizationUrl(config, {
          redirect_uri: pending.redirectUri,
          scope: provider.scopes,
          state: pending.state,
          nonce: pending.nonce,
          code_challenge: codeChallenge(pending.codeVerifier),
          code_challenge_method: 'S256',
          ...(identityProvider === undefined ? {} : { idp: identityProvider }),
          ...(claims === undefined ? {} : { claims }),
        }),
      ),
    redeem: (callback, pending) =>
      granting(async (config) => {
        const url = new URL(pending.redirectUri);
        url.search = callback.toString();
        // RFC 9207: one of the provider's names is as good as another; another issuer's stays as it is, and is refused.
        const answered = callback.get('iss');
        if (answered !== null && (await discovered()).isName(answered))
          url.searchParams.set('iss', config.serverMetadata().issuer);
        const response = await oidc.authorizationCodeGrant(config, url, {
          pkceCodeVerifier: pending.codeVerifier,
          expectedState: pending.state,
          expectedNonce: pending.nonce,
          idTokenExpected: true,
        });
        return judge(response);
      }),
    refresh: (earlier) =>
      granting(async (config) => judge(await oidc.refreshTokenGrant(config, earlier.refreshToken), earlier)),
    verifyToken: async (token) => {
      // Before anybody is asked: another issuer's token is refused even while this one cannot be reached.
      if (!mayBeFrom(provider, token)) throw notOurs();
      return failing(async () => {
        const { payload, protectedHeader } = await verify(token, ['exp', 'sub']);
        if (!isAccessToken({ header: protectedHeader, payload }, true)) throw notOurs();
        requireTenant(provider, payload['tid']);
        const granted = grantedScopes(provider.scopesOfClaims, payload);
        return userOf(provider.name, token, payload, [...scopesOf(payload), ...granted]);
      });
    },
    ...(provider.kind === 'ias'
      ? {
          exchangeToken: (token: string) =>
            granting(async (config) => {
              // Checked before it is shown to anybody; without a jti it is no token of an application (xs-app.md section 9).
              await verify(token, ['exp', 'jti']);
              const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
              // Opaque unless asked otherwise (token-flows.md C6).
              const form = { assertion: token, scope: provider.scopes, token_format: 'jwt' };
              return (await judge(await oidc.genericGrantRequest(config, grant, form))).user;
            }),
        }
      : {}),
    verifyLogoutToken: (token, firstUse) =>
      failing(async () => {
        const { keys, namesIn } = await discovered();
        return verifyLogoutToken(token, {
          keys: keys.ofAnybody,
          issuer: namesIn(token),
          audience: provider.clientId,
          algorithms,
          firstUse,
        });
      }),
    revoke: (refreshToken) =>
      failing(async (config) => {
        if (config.serverMetadata().revocation_endpoint === undefined) return;
        await oidc.tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' });
      }),
    isIssuer: (named) => failing(async () => (await discovered()).isName(named)),
    logInWithPassword: (username, password) =>
      granting(async (config) =>
        judge(await oidc.genericGrantRequest(config, 'password', { username, password, scope: provider.scopes })),
      ),
    endSessionUrl: ({ idToken, returnTo }) =>
      failing(async (config) => {
        if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
        return oidc.buildEndSessionUrl(config, {
          ...(idToken === undefined ? {} : { id_token_hint: idToken }),
          ...(returnTo === undefined ? {} : { post_logout_redirect_uri: returnTo.href }),
        });
      }),
  };
}

/**
 * openid-client names a redirect URI without its query when it redeems a code; the provider compares the whole of it
 * (RFC 6749 4.1.3).
 */
function withQueryOf(provider: OidcProvider, call: ProviderFetch): ProviderFetch {
  return (url, init: { readonly body?: unknown } = {}) => {
    const { body } = init;
    if (body instanceof URLSearchParams && body.get('grant_type') === 'authorization_code')
      body.set('redirect_uri', body.get('redirect_uri') + callbackQuery(provider));
    return call(url, init);
  };
}

/**
 * Whether a token may be of an issuer, before its metadata says what it calls itself: a provider named by the URL of its
 * metadata says only there who it is, and a tenant of Entra ID has several names (issuers-of.ts).
 */
function mayBeFrom(provider: OidcProvider, token: string): boolean {
  const { kind, issuer } = provider;
  const claimed = issuerOf(kind, readClaims(token));
  if (claimed === undefined) return false;
  if (kind === 'ias') return isTrusted(provider, claimed);
  if (issuer.pathname.includes('/.well-known/') || claimed.startsWith('https://sts.windows.net/')) return true;
  return URL.parse(claimed)?.origin === issuer.origin || isTrusted(provider, claimed);
}

/** Where all tenants of Entra ID may ask, the owner says whose people may come in (OIDC_TENANTS). @throws AppError 403 */
function requireTenant({ tenants }: OidcProvider, tenant: unknown): void {
  if (tenants === undefined || tenants.includes(String(tenant))) return;
  throw new AppError({
    code: 'ERR_FORBIDDEN',
    status: 403,
    detail: 'This application is not open to your organization.',
    hint: 'Log in with an account of an organization that it is open to.',
  });
}
