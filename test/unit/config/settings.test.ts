import { describe, expect, test } from 'vitest';
import { readSettings, type Settings, variables } from '../../../src/config/settings.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';

function read(environment: Record<string, string>): { settings: Settings; problems: readonly string[] } {
  const problems = new Problems();
  const settings = readSettings({ get: (name) => environment[name] }, problems);
  return { settings, problems: problemLines(problems) };
}

const origins = '[{"host":"app.example","protocol":"https","port":443}]';

/** Setting, its variable, its default, a good value and what it becomes, and bad ones (xs-app.md section 4). */
const table: [keyof Settings, string, unknown, string, unknown, string[]][] = [
  ['port', 'PORT', 5000, '8080', 8080, ['-1', '65536', 'x', '80.5']],
  ['bindAddress', 'XS_BIND_ADDRESS', undefined, '127.0.0.1', '127.0.0.1', []],
  ['logLevel', 'XS_APP_LOG_LEVEL', 'info', 'debug', 'debug', []],
  ['trustedProxies', 'PORTUNUS_TRUSTED_PROXIES', undefined, 'kyma', 'kyma', []],
  ['sessionTimeout', 'SESSION_TIMEOUT', undefined, '30', 30, ['0', '-1', 'x', '15 minutes']],
  ['sessionTimeout', 'SESSION_TIMEOUT', undefined, '0.1', 0.1, ['NaN']],
  ['jwtRefresh', 'JWT_REFRESH', 5, '0', 0, ['-1', 'x']],
  ['jwtRefresh', 'JWT_REFRESH', 5, '0.5', 0.5, []],
  [
    'sessionCookieName',
    'SESSION_COOKIE_NAME',
    'JSESSIONID',
    'harbour',
    'harbour',
    ['a b', 'a;b', 'a=b', 'ä', 'a,b', 'a"b'],
  ],
  ['sessionSecret', 'SESSION_SECRET', undefined, 'x', 'x', []],
  ['previousSessionSecrets', 'SESSION_SECRET_PREVIOUS', '', 'a b', 'a b', []],
  ['sessionMaxAge', 'SESSION_MAX_AGE', 1440, '60', 60, ['0', '-1', 'x']],
  ['secureSessionCookie', 'SECURE_SESSION_COOKIE', undefined, 'true', true, ['yes', '1']],
  [
    'cookies',
    'COOKIES',
    {},
    '{"SameSite":"Strict"}',
    { SameSite: 'Strict' },
    ['{"SameSite":"strict"}', '{"samesite":"Lax"}', '[]', 'x'],
  ],
  [
    'cookies',
    'COOKIES',
    {},
    '{"Partitioned":{"supportedPartitionAgents":"(.*)","unsupportedPartitionAgents":"x"}}',
    { Partitioned: { supportedPartitionAgents: '(.*)', unsupportedPartitionAgents: 'x' } },
    [
      '{"Partitioned":{"supportedPartitionAgents":"(.*)"}}',
      '{"Partitioned":{"supportedPartitionAgents":"(","unsupportedPartitionAgents":"x"}}',
      '{"Partitioned":{"supportedPartitionAgents":"x","unsupportedPartitionAgents":"("}}',
    ],
  ],
  [
    'httpHeaders',
    'httpHeaders',
    [],
    '[{"X-Frame-Options":"DENY"}]',
    [{ 'X-Frame-Options': 'DENY' }],
    [
      '[{"Authorization":"x"}]',
      '[{"cookie":"x"}]',
      '[{"SET-COOKIE":"x"}]',
      '{"a":"b"}',
      '[{"a":1}]',
      '[{"a b":"x"}]',
      '[{"a":"x\\ny"}]',
    ],
  ],
  ['sendXFrameOptions', 'SEND_XFRAMEOPTIONS', true, 'false', false, ['no']],
  [
    'cors',
    'CORS',
    undefined,
    '[{"uriPattern":"^/","allowedOrigin":[{"host":"a"}]}]',
    [{ uriPattern: '^/', allowedOrigin: [{ host: 'a' }] }],
    ['[{"uriPattern":"("}]', '[{"uriPattern":"^/"}]', '[{"uriPattern":"^/","allowedOrigin":[]}]', '{}', 'x'],
  ],
  [
    'compression',
    'COMPRESSION',
    undefined,
    '{"enabled":false}',
    { enabled: false },
    ['{"enabled":"no"}', '{"min":1}', '{"minSize":-1}'],
  ],
  [
    'wsAllowedOrigins',
    'WS_ALLOWED_ORIGINS',
    undefined,
    origins,
    JSON.parse(origins),
    ['{}', '["app.example"]', '[{"hostname":"a"}]'],
  ],
  ['framingAllowlist', 'CJ_PROTECT_WHITELIST', undefined, origins, JSON.parse(origins), ['x', '[{}]']],
  [
    'plugins',
    'plugins',
    [],
    '[{"name":"c","source":"^/c","destination":"b"}]',
    [{ name: 'c', source: '^/c', destination: 'b' }],
    ['[{"source":"^/c","destination":"b"}]', '[{"name":"c","source":"^/c","localDir":"x"}]', '{}'],
  ],
  ['destinationHostPattern', 'DESTINATION_HOST_PATTERN', undefined, '^(a)$', /^(a)$/, ['^a$', '(']],
  ['dynamicIdentityProvider', 'DYNAMIC_IDENTITY_PROVIDER', false, 'true', true, ['x']],
  ['preserveFragment', 'PRESERVE_FRAGMENT', true, 'false', false, ['x']],
  ['returnErrorSource', 'RETURN_ERROR_SOURCE', false, 'true', true, ['x']],
  ['incomingRequestTimeout', 'INCOMING_REQUEST_TIMEOUT', 300_000, '0', 0, ['-1', 'x', '1.5', '2147483648']],
  ['incomingConnectionTimeout', 'INCOMING_CONNECTION_TIMEOUT', 120_000, '0', 0, ['-1', 'x', '1.5', '2147483648']],
  ['serverKeepAlive', 'SERVER_KEEP_ALIVE', 65_000, '1', 1, ['-1', 'x', '1.5', '2147483648']],
  ['backendMaxSockets', 'BACKEND_MAX_SOCKETS', 100, '1', 1, ['0', '-1', '1.5', 'x']],
  [
    'outgoingRequestOptions',
    'OUTGOING_REQUEST_OPTIONS',
    {},
    '{"xsuaa":{"timeout":1}}',
    { xsuaa: { timeout: 1 } },
    ['{"xsuaa":1}', '{"xsuaa":{"timeout":-1}}', '[]'],
  ],
  ['disableConnectionReuse', 'DISABLE_CONNECTION_REUSE', false, 'true', true, ['x']],
  ['requireAuthForUnknownRoutes', 'REQUIRE_AUTH_FOR_UNKNOWN_ROUTES', false, 'true', true, ['x']],
  ['mergeCspHeaders', 'MERGE_CSP_HEADERS', false, 'true', true, ['x']],
  ['extendedLoginCsp', 'EXTENDED_LOGIN_CSP', false, 'true', true, ['x']],
  ['omitLoginCsp', 'OMIT_LOGIN_CSP', false, 'true', true, ['x']],
  ['minimumTokenValidity', 'MINIMUM_TOKEN_VALIDITY', undefined, '60', 60, ['0', '-1', 'x']],
  ['vcapApplication', 'VCAP_APPLICATION', undefined, '{}', '{}', []],
];

