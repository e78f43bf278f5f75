import { type AnswerHeaders, answerHeaders } from './accept/answer-headers.ts';
import { type Cors, createCors } from './accept/cors.ts';
import { readEmbeddingOrigins } from './accept/embedding-origins.ts';
import { originTest } from './accept/origins.ts';
import { type TrustedPeers, trustedPeers } from './accept/trusted-peers.ts';
import type { UpgradeRules } from './authorization/admit-upgrade.ts';
import type { Config } from './config/config.ts';
import { environmentProxy } from './config/forward-proxy.ts';
import type { IdentityProvider } from './config/identity-provider.ts';
import { readErrorPages } from './config/read-error-pages.ts';
import type { Destinations } from './destinations/read-destinations.ts';
import type { AnswerError } from './errors/answer-error.ts';
import { createAnswerError } from './errors/answer-error.ts';
import type { Problems } from './errors/config-error.ts';
import { createExtensions, type Extensions, tell } from './extensions.ts';
import { type Compress, createCompress } from './forwarding/compress.ts';
import { createForward, type Forward } from './forwarding/forward.ts';
import { createLogOutBackends, type LogOutBackends } from './forwarding/log-out-backends.ts';
import { createPools } from './forwarding/pools.ts';
import { createEndByLogoutToken, type EndByLogoutToken } from './login/end-by-logout-token.ts';
import { createHandOvers, type HandOvers } from './login/hand-over.ts';
import { createLogins, type Logins } from './login/logins.ts';
import { openRelyingParty } from './login/open-relying-party.ts';
import { ownCookiePrefix } from './login/pending-login.ts';
import type { RelyingParty } from './login/relying-party.ts';
import { createRenewLogin, type RenewLogin } from './login/renew-login.ts';
import { createVerifyCallerToken, type VerifyCallerToken } from './login/verify-caller-token.ts';
import type { Log } from './observe/log.ts';
import { checkDestinations } from './routing/check-destinations.ts';
import { compileRoutes } from './routing/compile-route.ts';
import { logoutCalls } from './routing/logout-calls.ts';
import { checkProviders, providerChooser } from './routing/provider-of.ts';
import type { Route } from './routing/route.ts';
import { connectRedis } from './session/connect-redis.ts';
import { type CookieAttributes, cookieAttributes } from './session/cookie-attributes.ts';
import { deriveKeys } from './session/keys.ts';
import { MemoryStore } from './session/memory-store.ts';
import { RedisStore } from './session/redis-store.ts';
import type { SessionStore } from './session/session-store.ts';
import { createSessions, type Sessions } from './session/sessions.ts';
import { createTokens, type Tokens } from './tokens/obtain-credential.ts';

/** The composed house: each stage with what it needs, and nothing it does not. */
export interface House {
  readonly config: Config;
  readonly log: Log;
  readonly trusts: TrustedPeers;
  readonly answerHeaders: AnswerHeaders;
  readonly cors: Cors;
  readonly routes: readonly Route[];
  readonly loginIsOn: boolean;
  readonly upgradeRules: UpgradeRules;
  readonly cookieAttributes: CookieAttributes;
  readonly sessions: Sessions;
  readonly parties: ReadonlyMap<string, { readonly provider: IdentityProvider; readonly party: RelyingParty }>;
  readonly defaultProvider: string | undefined;
  readonly logins: Logins;
  readonly preserveFragment: boolean;
  /** Where other sites embed us: which, and how a frame gets the session of its login window. */
  readonly embedding: { readonly origins: readonly string[]; readonly handOvers: HandOvers } | undefined;
  readonly renewLogin: RenewLogin;
  readonly destinations: Destinations;
  readonly tokens: Tokens;
  readonly forward: Forward;
  readonly compress: Compress;
  readonly logOutBackends: LogOutBackends;
  readonly verifyCallerToken: VerifyCallerToken;
  readonly endByLogoutToken: EndByLogoutToken;
  readonly isOwnCookie: (name: string) => boolean;
  readonly answerError: AnswerError;
  readonly extensions: Extensions;
  /** The one thing that changes: set when the process was asked to stop. */
  readonly state: { draining: boolean };
  close(): Promise<void>;
}

/**
 * The composition root, the one place that wires.
 * @throws ConfigError with everything that is wrong, that of `problems` included
 */
