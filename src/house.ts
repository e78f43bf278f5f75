import { type AnswerHeaders, answerHeaders } from './accept/answer-headers.ts';
import { type Cors, createCors } from './accept/cors.ts';
import { originTest } from './accept/origins.ts';
import { type TrustedPeers, trustedPeers } from './accept/trusted-peers.ts';
import type { UpgradeRules } from './authorization/admit-upgrade.ts';
import type { Config } from './config/config.ts';
import type { IdentityProvider } from './config/identity-provider.ts';
import { readErrorPages } from './config/read-error-pages.ts';
import type { Destinations } from './destinations/read-destinations.ts';
import type { AnswerError } from './errors/answer-error.ts';
import { createAnswerError } from './errors/answer-error.ts';
import type { Problems } from './errors/config-error.ts';
import { type Compress, createCompress } from './forwarding/compress.ts';
import { createForward, type Forward } from './forwarding/forward.ts';
import { createPools } from './forwarding/pools.ts';
import { createLogins, type Logins } from './login/logins.ts';
import { oidcRelyingParty } from './login/oidc-relying-party.ts';
import { ownCookiePrefix } from './login/pending-login.ts';
import type { RelyingParty } from './login/relying-party.ts';
import { createRenewLogin, type RenewLogin } from './login/renew-login.ts';
import { xsuaaRelyingParty } from './login/xsuaa-relying-party.ts';
import type { Log } from './observe/log.ts';
import { checkDestinations } from './routing/check-destinations.ts';
import { compileRoutes } from './routing/compile-route.ts';
import { providerChooser } from './routing/provider-of.ts';
import type { Route } from './routing/route.ts';
import { type CookieAttributes, cookieAttributes } from './session/cookie-attributes.ts';
import { deriveKeys } from './session/keys.ts';
import { MemoryStore } from './session/memory-store.ts';
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
  readonly renewLogin: RenewLogin;
  readonly destinations: Destinations;
  readonly tokens: Tokens;
  readonly forward: Forward;
  readonly compress: Compress;
  readonly isOwnCookie: (name: string) => boolean;
  readonly answerError: AnswerError;
  /** The one thing that changes: set when the process was asked to stop. */
  readonly state: { draining: boolean };
  close(): Promise<void>;
}

/**
 * The composition root, the one place that wires.
 * @throws ConfigError with everything that is wrong, that of `problems` included
 */
export function buildHouse(config: Config, log: Log, problems: Problems): House {
  const { settings, xsApp, providers, destinations } = config;
  const trusts = trustedPeers(settings.trustedProxies, settings.vcapApplication !== undefined, problems);
  const loginIsOn = xsApp.authenticationMethod !== 'none';
  const providerOf = providerChooser(providers, loginIsOn, xsApp.routes ?? [], problems);
  checkDestinations(xsApp.routes ?? [], destinations, problems);
  const pages = readErrorPages(xsApp.errorPage ?? [], config.workingDirectory);
  problems.throwIfAny();

  const xsuaa = providers.find((provider) => provider.kind === 'xsuaa');
  const keys = deriveKeys(settings.sessionSecret);
  const attributes = cookieAttributes(settings);
  const store = new MemoryStore((settings.sessionTimeout ?? xsApp.sessionTimeout ?? 15) * 60_000);
  const sessions = createSessions({
    cookieName: settings.sessionCookieName,
    secret: keys.sessionCookie,
    store,
    attributes,
  });
  const isOwnCookie = (name: string) => name === settings.sessionCookieName || name.startsWith(ownCookiePrefix);
  const parties = new Map(
    providers.map((provider) => [provider.name, { provider, party: relyingPartyOf(provider) }] as const),
  );
  const answerError = createAnswerError({ pages, tellSource: settings.returnErrorSource, log });
  const compress = createCompress({ ...xsApp.compression, ...settings.compression });
  const pools = createPools(settings.backendMaxSockets);
  return {
    config,
    log,
    trusts,
    answerHeaders: answerHeaders(settings, xsApp.responseHeaders ?? []),
    cors: createCors(xsApp.cors ?? settings.cors ?? []),
    routes: compileRoutes(xsApp.routes ?? [], {
      workingDirectory: config.workingDirectory,
      xsappname: xsuaa?.xsappname,
      hostPattern: settings.destinationHostPattern,
      providerOf,
    }),
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
      key: keys.pendingLogin,
      callbackPath: xsApp.login?.callbackEndpoint ?? '/login/callback',
      validity: settings.stateCache,
    }),
    preserveFragment: settings.preserveFragment,
    renewLogin: createRenewLogin({
      sessions,
      partyOf: (name) => parties.get(name)?.party,
      minutesBefore: settings.jwtRefresh,
    }),
    destinations,
    tokens: createTokens(),
    forward: createForward({ pools, isOwnCookie, tenantId: xsuaa?.zone, answerError, compress }),
    compress,
    isOwnCookie,
    answerError,
    state: { draining: false },
    async close() {
      store.close();
      await pools.close();
    },
  };
}

function relyingPartyOf(provider: IdentityProvider): RelyingParty {
  return provider.kind === 'xsuaa' ? xsuaaRelyingParty(provider) : oidcRelyingParty(provider);
}
