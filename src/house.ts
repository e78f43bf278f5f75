import type { IncomingMessage } from 'node:http';
import { type AnswerHeaders, answerHeaders } from './accept/answer-headers.ts';
import { type Cors, createCors } from './accept/cors.ts';
import { auditOrigin } from './accept/follow.ts';
import { originTest } from './accept/origins.ts';
import type { TrustedPeers } from './accept/trusted-peers.ts';
import type { UpgradeRules } from './authorization/admit-upgrade.ts';
import { anonymous } from './authorization/principal.ts';
import { bindService } from './bind-service.ts';
import { compileConfig } from './compile-config.ts';
import type { Config } from './config/config.ts';
import { ownCallTimeouts } from './config/own-call-timeouts.ts';
import { ownCertificates } from './config/own-certificates.ts';
import { secretsOf } from './config/secrets-of.ts';
import { createDirectory, type Directory } from './destinations/directory.ts';
import type { AnswerError } from './errors/answer-error.ts';
import { createAnswerError } from './errors/answer-error.ts';
import { auditRefusal } from './errors/audit-refusal.ts';
import type { Problems } from './errors/config-error.ts';
import { createExtensions, type Extensions, tell, tellUncalled } from './extensions.ts';
import { createCircuits } from './forwarding/circuits.ts';
import { type Compress, createCompress } from './forwarding/compress.ts';
import { createCrowd } from './forwarding/crowd.ts';
import { createForward, type Forward } from './forwarding/forward.ts';
import { createLogOutBackends } from './forwarding/log-out-backends.ts';
import { createPools } from './forwarding/pools.ts';
import { createEndByLogoutToken, type EndByLogoutToken } from './login/end-by-logout-token.ts';
import { createEndLogin, type EndLogin } from './login/end-login.ts';
import { createHandOvers, type HandOvers } from './login/hand-over.ts';
import { keepParties, type Parties } from './login/keep-parties.ts';
import { createLogins, type Logins } from './login/logins.ts';
import { observedParty } from './login/observed-party.ts';
import { openRelyingParty } from './login/open-relying-party.ts';
import { createPreparation, type Preparation } from './login/prepare-providers.ts';
import { createRenewLogin, type RenewLogin } from './login/renew-login.ts';
import { createTellRedirectUri } from './login/tell-redirect-uris.ts';
import { createVerifyCaller, type VerifyCaller } from './login/verify-caller.ts';
import { type AuditEvent, auditedUser } from './observe/audit-event.ts';
import type { Gauged } from './observe/count-metrics.ts';
import type { Log } from './observe/log.ts';
import { type Observer, unobserved } from './observe/observer.ts';
import { forwardWithHandlers } from './own-script/forward-with-handlers.ts';
import type { RulesOf } from './routing/provider-of-host.ts';
import type { Route } from './routing/route.ts';
import { wishable } from './routing/sap-idp.ts';
import { type CallerCookies, createCallerCookies } from './session/caller-cookies.ts';
import { type CookieAttributes, cookieAttributes } from './session/cookie-attributes.ts';
import { deriveKeys, type Keys } from './session/keys.ts';
import { createLiveStreams, type LiveStreams } from './session/live-streams.ts';
import { observedSessions } from './session/observed-sessions.ts';
import { type OpenStore, openSessionStore } from './session/open-session-store.ts';
import type { SessionListener } from './session/session-store.ts';
import { sessionTimes } from './session/session-times.ts';
import { createSessions, type Sessions } from './session/sessions.ts';
import { sweepInterval } from './session/sweep-interval.ts';
import { cacheCapacity } from './tokens/cache-capacity.ts';
import { observedRequestToken } from './tokens/observed-request-token.ts';
import { observedTokens } from './tokens/observed-tokens.ts';
import { createTokens, type Tokens } from './tokens/obtain-credential.ts';
import { requestToken } from './tokens/request-token.ts';
import { createTokenCache, type TokenCache } from './tokens/token-cache.ts';