export function buildHouse(
  config: Config,
  log: Log,
  problems: Problems,
  extensions: Extensions = createExtensions(),
): House {
  const { settings, xsApp, providers, destinations } = config;
  const trusts = trustedPeers(settings.trustedProxies, settings.vcapApplication !== undefined, problems);
  const loginIsOn = xsApp.authenticationMethod !== 'none';
  const entries = xsApp.routes ?? [];
  const providerOf = providerChooser(providers, loginIsOn);
  for (const [file, list] of [
    ['xs-app.json/routes', entries],
    ['plugins', settings.plugins],
  ] as const) {
    if (providers.length > 0 || !config.providersConfigured)
      checkProviders(file, list, loginIsOn, providerOf, problems);
    checkDestinations(file, list, destinations, settings.destinationHostPattern !== undefined, problems);
  }
  const proxyOf = (url: URL) => environmentProxy(url, config.environment.get);
  for (const provider of providers) {
    const proxy = proxyOf(provider.kind === 'xsuaa' ? provider.url : provider.issuer);
    if (typeof proxy === 'string') problems.add(`identity provider ${provider.name}`, '', proxy);
  }
  const pages = readErrorPages(xsApp.errorPage ?? [], config.workingDirectory);
  const xsuaa = providers.find((provider) => provider.kind === 'xsuaa');
  const routes = compileRoutes(entries, settings.plugins, {
    ...config,
    problems,
    xsappname: xsuaa?.xsappname,
    hostPattern: settings.destinationHostPattern,
    dynamicIdentityProvider: settings.dynamicIdentityProvider,
    providerOf,
  });
  const calls = logoutCalls(xsApp.destinations ?? {}, destinations, problems);
  const embeddingOrigins = readEmbeddingOrigins(settings, problems);
  problems.throwIfAny();

  const keys = deriveKeys(secretsOf(config));
  const embedded = embeddingOrigins.length > 0;
  const attributes = cookieAttributes({ ...settings, embedded });
  const pools = createPools(settings.backendMaxSockets, !settings.disableConnectionReuse);
  const tokens = createTokens({ find: destinations.get });
  const logOutBackends = createLogOutBackends({
    calls,
    pools,
    tenantId: xsuaa?.zone,
    obtain: tokens.obtain,
    warn: log.warning,
  });
  const idleTime = (settings.sessionTimeout ?? xsApp.sessionTimeout ?? 15) * 60_000;
  const longestLife = settings.sessionMaxAge * 60_000;
  const store: SessionStore =
    config.externalSessions === undefined
      ? new MemoryStore(idleTime, longestLife, (session, id) => {
          if (session.login) tell(extensions, 'logout', id, log.warning);
          void logOutBackends(session, undefined);
        })
      : new RedisStore({
          redis: connectRedis(config.externalSessions.redis, () =>
            log.warning('the session store is out of reach: 503 until it is back'),
          ),
          keys: keys.sessionData,
          idleTime,
          longestLife,
        });
  const sessions = createSessions({
    cookieName: settings.sessionCookieName,
    secrets: keys.sessionCookie,
    store,
    attributes,
  });
  const isOwnCookie = (name: string) => name === settings.sessionCookieName || name.startsWith(ownCookiePrefix);
  const timeouts = ownCallTimeouts(config);
  const parties = new Map(
    providers.map(
      (provider) => [provider.name, { provider, party: openRelyingParty(provider, timeouts, proxyOf) }] as const,
    ),
  );
  const answerError = createAnswerError({ pages, tellSource: settings.returnErrorSource, log });
  const compress = createCompress({ ...xsApp.compression, ...settings.compression });
  return {
    config,
    log,
    trusts,
    answerHeaders: answerHeaders({ ...settings, frameAncestors: embeddingOrigins }, xsApp.responseHeaders ?? []),
    cors: createCors(xsApp.cors ?? settings.cors ?? []),
    routes,
    loginIsOn,
    upgradeRules: {
      enabled: xsApp.websockets?.enabled ?? false,
      allowedOrigin: settings.wsAllowedOrigins && originTest(settings.wsAllowedOrigins),
    },
    cookieAttributes: attributes,
    sessions,
    parties,
    defaultProvider: providers[0]?.name,
    logins: createLogins({
      parties,
      keys: keys.pendingLogin,
      callbackPath: xsApp.login?.callbackEndpoint ?? '/login/callback',
      validity: settings.stateCache,
    }),
    preserveFragment: settings.preserveFragment,
    embedding: embedded ? { origins: embeddingOrigins, handOvers: createHandOvers(keys.handOver) } : undefined,
    renewLogin: createRenewLogin({
      sessions,
      partyOf: (name) => parties.get(name)?.party,
      onReplaced: tokens.forget,
      minutesBefore: settings.jwtRefresh,
    }),
    destinations,
    tokens,
    forward: createForward({
      pools,
      isOwnCookie,
      tenantId: xsuaa?.zone,
      answerError,
      compress,
      mergeCsp: settings.mergeCspHeaders || embedded, // or a backend's policy would let anybody frame us
    }),
    compress,
    logOutBackends,
    verifyCallerToken: createVerifyCallerToken(parties),
    endByLogoutToken: createEndByLogoutToken(parties, store),
    isOwnCookie,
    answerError,
    extensions,
    state: { draining: false },
    async close() {
      await store.close();
      await pools.close();
    },
  };
}

/** Milliseconds that calls to the providers may take (`outgoingRequestOptions`); 0 means the longest there is, five minutes. */
function ownCallTimeouts({ settings, xsApp }: Config) {
  const options = { ...xsApp.outgoingRequestOptions, ...settings.outgoingRequestOptions };
  const limit = (service: string, fallback: number) => options[service]?.timeout ?? fallback;
  return { xsuaa: limit('xsuaa', 10_000) || 300_000, identity: limit('identity', 30_000) || 300_000 };
}

/** SESSION_SECRET, else the one of EXT_SESSION_MGT; then the earlier ones, which still open what they sealed. */
function secretsOf({ settings, externalSessions }: Config): readonly string[] {
  const current = settings.sessionSecret ?? externalSessions?.secret;
  return current === undefined ? [] : [current, ...settings.previousSessionSecrets.split(/[\s,]+/).filter(Boolean)];
}
