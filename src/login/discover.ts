import * as oidc from 'openid-client';
import type { OidcProvider } from '../config/identity-provider.ts';
import { AppError } from '../errors/app-error.ts';
import { clientAuthenticationOf } from './client-authentication.ts';
import { toleratedAtLogin } from './clock-difference.ts';
import { type Grant, grantByAnyName } from './grant-by-any-name.ts';
import { isOwn, isSpelling, isTrusted, namesIn } from './issuer-names.ts';
import { isShared } from './issuers-of.ts';
import type { ProviderFetch } from './provider-fetch.ts';
import { type ProviderKeys, providerKeys } from './provider-keys.ts';
import { refuseEndpoints } from './refuse-endpoints.ts';

export interface Discovered {
  readonly config: oidc.Configuration;
  readonly keys: ProviderKeys;
  /** Whether a name is the provider's own. */
  isName(named: string): boolean;
  /** What may stand in `iss` of a token. @param token unverified */
  namesIn(token: string): string[];
  readonly grant: Grant;
}

/**
 * Reads a provider's metadata (OpenID Connect Discovery 4) and judges it.
 * @param timeout milliseconds
 * @throws when it cannot be had, or is not of this provider
 */
export async function discover(provider: OidcProvider, timeout: number, call: ProviderFetch): Promise<Discovered> {
  // Plain http was accepted at start for loopback issuers only (design section 3).
  const insecure = provider.issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [];
  const execute = insecure;
  const { clientId } = provider;
  const client = { [oidc.clockTolerance]: toleratedAtLogin };
  const proof = clientAuthenticationOf(provider.clientAuthentication);
  const discoverAt = (url: URL, ask: ProviderFetch) =>
    oidc.discovery(url, clientId, client, proof, {
      execute,
      timeout: timeout / 1000,
      [oidc.customFetch]: withScheme(provider, ask),
    });
  const config = await discoverAt(addressOf(provider), call).catch((cause: unknown) => {
    const metadata = otherName(cause);
    if (metadata === undefined) throw cause;
    if (!isSameIssuer(provider.issuer, metadata.issuer)) throw ofAnotherIssuer(cause);
    if (!isShared(metadata.issuer)) return discoverAt(new URL(metadata.issuer), call);
    return discoverAt(publicShared, servedAt(publicShared, metadata, call));
  });
  const { issuer, jwks_uri } = config.serverMetadata();
  if (provider.kind === 'ias' && !isTrusted(provider, issuer)) throw ofAnotherIssuer();
  refuseEndpoints(config.serverMetadata());
  if (jwks_uri === undefined) throw new Error('the provider publishes no jwks_uri');
  const alike = (metadata: oidc.ServerMetadata) => {
    const made = new oidc.Configuration(metadata, clientId, client, proof);
    made.timeout = timeout / 1000;
    for (const extend of execute) extend(made);
    return made;
  };
  return {
    config,
    keys: providerKeys(new URL(jwks_uri), call, timeout),
    isName: (named) => isSpelling(issuer, named) || isOwn(provider, named),
    namesIn: (token) => namesIn(provider, issuer, token),
    grant: grantByAnyName(config, call, alike, (token) => namesIn(provider, issuer, token)),
  };
}

/** IAS may name itself by the domain of its customer: whether that is trusted is judged here, not by equality. */
function addressOf({ kind, issuer }: OidcProvider): URL {
  return kind === 'ias' ? new URL('/.well-known/openid-configuration', issuer) : issuer;
}

/** Metadata that name the issuer without its scheme are read as if they named it with (token-flows.md C1). */
function withScheme(provider: OidcProvider, call: ProviderFetch): ProviderFetch {
  return async (url, init) => {
    const response = await call(url, init);
    const read = () => response.clone().json() as Promise<unknown>;
    const metadata = response.ok ? await read().catch(() => undefined) : undefined;
    const { issuer } = (metadata ?? {}) as { issuer?: unknown };
    if (typeof issuer !== 'string' || /^https?:/.test(issuer) || !isOwn(provider, issuer)) return response;
    return Response.json({ ...(metadata as object), issuer: provider.issuer.href.replace(/\/$/, '') });
  };
}

/** Entra's shared endpoints where openid-client knows that a tenant stands for a part of the issuer. */
const publicShared = new URL('https://login.microsoftonline.com/common/v2.0');

/** Metadata that openid-client refused because it names another issuer than the one that was asked. */
function otherName(cause: unknown): oidc.ServerMetadata | undefined {
  const { cause: found } = (cause ?? {}) as { cause?: { attribute?: unknown; body?: unknown } };
  return found?.attribute === 'issuer' ? (found.body as oidc.ServerMetadata) : undefined;
}

/**
 * Whether metadata is of the issuer that was configured, though it spells the name otherwise: with or without a slash at
 * the end, which makes no other address of the metadata (Discovery 4.1), or with a placeholder for the tenant in one of
 * Entra's clouds.
 */
function isSameIssuer(configured: URL, named: string): boolean {
  const bare = (text: string) => text.replace(/\/$/, '');
  const shared = configured.href.replace(/\/(?:common|organizations|consumers)\/v2\.0\/?$/, '/{tenantid}/v2.0');
  return bare(named) === bare(configured.href) || (shared !== configured.href && named === shared);
}

function ofAnotherIssuer(cause?: unknown): AppError {
  return new AppError({
    code: 'ERR_LOGIN_FAILED',
    status: 502,
    detail: "The identity provider's metadata is that of another issuer than the one configured.",
    hint: 'Compare OIDC_ISSUER with "issuer" in the metadata, character by character.',
    cause,
  });
}

/** Calls as before, but the metadata of one issuer is what we have read already. */
function servedAt(issuer: URL, metadata: oidc.ServerMetadata, call: ProviderFetch): ProviderFetch {
  const address = `${issuer.href}/.well-known/openid-configuration`;
  return async (url, init) => (String(url) === address ? Response.json(metadata) : call(url, init));
}