/** The composed house: each stage with what it needs, and nothing it does not. */
export interface House {
  readonly config: Config;
  readonly log: Log;
  /** Where everything is reported. */
  readonly observer: Observer;
  /** Reports what auditors ask for. @param request the one it happened with */
  readonly audit: (audit: AuditEvent, request?: IncomingMessage, route?: string) => void;
  readonly trusts: TrustedPeers;
  readonly answerHeaders: AnswerHeaders;
  readonly cors: Cors;
  readonly routes: readonly Route[];
  /** What counts on a host; undefined: the same on all (PORTUNUS_PROVIDER_OF_HOST). */
  readonly rulesOf: RulesOf | undefined;
  readonly loginIsOn: boolean;
  readonly upgradeRules: UpgradeRules;
  readonly cookieAttributes: CookieAttributes;
  readonly sessions: Sessions;
  /** Milliseconds after which a session that is not used ends. */
  readonly idleTime: number;
  readonly parties: Parties;
  /** Where people log in on a host, when nothing else says where; undefined: there is no provider. */
  readonly defaultProvider: (host: string) => string | undefined;
  /** Providers among which people choose, with their titles; none: nobody does (PORTUNUS_LOGIN_CHOOSER). */
  readonly choice: readonly { readonly name: string; readonly title: string }[];
  /** Whether a name may be wished as identity provider behind one of ours: by a route, or PORTUNUS_SAP_IDP_ALLOWLIST. */
  readonly mayWish: (identityProvider: string) => boolean;
  readonly logins: Logins;
  readonly preserveFragment: boolean;
  /** Where other sites embed us: which, and how a frame gets the session of its login window. */
  readonly embedding: { readonly origins: readonly string[]; readonly handOvers: HandOvers } | undefined;
  readonly renewLogin: RenewLogin;
  readonly destinations: Directory;
  readonly tokens: Tokens;
  readonly forward: Forward;
  readonly compress: Compress;
  readonly liveStreams: LiveStreams;
  readonly endLogin: EndLogin;
  readonly verifyCaller: VerifyCaller;
  /** Whether `Authorization: Bearer` stands for a login on a path (PORTUNUS_BEARER_PATHS). */
  readonly takesBearer: (path: string) => boolean;
  readonly callerCookies: CallerCookies;
  readonly endByLogoutToken: EndByLogoutToken;
  /** Whether no backend sees a cookie of the browser's. */
  readonly hidesCookie: (name: string) => boolean;
  readonly answerError: AnswerError;
  readonly extensions: Extensions;
  /** What is measured by looking at it. */
  readonly gauged: Gauged;
  /** The one thing that changes: set when the process was asked to stop. */
  readonly state: { draining: boolean };
  /** Whether this instance wants requests: `ready`, or why not. */
  readonly readiness: () => 'ready' | 'draining' | 'no session store' | 'asking the identity provider';
  /** What identity providers are asked ahead of the first login. */
  readonly preparation: Preparation;
  /** What the next house goes on with, when the configuration is replaced. */
  readonly kept: Kept;
  /** Ends what was opened here. @param successor goes on with what was kept */
  close(successor?: House): Promise<void>;
}

/** What outlives a configuration: nobody is logged out, and no token asked for again, because a file has changed. */
export interface Kept {
  readonly keys: Keys;
  /** The keys were made of no secret, and nobody can make them again. */
  readonly lasting: boolean;
  readonly opened: OpenStore;
  readonly cache: TokenCache;
  readonly parties: Parties;
  /** Store and streams outlive the house; what they ask and tell goes to the one that serves now. */
  readonly present: PresentSessions;
  readonly liveStreams: LiveStreams;
}

