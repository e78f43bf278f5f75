import type { Environment } from './environment.ts';

/**
 * Variables of the approuter that change nothing here, with the reason (xs-app.md section 4). They are accepted; one line
 * at start names those that are set.
 */
export const ineffectiveVariables: Readonly<Record<string, string>> = {
  CACHE_SERVICE_CREDENTIALS: 'credentials are read once',
  CF_NODEJS_LOGGING_LEVEL: 'XS_APP_LOG_LEVEL sets the log level',
  CLIENT_CERTIFICATE_HEADER_NAME: 'multitenancy is not supported',
  COOKIE_BACKWARD_COMPATIBILITY: 'there is one way to write cookies',
  DELETE_STALE_COOKIES: 'a login leaves no stale cookies',
  DIRECT_ROUTING_URI_PATTERNS: 'the HTML5 application repository is not supported',
  DISABLE_HTML5_REPO_KEEP_ALIVE: 'the HTML5 application repository is not supported',
  ENABLE_CONNECTIVITY_TOKEN_EXCHANGE_WS: 'on-premise destinations are not supported',
  ENABLE_FORWARD_CORPORATE_IDP_TOKEN: 'use a destination with a token exchange',
  ENABLE_FRAME_ANCESTORS_CSP_HEADERS: 'set Content-Security-Policy by responseHeaders',
  ENABLE_LAZY_HTML5_TOKEN_EXCHANGE: 'the HTML5 application repository is not supported',
  ENABLE_PERMANENT_AUTHTYPE: 'the authentication type never changes by itself',
  ENABLE_X_FORWARDED_HOST_VALIDATION: 'hosts are always checked',
  EXTERNAL_REVERSE_PROXY:
    'it says where tenants are read from, and multitenancy is not supported; PORTUNUS_TRUSTED_PROXIES says who may speak for the client',
  FRAME_ANCESTORS_CSP_HEADER_CACHE_TIME: 'set Content-Security-Policy by responseHeaders',
  INCLUDE_NONCE_ATTR: 'scripts of login pages always carry a nonce',
  LOGOUT_WITH_TOKEN_HINT: 'the id_token_hint is always sent',
  OWN_SAP_CLOUD_SERVICE: 'the HTML5 application repository is not supported',
  PKCE_ENABLED: 'PKCE is always on',
  PLATFORM_COOKIE_NAME: 'no sticky routing is needed',
  REMOVE_CLASHING_BACKEND_SESSION_COOKIE: 'clashing cookies are always kept here',
  RETURN_LEP_APPLICATIONS: 'the HTML5 application repository is not supported',
  SAAS_APPROUTER_EXCLUDED_PATH: 'multitenancy is not supported',
  SERVICE_2_APPROUTER: 'tracing headers always pass',
  SKIP_CLIENT_CREDENTIALS_TOKENS_LOAD: 'no tokens are loaded at start',
  SKIP_SERVICE2APPROUTER_APPTID_CHECK: 'tokens of callers are always checked',
  STATE_PARAMETER_SECRET: 'the state parameter is always on; SESSION_SECRET is the key',
  SVC2AR_DIRECT_EXT_SESSION_ID_USAGE: 'unsigned session ids are refused',
  SVC2AR_EXTERNAL_SESSION_COOKIE_ENABLED: 'no sticky routing is needed',
  TENANT_HOST_PATTERN: 'multitenancy is not supported',
  USE_HTML5_APP_XS_APPJSON_IN_LOGIN_CALLBACK: 'the HTML5 application repository is not supported',
  ZONE_INFO_CACHE_TTL: 'multitenancy is not supported',
  ZONE_INFO_MAX_CACHE_TTL: 'multitenancy is not supported',
};

/** The line for those that are set, or undefined. */
export function tellIneffective(environment: Environment): string | undefined {
  const set = Object.entries(ineffectiveVariables).filter(([name]) => environment.get(name) !== undefined);
  if (set.length === 0) return undefined;
  return `set, but without effect: ${set.map(([name, reason]) => `${name} (${reason})`).join(', ')}`;
}