describe('every variable has its default, takes what is good and refuses what is not', () => {
  test.each(table)('%s: %s', (setting, name, fallback, good, parsed, bad) => {
    expect(read({}).settings[setting]).toEqual(fallback);
    expect(read({ [name]: good })).toMatchObject({ problems: [] });
    expect(read({ [name]: good }).settings[setting]).toEqual(parsed);
    // What is wrong with a bad value is told under the variable's name, and nothing else is.
    const told = bad.filter((value) => {
      const { problems } = read({ [name]: value });
      return problems.length > 0 && problems.every((line) => /^[:/]/.test(line.replace(name, '')));
    });
    expect(told).toEqual(bad);
  });

  test('the time that a begun login stays valid is a number of seconds above 0', () => {
    expect(read({ STATE_CACHE: '60' }).settings.stateCache).toBe(60);
    expect(read({ STATE_CACHE: '0' }).problems).toHaveLength(1);
  });
});

describe('the log level', () => {
  test.each([
    ['DEBUG', 'debug'],
    [' warn ', 'warn'],
    ['warning', 'warn'],
    ['Fatal', 'error'],
    ['off', 'silent'],
    ['all', 'trace'],
  ])('%s is %s', (value, level) => {
    expect(read({ XS_APP_LOG_LEVEL: value })).toMatchObject({ settings: { logLevel: level }, problems: [] });
  });

  test('one that nobody knows is doubtful, and no reason not to start', () => {
    const problems = new Problems();
    const { logLevel } = readSettings({ get: (name) => (name === 'XS_APP_LOG_LEVEL' ? 'loud' : undefined) }, problems);
    expect(logLevel).toBe('info');
    expect(problems.list).toEqual([]);
    expect(problems.warnings).toMatchObject([{ file: 'XS_APP_LOG_LEVEL', message: expect.stringContaining('debug') }]);
  });
});

describe('all of them together', () => {
  test('every wrong one is told, not only the first', () => {
    const { problems } = read({ PORT: 'x', JWT_REFRESH: 'x', COOKIES: 'x', CORS: '{}' });
    expect(problems.map((line) => line.split(':', 1)[0]).sort()).toEqual(['COOKIES', 'CORS', 'JWT_REFRESH', 'PORT']);
  });

  test('of a JSON variable every fault is told, each with its place', () => {
    const plugins = '[{"name":"a","source":"("},{"name":"b","source":"^/b","destinaton":"x"},5]';
    expect(read({ plugins, httpHeaders: '[{"a":1},{"Cookie":"x"}]' }).problems.toSorted()).toEqual([
      'httpHeaders/0/a: must be a string',
      'httpHeaders/1/Cookie: authorization, cookie and set-cookie must not be set',
      'plugins/0/destination: is missing; it must be a string',
      'plugins/1/destination: is missing; it must be a string',
      'plugins/1/destinaton: unknown property; did you mean "destination"?',
      'plugins/2: must be an object',
    ]);
  });

  test('no variable is in the table twice', () => {
    const names = Object.values(variables).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test('each says what it is for', () => {
    for (const { name, doc } of Object.values(variables)) expect.soft(doc, name).toMatch(/\.$/);
  });

  test('settings cannot be changed', () => {
    expect(Object.isFrozen(read({}).settings)).toBe(true);
  });

  test('a secret with a fault around it is not printed', () => {
    const { problems } = read({ OUTGOING_REQUEST_OPTIONS: '{"a": s3cr3t-v4lue}', COOKIES: '{"SameSite": "s3cr3t"}' });
    expect(problems.join()).not.toMatch(/s3cr3t/);
  });
});