interface PresentSessions extends SessionListener {
  /** Whether a session still stands for a logged-in user. */
  stands(id: string): Promise<boolean>;
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
  observer: Observer = unobserved,
  earlier?: Kept,
): House {
  const { settings, xsApp, providers, destinations } = config;
  const compiled = compileConfig(config, problems);
  const { trusts, loginIsOn, routes, choosable, rulesOf, embeddingOrigins, proxyOf, pages } = compiled;
  const { isOwnCookie, hidesCookie } = compiled;
  const xsuaa = providers.find((provider) => provider.kind === 'xsuaa');
  const uncalled = tellUncalled(extensions, settings.handleWebSocketExt);
  if (uncalled) problems.warn('HANDLE_WEBSOCKET_EXT', '', uncalled);
  problems.throwIfAny();

  const audit: House['audit'] = (event, request, route) =>
    observer.tell({ kind: 'audit', audit: event, origin: request && auditOrigin(request, route) });
  const secrets = secretsOf(config);
  // Keys that last as long as the process last longer than a configuration.
  const keys = secrets.length === 0 && earlier?.lasting ? earlier.keys : deriveKeys(secrets);
  const cache = earlier?.cache ?? createTokenCache({ capacity: cacheCapacity(), now: Date.now });
  const embedded = embeddingOrigins.length > 0;
  const attributes = cookieAttributes({ ...settings, embedded });
  const pools = createPools(settings.backendMaxSockets, !settings.disableConnectionReuse);
  const circuits = createCircuits({
    failures: settings.breakerFailures,
    pause: settings.breakerPause * 1000,
    onChange: (name, state) => log.warning(`destination "${name}" ${pauseTold[state]}`),
  });
  const directory: Directory = createDirectory(
    destinations,
    bindService(config, {
      pools,
      tokens: () => tokens,
      timeout: ownCallTimeouts(config).destination,
      login: async () => providers,
      warn: log.warning,
    }),
  );
  const tokens: Tokens = observedTokens(
    createTokens({ find: directory.related, requestToken: observedRequestToken(requestToken), cache }),
  );
  const logOutBackends = createLogOutBackends({
    calls: compiled.logoutCalls,
    pools,
    tenantId: xsuaa?.zone,
    find: (name, user) => directory.find(name, { principal: user ?? anonymous, preferLocal: false }),
    obtain: tokens.obtain,
    warn: log.warning,
  });
  const { idleTime, longestLife } = sessionTimes(settings, xsApp);
  const present: PresentSessions = earlier?.present ?? { ended() {}, expired() {}, stands: async () => true };
  const opened = openSessionStore(
    {
      external: config.externalSessions,
      keys: keys.sessionData,
      idleTime,
      longestLife,
      listener: {
        ended: (id, tokenHash) => present.ended(id, tokenHash),
        expired: (session) => present.expired(session),
      },
      onLost: () => log.warning('the session store is out of reach: 503 until it is back'),
    },
    earlier?.opened,
  );
  const { store } = opened;
  const sessions = observedSessions(
    createSessions({
      cookieName: settings.sessionCookieName,
      secrets: keys.sessionCookie,
      store,
      attributes,
    }),
  );
  const timeouts = ownCallTimeouts(config);
  const parties = keepParties(
    providers,
    earlier?.parties,
    (provider) => [
      timeouts,
      settings.clockTolerance,
      proxyOf(provider.kind === 'xsuaa' ? provider.url : provider.issuer),
    ],
    (provider) => observedParty(provider.name, openRelyingParty(provider, timeouts, proxyOf, settings.clockTolerance)),
  );
  const partyNamed = (name: string) => parties.get(name)?.party;
  const renewLogin = createRenewLogin({
    sessions,
    partyOf: partyNamed,
    onReplaced: tokens.forget,
    onRenewed: (provider) => observer.tell({ kind: 'renewed', provider }),
    onFailed: ({ user }, code) => audit({ event: 'renewal-failed', user: auditedUser(user), reason: code }),
    onOrphaned: (provider) =>
      log.warning(`the refresh token of a login that has ended could not be revoked at "${provider}"`),
    minutesBefore: settings.jwtRefresh,
  });
  const liveStreams =
    earlier?.liveStreams ??
    createLiveStreams({
      stands: (id) => present.stands(id),
      interval: sweepInterval(Math.min(idleTime, longestLife)),
      patience: idleTime,
    });
  const endLogin = createEndLogin({
    partyOf: partyNamed,
    logOutBackends,
    forget: tokens.forget,
    tell({ id, data }, reason) {
      tell(extensions, 'logout', id, log.warning);
      if (reason === 'timeout' && data.login)
        audit({ event: 'logout', user: auditedUser(data.login.user), by: 'expiry' });
    },
    warn: log.warning,
  });
  Object.assign(present, {
    ended(id, tokenHash) {
      liveStreams.end(id);
      sessions.forget(id);
      forget(id);
      if (tokenHash !== undefined) tokens.forget(tokenHash);
    },
    expired: (session) => void endLogin(session, 'timeout', undefined),
    async stands(id) {
      const data = await sessions.reread(id);
      return (await renewLogin(data && { id, data }))?.data.login !== undefined;
    },
  } satisfies PresentSessions);
  const answerError = createAnswerError({
    pages,
    tellSource: settings.returnErrorSource,
    log,
    audit(error, request) {
      const event = auditRefusal(error, request);
      if (event) audit(event, request);
    },
  });
  const state = { draining: false };
  const preparation = createPreparation(parties, log.warning);
  const compress = createCompress({ ...xsApp.compression, ...settings.compression });
  const crowd = createCrowd(settings.backendMaxSockets, settings.backendQueue);
  const { forward, forget } = createForward({
    pools,
    crowd,
    circuits,
    isOwnCookie,
    tenantId: xsuaa?.zone,
    answerError,
    compress,
    mergeCsp: settings.mergeCspHeaders || embedded, // or a backend's policy would let anybody frame us
  });
  return {
    config,
    log,
    observer,
    audit,
    trusts,
    answerHeaders: answerHeaders({ ...settings, frameAncestors: embeddingOrigins }, xsApp.responseHeaders ?? []),
    cors: createCors(xsApp.cors ?? settings.cors ?? []),
    routes,
    rulesOf,
    loginIsOn,
    upgradeRules: {
      enabled: xsApp.websockets?.enabled ?? false,
      allowedOrigin: settings.wsAllowedOrigins && originTest(settings.wsAllowedOrigins),
    },
    cookieAttributes: attributes,
    sessions,
    idleTime,
    parties,
    defaultProvider: (host) => rulesOf?.(host).provider ?? providers[0]?.name,
    choice: choosable.map((name) => ({ name, title: settings.loginChooser[name] ?? name })),
    mayWish: wishable(settings.sapIdpAllowlist, routes),
    logins: createLogins({
      parties,
      keys: keys.pendingLogin,
      callbackPath: xsApp.login?.callbackEndpoint ?? '/login/callback',
      validity: settings.stateCache,
      onBegun: createTellRedirectUri(log.notice),
    }),
    preserveFragment: settings.preserveFragment,
    embedding: embedded
      ? { origins: embeddingOrigins, handOvers: createHandOvers(keys.handOver, sessions.firstUse) }
      : undefined,
    renewLogin,
    liveStreams,
    endLogin,
    destinations: directory,
    tokens,
    forward: extensions.own
      ? forwardWithHandlers(forward, { ...extensions.own, compress, warn: log.warning })
      : forward,
    compress,
    verifyCaller: createVerifyCaller(parties),
    takesBearer: anyOf(settings.bearerPaths),
    callerCookies: createCallerCookies(
      settings.backendCookiesSecret === undefined
        ? keys.callerCookies
        : deriveKeys([settings.backendCookiesSecret]).callerCookies,
    ),
    endByLogoutToken: createEndByLogoutToken(parties, sessions),
    hidesCookie,
    answerError,
    extensions,
    gauged: {
      pools: () => pools.use((pool) => crowd.seatsOf(pool).waiting),
      certificates: once(() => ownCertificates(ownersIn(config))),
      paused: circuits.paused,
      held: () => ({
        portunus_sessions: store.size,
        portunus_tokens_kept: cache.size,
        portunus_live_sessions: liveStreams.size,
      }),
    },
    state,
    readiness() {
      if (state.draining) return 'draining';
      if (!sessions.isReady()) return 'no session store';
      return preparation.isDone() ? 'ready' : 'asking the identity provider';
    },
    preparation,
    kept: { keys, lasting: secrets.length === 0, opened, cache, parties, present, liveStreams },
    async close(successor) {
      if (successor === undefined) liveStreams.close();
      if (successor?.kept.opened !== opened) await store.close();
      await pools.close();
    },
  };
}

const pauseTold = {
  paused: 'cannot be reached and is given a pause: 503 until it answers again',
  reached: 'answers again',
} as const;

/** Everything that may hold a certificate of ours, by name. */
function ownersIn({ destinations, providers }: Config): [name: string, parsed: unknown][] {
  const named = destinations.names.map((name): [string, unknown] => [name, destinations.get(name)]);
  return [...named, ...providers.map((provider): [string, unknown] => [provider.name, provider])];
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const expressions = patterns.map((pattern) => new RegExp(pattern));
  return (text) => expressions.some((expression) => expression.test(text));
}
