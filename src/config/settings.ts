import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import { destinationVariables } from './destination-variables.ts';
import type { Environment } from './environment.ts';
import { pluginSchema } from './plugins.ts';
import { choice, flag, json, number, pattern, spelling, text, type Variable, word } from './variable.ts';
import {
  compressionSchema,
  corsEntrySchema,
  expression,
  freeHeaderName,
  headerValue,
  outgoingRequestOptionsSchema,
} from './xs-app/xs-app-schema.ts';

const originEntry = z.strictObject({
  host: z.string().min(1),
  protocol: z.string().optional(),
  port: z.union([z.string(), z.number()]).optional(),
});
const cookies = z.strictObject({
  SameSite: z.enum(['None', 'Lax', 'Strict']).optional(),
  Partitioned: z
    .strictObject({ supportedPartitionAgents: expression, unsupportedPartitionAgents: expression })
    .optional(),
});
const httpHeaders = z.array(z.record(freeHeaderName, headerValue));

/** Every variable that has an effect: name, default, meaning (xs-app.md section 4, design section 3). */
export const variables = {
  port: number('PORT', 5000, { min: 0, max: 65535, whole: true }, 'Port to listen on.'),
  bindAddress: text('XS_BIND_ADDRESS', undefined, 'Address to listen on; default: all.'),
  logLevel: spelling(
    'XS_APP_LOG_LEVEL',
    'info',
    {
      error: ['fatal'],
      warn: ['warning'],
      info: [],
      debug: ['path', 'verbose'],
      trace: ['all', 'silly'],
      silent: ['off', 'none'],
    },
    'error, warn, info, debug, trace or silent; in any case, and as other loggers spell them (warning, fatal, off …).',
  ),
  requestTrace: flag('REQUEST_TRACE', false, 'true: one log line a request, as PORTUNUS_ACCESS_LOG.'),
  accessLog: flag('PORTUNUS_ACCESS_LOG', false, 'true: one log line a request (docs/observability.md).'),
  auditLog: flag('PORTUNUS_AUDIT_LOG', true, 'false: no log lines of logins, logouts, refusals, failed renewals.'),
  auditClear: flag('PORTUNUS_AUDIT_CLEAR', false, 'true: audit lines name user and address in full.'),
  adminPort: number(
    'PORTUNUS_ADMIN_PORT',
    undefined,
    { min: 0, max: 65535, whole: true },
    'Port for metrics and health, apart from everybody else; default: none.',
  ),
  adminAddress: text(
    'PORTUNUS_ADMIN_ADDRESS',
    '127.0.0.1',
    'Address of that port; another one only where the network keeps strangers out.',
  ),
  inspector: choice(
    'PORTUNUS_INSPECTOR',
    'off',
    ['off', 'on'],
    'on: /-/inspector shows the way of each request, to whoever is at this machine (docs/inspector.md); only with XS_BIND_ADDRESS on loopback.',
  ),
  reload: choice(
    'PORTUNUS_RELOAD',
    'watch',
    ['watch', 'signal', 'off'],
    'When changed configuration is taken over: when files change or on SIGHUP (watch), on SIGHUP only (signal), never (off).',
  ),
  shutdownDelay: number(
    'PORTUNUS_SHUTDOWN_DELAY',
    0,
    { min: 0 },
    'Seconds after SIGTERM in which new requests are still served, not ready already: until the platform sends no more.',
  ),
  shutdownGrace: number(
    'PORTUNUS_SHUTDOWN_GRACE',
    10,
    { min: 0 },
    'Seconds that requests in flight have to finish after that.',
  ),
  trustedProxies: text(
    'PORTUNUS_TRUSTED_PROXIES',
    undefined,
    'Peers that may speak for the client: cloudfoundry (default where VCAP_APPLICATION is set), kyma, a CIDR list, or none.',
  ),
  sessionTimeout: number(
    'SESSION_TIMEOUT',
    undefined,
    { min: 0, above: true },
    'Minutes of inactivity; overrides sessionTimeout.',
  ),
  jwtRefresh: number(
    'JWT_REFRESH',
    5,
    { min: 0 },
    "Minutes before its end that the user's token is renewed; 0: never.",
  ),
  // RFC 6265 4.1.1: a cookie's name is a token.
  sessionCookieName: word('SESSION_COOKIE_NAME', 'JSESSIONID', /^[\w!#$%&'*+.^`|~-]+$/, 'Name of the session cookie.'),
  sessionSecret: text(
    'SESSION_SECRET',
    undefined,
    'Key material for cookies: logins under way outlive a restart with it, and sessions where they are kept in Redis.',
  ),
  previousSessionSecrets: text(
    'SESSION_SECRET_PREVIOUS',
    '',
    'Earlier SESSION_SECRETs, separated by blanks or commas: still read, no longer written.',
  ),
  sessionMaxAge: number(
    'SESSION_MAX_AGE',
    1440,
    { min: 0, above: true },
    'Minutes after which a session ends, used or not.',
  ),
  secureSessionCookie: flag(
    'SECURE_SESSION_COOKIE',
    undefined,
    'Forces the Secure attribute on or off; default: by the scheme.',
  ),
  cookies: json('COOKIES', {}, cookies, 'SameSite and Partitioned of session and login cookies.'),
  bearerPaths: json(
    'PORTUNUS_BEARER_PATHS',
    [],
    z.array(expression),
    'JSON array of regular expressions: on these paths `Authorization: Bearer` stands for a login, for programs that call.',
  ),
  embeddedIn: text(
    'PORTUNUS_EMBEDDED_IN',
    '',
    'Origins whose pages embed us in frames, separated by blanks or commas: cookies become SameSite=None, Secure and Partitioned, and only these may frame us.',
  ),
  csrfHeader: word(
    'PORTUNUS_CSRF_HEADER',
    '',
    /^[\w!#$%&'*+.^`|~-]+$/,
    'Name of a header that may stand for the CSRF token, e.g. x-requested-by: no other site can add it to a request.',
  ),
  httpHeaders: json('httpHeaders', [], httpHeaders, 'Headers added to answers.'),
  sendXFrameOptions: flag('SEND_XFRAMEOPTIONS', true, 'false: no default X-Frame-Options.'),
  cors: json('CORS', undefined, z.array(corsEntrySchema), 'CORS rules; those of xs-app.json win as a whole.'),
  compression: json('COMPRESSION', undefined, compressionSchema, 'Overrides compression of xs-app.json.'),
  wsAllowedOrigins: json(
    'WS_ALLOWED_ORIGINS',
    undefined,
    z.array(originEntry),
    'Origins that may open WebSockets; default: our own.',
  ),
  handleWebSocketExt: choice(
    'HANDLE_WEBSOCKET_EXT',
    'false',
    ['false', 'true', 'async'],
    'true: upgrades pass the slots firstWS and beforeRequestHandlerWS of own start scripts; async: and handlers are awaited; false: the slots of any request.',
  ),
  framingAllowlist: json(
    'CJ_PROTECT_WHITELIST',
    undefined,
    z.array(originEntry),
    'Origins that may frame us, for the allowlist service.',
  ),
  ...destinationVariables,
  plugins: json('plugins', [], z.array(pluginSchema), 'Routes added without touching xs-app.json.'),
  destinationHostPattern: pattern(
    'DESTINATION_HOST_PATTERN',
    'Its group, matched on the host, is the destination of routes with *.',
  ),
  dynamicIdentityProvider: flag(
    'DYNAMIC_IDENTITY_PROVIDER',
    false,
    'Query parameter sap_idp chooses the identity provider, for all routes.',
  ),
  sapIdpAllowlist: text(
    'PORTUNUS_SAP_IDP_ALLOWLIST',
    '',
    'Values that sap_idp may have, separated by blanks or commas; others are ignored.',
  ),
  iasPrivateKey: text(
    'IAS_PRIVATE_KEY',
    undefined,
    'PEM: private key of an IAS binding whose certificate was provided to it (X509_PROVIDED), and so has none.',
  ),
  loginChooser: json(
    'PORTUNUS_LOGIN_CHOOSER',
    {} as Readonly<Record<string, string>>,
    z.record(z.string(), z.string().min(1).max(100)),
    'JSON object, name of a provider → title: among these people choose on routes that name no provider; any of them lets them in.',
  ),
  providerOfHost: json(
    'PORTUNUS_PROVIDER_OF_HOST',
    {} as Readonly<Record<string, string>>,
    z.record(z.string(), z.string().min(1)),
    'JSON object, host or *.domain → name of a provider: there its logins alone count, on routes that name no provider.',
  ),
  preserveFragment: flag(
    'PRESERVE_FRAGMENT',
    true,
    'false: the login begins with a plain redirect and the fragment is lost.',
  ),
  stateCache: number('STATE_CACHE', 600, { min: 0, above: true }, 'Seconds that a begun login stays valid.'),
  returnErrorSource: flag('RETURN_ERROR_SOURCE', false, 'Header x-error-source: gateway on our own errors.'),
  incomingRequestTimeout: number(
    'INCOMING_REQUEST_TIMEOUT',
    300_000,
    { min: 0, whole: true },
    'Milliseconds to receive a request, then 408; 0: off.',
  ),
  incomingConnectionTimeout: number(
    'INCOMING_CONNECTION_TIMEOUT',
    120_000,
    { min: 0, whole: true },
    'Milliseconds an idle client connection lives; 0: off.',
  ),
  serverKeepAlive: number(
    'SERVER_KEEP_ALIVE',
    65_000,
    { min: 0, whole: true },
    'Milliseconds a client connection is kept between requests.',
  ),
  http2: flag('HTTP2_SUPPORT', false, 'true: HTTP/2 is served on the same port, without TLS, by prior knowledge.'),
  backendMaxSockets: number('BACKEND_MAX_SOCKETS', 100, { min: 1, whole: true }, 'Connections per backend.'),
  backendQueue: number(
    'PORTUNUS_BACKEND_QUEUE',
    1_000,
    { min: 0, whole: true },
    'Requests that may wait for a connection to a backend; further ones get 503 (docs/resilience.md).',
  ),
  breakerFailures: number(
    'PORTUNUS_BREAKER_FAILURES',
    10,
    { min: 0, whole: true },
    'Failures to reach a destination in a row after which it is given a pause and requests to it get 503; 0: never.',
  ),
  breakerPause: number('PORTUNUS_BREAKER_PAUSE', 5, { min: 0, above: true }, 'Seconds of that pause.'),
  outgoingRequestOptions: json(
    'OUTGOING_REQUEST_OPTIONS',
    {},
    outgoingRequestOptionsSchema,
    'Limits of own calls by service.',
  ),
  disableConnectionReuse: flag('DISABLE_CONNECTION_REUSE', false, 'A new connection to the backend for each request.'),
  requireAuthForUnknownRoutes: flag(
    'REQUIRE_AUTH_FOR_UNKNOWN_ROUTES',
    false,
    'Login before the 404 of an unknown path.',
  ),
  mergeCspHeaders: flag(
    'MERGE_CSP_HEADERS',
    false,
    "Our and the backend's Content-Security-Policy; else the backend's replaces ours.",
  ),
  extendedLoginCsp: flag('EXTENDED_LOGIN_CSP', false, 'A wider policy on login pages.'),
  omitLoginCsp: flag('OMIT_LOGIN_CSP', false, 'Login pages without a policy.'),
  clockTolerance: number(
    'PORTUNUS_CLOCK_TOLERANCE',
    60,
    { min: 0, max: 600 },
    "Seconds by which the times in a caller's token may miss the clock here (docs/resilience.md).",
  ),
  minimumTokenValidity: number(
    'MINIMUM_TOKEN_VALIDITY',
    undefined,
    { min: 0, above: true },
    'Seconds that a token from the provider must live.',
  ),
  caCertPath: text(
    'XS_CACERT_PATH',
    undefined,
    'Files with CA certificates trusted besides the well-known ones, separated as PATH is.',
  ),
  destinationServiceClientId: text(
    'DESTINATION_SERVICE_CLIENT_ID',
    undefined,
    'Client that may call the embedded Destination service; default: generated and kept.',
  ),
  destinationServiceClientSecret: text(
    'DESTINATION_SERVICE_CLIENT_SECRET',
    undefined,
    'Its secret; default: generated and kept.',
  ),
  backendCookiesSecret: text(
    'BACKEND_COOKIES_SECRET',
    undefined,
    "Key material for the cookie ARBE, in which callers without session keep backends' cookies; default: SESSION_SECRET.",
  ),
  storeCallerCookies: flag(
    'STORE_SESSION_COOKIES_IN_EXTERNAL_SESSION_STORE',
    false,
    "Backends' cookies of a caller stay in the session that it runs; the cookie ARBE is not returned.",
  ),
  externalSessionSecret: text(
    'SVC2AR_EXTERNAL_SESSION_ID_SECRET',
    undefined,
    'Key of the signatures of x-approuter-ext-session-id; without it no caller can run a session.',
  ),
  externalSessionSecretAlternative: text(
    'SVC2AR_EXTERNAL_SESSION_ID_SECRET_ALT',
    undefined,
    'A second one, for a change of keys.',
  ),
  callerCsrf: flag(
    'SVC2AR_STORE_CSRF_IN_EXTERNAL_SESSION',
    false,
    'CSRF protection for callers that run a session, too.',
  ),
  vcapApplication: text('VCAP_APPLICATION', undefined, 'Set by Cloud Foundry.'),
} as const satisfies Record<string, Variable<unknown>>;

export type Settings = {
  readonly [K in keyof typeof variables]: (typeof variables)[K] extends Variable<infer T> ? T : never;
};

/** Reads every variable of the table; a value that does not fit is a problem under the variable's name. */
export function readSettings(environment: Environment, problems: Problems): Settings {
  const settings: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries(variables))
    settings[key] = readVariable(variable, environment, problems);
  return Object.freeze(settings) as Settings;
}

function readVariable<T>(variable: Variable<T>, environment: Environment, problems: Problems): T {
  const value = environment.get(variable.name);
  if (value === undefined) return variable.fallback;
  const parsed = variable.parse(value);
  if ('value' in parsed) {
    if (parsed.warning !== undefined) problems.warn(variable.name, '', parsed.warning);
    return parsed.value;
  }
  if ('problem' in parsed) problems.add(variable.name, '', parsed.problem);
  else for (const { path, message, rule } of parsed.problems) problems.add(variable.name, path, message, rule);
  return variable.fallback;
}
