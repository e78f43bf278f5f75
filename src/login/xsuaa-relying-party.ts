import { type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import type { XsuaaProvider } from '../config/identity-provider.ts';
import type { AppError } from '../errors/app-error.ts';
import { sameSecret } from '../session/same-secret.ts';
import { claimedIssuer } from './claimed-issuer.ts';
import { clientAuthenticationOf } from './client-authentication.ts';
import { clockFault, clocksDiffer, toleratedAtLogin } from './clock-difference.ts';
import { isAccessToken } from './is-access-token.ts';
import { loginFailed, notOurs, refusedByProvider } from './login-failed.ts';
import { codeChallenge } from './pending-login.ts';
import { createProviderFetch, directly, type ProxyOf } from './provider-fetch.ts';
import { providerKeys } from './provider-keys.ts';
import type { RelyingParty, Renewable, Tokens } from './relying-party.ts';
import { requireLife } from './require-life.ts';
import { endOf, userOf, wordsOf } from './user-of.ts';

/**
 * A relying party for XSUAA. Its endpoints stand under the binding's `url`; keys come from there too, never from a
 * token's `jku` (token-flows.md D1, H68). The access token is the one that counts: scopes and user stand in it.
 * @param timeout milliseconds that a call to it may take
 * @param proxyOf by which proxy calls to it go
 * @param clockTolerance seconds by which times in tokens of callers may miss the clock here
 */
export function xsuaaRelyingParty(
  provider: XsuaaProvider,
  timeout = 10_000,
  proxyOf: ProxyOf = directly,
  clockTolerance = 60,
): RelyingParty {
  const call = createProviderFetch(provider.clientAuthentication, proxyOf);
  const throughProxy = () => proxyOf(provider.url) !== undefined;
  const at = (path: string, base = provider.url) => base.href.replace(/\/$/, '') + path;
  const config = new oidc.Configuration(
    {
      issuer: at('/oauth/token'),
      authorization_endpoint: at('/oauth/authorize'),
      // Certificates are asked for on a host of their own; all else stays (token-flows.md D1).
      token_endpoint: at('/oauth/token', provider.certUrl),
      jwks_uri: at('/token_keys'),
      token_endpoint_auth_methods_supported: ['client_secret_post'],
    },
    provider.clientId,
    undefined,
    clientAuthenticationOf(provider.clientAuthentication),
  );
  config.timeout = timeout / 1000;
  config[oidc.customFetch] = call;
  if (provider.url.protocol === 'http:') oidc.allowInsecureRequests(config);
  const keys = providerKeys(new URL(at('/token_keys')), call, timeout);

  const verify = async (token: string, key: JWTVerifyGetKey, tolerance: number) => {
    const { payload, protectedHeader: header } = await jwtVerify(token, key, {
      algorithms: ['RS256', 'RS384', 'RS512'],
      clockTolerance: tolerance,
      requiredClaims: ['exp'],
    });
    if (!isMeantFor(payload.aud, payload['cid'] ?? payload['client_id'], provider)) throw notOurs();
    return { payload, header };
  };
  const judge = async (
    response: oidc.TokenEndpointResponse,
    nonce: string | undefined,
    earlier: Partial<Renewable> = {},
  ): Promise<Tokens> => {
    const { payload } = await verify(response.access_token, keys.ofProvider, toleratedAtLogin);
    const echoed = response.id_token === undefined ? payload['nonce'] : oidcClaims(response)['nonce'];
    if (nonce !== undefined && echoed !== undefined && !sameSecret(String(echoed), nonce)) throw notOurs();
    const expiresAt = endOf(payload, response.expires_in, payload.iat);
    requireLife(payload, expiresAt, payload.iat);
    return {
      user: userOf(provider.name, response.access_token, payload, wordsOf(payload['scope'])),
      idToken: response.id_token,
      refreshToken: response.refresh_token ?? earlier.refreshToken,
      sid: undefined,
      expiresAt,
    };
  };

  return {
    async authorizationUrl(pending, { identityProvider }) {
      return oidc.buildAuthorizationUrl(config, {
        redirect_uri: pending.redirectUri,
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: codeChallenge(pending.codeVerifier),
        code_challenge_method: 'S256',
        // No `scope`: naming one would cut the token down to it; without, it carries all the user has.
        ...(identityProvider === undefined
          ? {}
          : { login_hint: JSON.stringify({ origin: identityProvider }), idp: identityProvider }),
      });
    },
    async redeem(callback, pending) {
      const error = callback.get('error');
      if (error !== null) throw refusedByProvider(error);
      const code = callback.get('code');
      // RFC 9207 2.4: an answer of another provider must not be taken here, even though XSUAA itself does not sign its own.
      const issuer = callback.get('iss');
      if (issuer !== null && issuer !== at('/oauth/token')) throw notOurs();
      if (!sameSecret(callback.get('state'), pending.state) || !code) throw notOurs();
      try {
        const response = await oidc.genericGrantRequest(config, 'authorization_code', {
          code,
          redirect_uri: pending.redirectUri,
          code_verifier: pending.codeVerifier,
        });
        return await judge(response, pending.nonce);
      } catch (cause) {
        throw grantFailed(cause, throughProxy());
      }
    },
    async refresh(earlier) {
      try {
        return await judge(await oidc.refreshTokenGrant(config, earlier.refreshToken), undefined, earlier);
      } catch (cause) {
        throw grantFailed(cause, throughProxy());
      }
    },
    async verifyToken(token) {
      // A token that did not come from the token endpoint itself must name it as its issuer.
      if (claimedIssuer(token) !== at('/oauth/token')) throw notOurs();
      const { payload, header } = await verify(token, keys.ofAnybody, clockTolerance).catch((cause) => {
        throw loginFailed(cause, throughProxy());
      });
      if (!isAccessToken({ header, payload }, false) || pointsElsewhere(header.jku, provider)) throw notOurs();
      return userOf(provider.name, token, payload, wordsOf(payload['scope']));
    },
    async logInWithPassword(username, password) {
      try {
        return await judge(await oidc.genericGrantRequest(config, 'password', { username, password }), undefined);
      } catch (cause) {
        throw grantFailed(cause, throughProxy());
      }
    },
    async userAttributes(token) {
      const answer = await call(at('/userinfo'), {
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
      });
      if (!answer.ok) throw new Error(`userinfo answered ${answer.status}`);
      const { user_attributes: attributes } = (await answer.json()) as { user_attributes?: unknown };
      return typeof attributes === 'object' && attributes !== null ? { ...attributes } : {};
    },
    async endSessionUrl({ returnTo }) {
      const url = new URL(at('/logout.do'));
      if (returnTo === undefined) return url;
      url.search = `redirect=${encodeURIComponent(returnTo.href)}&client_id=${encodeURIComponent(provider.clientId)}`;
      return url;
    },
  };
}

/** A grant that came to nothing; where the clocks are the reason, it is said so. */
function grantFailed(cause: unknown, throughProxy: boolean): AppError {
  const seconds = clockFault(cause);
  return seconds === undefined ? loginFailed(cause, throughProxy) : clocksDiffer(seconds, cause);
}

/**
 * Keys are never fetched from where a token says; one that says they are at somebody else's is not what XSUAA makes
 * (token-flows.md D1, H68).
 */
function pointsElsewhere(jku: unknown, { url, domain }: XsuaaProvider): boolean {
  if (jku === undefined || domain === undefined) return false;
  const host = typeof jku === 'string' && URL.canParse(jku) ? new URL(jku).hostname : '';
  const within = domain.toLowerCase().replace(/:\d+$/, '');
  return host !== url.hostname && host !== within && !host.endsWith(`.${within}`);
}

/** token-flows.md D4: the client id, xsappname, or an entry that becomes one of them when cut at its first dot. */
function isMeantFor(audience: string | string[] | undefined, clientId: unknown, provider: XsuaaProvider): boolean {
  const ours = [provider.clientId, provider.xsappname];
  // A claim is what the issuer wrote, not what it should be: only texts are names.
  const audiences: readonly unknown[] = [audience ?? []].flat();
  if (audiences.length === 0) return ours.includes(String(clientId));
  return audiences.some(
    (entry) => typeof entry === 'string' && (ours.includes(entry) || ours.includes(entry.split('.', 1)[0] ?? '')),
  );
}

function oidcClaims(response: oidc.TokenEndpointResponse): Record<string, unknown> {
  return (response as oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers).claims() ?? {};
}
