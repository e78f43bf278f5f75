import { symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RouterSetup, refusalsOf } from './support/open-router.ts';
import { runRouter } from './support/run-router.ts';

/** xs-app.md 1.2: when the start must be refused; each refusal names file and path, and is the only one. */

const backend = { name: 'b', url: 'http://127.0.0.1:9' };
const files = { 'web/a.html': 'a', 'web/b.txt': 'b' };
const ok = { source: '^/x', destination: 'b' };

/** One route, changed; undefined takes a property away. */
const route = (change: object): RouterSetup => ({
  xsApp: { authenticationMethod: 'none', routes: [{ ...ok, ...change }] },
});
const local = (change: object) => route({ destination: undefined, localDir: 'web', ...change });
const top = (change: object): RouterSetup => ({ xsApp: { authenticationMethod: 'none', routes: [ok], ...change } });
const variables = (env: Readonly<Record<string, unknown>>): RouterSetup => ({ ...top({}), env });
const entry = (change: object) => variables({ destinations: [{ ...backend, ...change }] });

async function refusals(setup: RouterSetup): Promise<readonly string[]> {
  return refusalsOf({ ...setup, env: { destinations: [backend], ...setup.env }, files: { ...files, ...setup.files } });
}

it('starts when nothing is wrong', async () => {
  expect(await refusals(top({}))).toEqual([]);
});

describe('a start is refused for', () => {
  it.each<[what: string, setup: RouterSetup, line: RegExp]>([
    ['a missing xs-app.json', {}, /^xs-app\.json: is missing/],
    ['text that is no JSON', { xsApp: '{"routes": [' }, /^xs-app\.json: is not valid JSON/],
    ['a file that is no object', { xsApp: '[]' }, /^xs-app\.json: must be an object/],
    ['an unknown top-level property', top({ welcomefile: '/a' }), /^xs-app\.json\/welcomefile: .*"welcomeFile"/],
    [
      'an unknown route property',
      route({ httpMethod: ['GET'] }),
      /^xs-app\.json\/routes\/0\/httpMethod: .*"httpMethods"/,
    ],
    [
      'an unknown property of source',
      route({ source: { path: '^/x', matchcase: true } }),
      /routes\/0\/source\/matchcase: .*"matchCase"/,
    ],
    [
      'an unknown property of logout',
      top({ logout: { logoutEndpoint: '/o', logoutpage: '/' } }),
      /logout\/logoutpage: .*"logoutPage"/,
    ],
    ['an unknown property of websockets', top({ websockets: { enable: true } }), /websockets\/(enable|enabled): /],
    ['a route without source', route({ source: undefined }), /^xs-app\.json\/routes\/0\/source: /],
    [
      'a source that is no expression',
      route({ source: '^/(x' }),
      /^xs-app\.json\/routes\/0\/source: is not a valid reg/,
    ],
    [
      'a source.path that is no expression',
      route({ source: { path: '[' } }),
      /^xs-app\.json\/routes\/0\/source(\/path)?: is not a valid reg/,
    ],
    [
      'destination and localDir',
      route({ localDir: 'web' }),
      /^xs-app\.json\/routes\/0: has "destination" and "localDir"/,
    ],
    [
      'destination and service',
      route({ service: 'sap-approuter-userapi' }),
      /^xs-app\.json\/routes\/0: has "destination" and "service"/,
    ],
    [
      'localDir and service',
      local({ service: 'sap-approuter-userapi' }),
      /^xs-app\.json\/routes\/0: has "localDir" and "service"/,
    ],
    ['no target at all', route({ destination: undefined }), /^xs-app\.json\/routes\/0: leads nowhere/],
    [
      'an unknown destination',
      route({ destination: 'c' }),
      /^xs-app\.json\/routes\/0\/destination: there is no destination "c"/,
    ],
    ['localDir with timeout', local({ timeout: 1000 }), /^xs-app\.json\/routes\/0\/timeout: .*only with "destination"/],
    [
      'a service of the router with timeout',
      route({ destination: undefined, service: 'sap-approuter-userapi', timeout: 1000 }),
      /^xs-app\.json\/routes\/0\/timeout: .*only with "destination"/,
    ],
    ['localDir with httpMethods', local({ httpMethods: ['GET'] }), /^xs-app\.json\/routes\/0\/httpMethods: /],
    ['a localDir that is a file', local({ localDir: 'web/a.html' }), /^xs-app\.json\/routes\/0\/localDir: .*is a file/],
    ['a missing localDir', local({ localDir: 'wep' }), /^xs-app\.json\/routes\/0\/localDir: there is no folder/],
    [
      'a localDir above the working directory',
      local({ localDir: '../..' }),
      /^xs-app\.json\/routes\/0\/localDir: .*outside/,
    ],
    ['an absolute localDir', local({ localDir: '/etc' }), /^xs-app\.json\/routes\/0\/localDir: .*outside/],
    [
      'a localDir that is a link out',
      { ...local({ localDir: 'out' }), prepare: (home) => symlinkSync(tmpdir(), path.join(home, 'out')) },
      /^xs-app\.json\/routes\/0\/localDir: .*outside/,
    ],
    [
      'a method in lower case',
      route({ httpMethods: ['get'] }),
      /^xs-app\.json\/routes\/0\/httpMethods\/0: must be one of/,
    ],
    [
      'a method outside the eight',
      route({ httpMethods: ['MERGE'] }),
      /^xs-app\.json\/routes\/0\/httpMethods\/0: must be one of/,
    ],
    [
      'an unknown authenticationType',
      route({ authenticationType: 'XSUAA' }),
      /^xs-app\.json\/routes\/0\/authenticationType: must be one of/,
    ],
    [
      'replace without localDir',
      route({ replace: { pathSuffixes: ['.html'] } }),
      /^xs-app\.json\/routes\/0\/replace: /,
    ],
    [
      'replace by a service that is not bound',
      local({ replace: { pathSuffixes: ['.html'], services: { maps: { tag: 'maps' } } } }),
      /^xs-app\.json\/routes\/0\/replace\/services\/maps: no bound service/,
    ],
    [
      'one name in vars and services',
      {
        ...local({ replace: { pathSuffixes: ['.html'], vars: ['maps'], services: { maps: { tag: 'maps' } } } }),
        env: { maps: 'x', VCAP_SERVICES: { maps: [{ name: 'maps', tags: ['maps'], credentials: { key: 'k' } }] } },
      },
      /^xs-app\.json\/routes\/0\/replace\/services\/maps: is a name in "vars" too/,
    ],
    ['an endpoint without service', route({ endpoint: 'api' }), /^xs-app\.json\/routes\/0\/endpoint: /],
    [
      'a business service',
      route({ destination: undefined, service: 'com.example.x' }),
      /^xs-app\.json\/routes\/0\/service: .*not supported/,
    ],
    [
      'the HTML5 repository',
      route({ destination: undefined, service: 'html5-apps-repo-rt' }),
      /^xs-app\.json\/routes\/0\/service: .*not supported/,
    ],
    ['business services', top({ services: { x: { logoutPath: '/o' } } }), /^xs-app\.json\/services: .*not supported/],
    ['a scope by a method that does not exist', route({ scope: { get: 'a' } }), /^xs-app\.json\/routes\/0\/scope/],
    [
      'an error page that is no file',
      top({ errorPage: [{ status: 404, file: 'web/none.html' }] }),
      /^xs-app\.json\/errorPage\/0\/file: there is no file/,
    ],
    [
      'an error page that is a folder',
      top({ errorPage: [{ status: 404, file: 'web' }] }),
      /^xs-app\.json\/errorPage\/0\/file: .*is a folder/,
    ],
    [
      'an error page outside',
      top({ errorPage: [{ status: 404, file: '../x.html' }] }),
      /^xs-app\.json\/errorPage\/0\/file: .*outside/,
    ],
    [
      'an error page for a success',
      top({ errorPage: [{ status: 200, file: 'web/a.html' }] }),
      /^xs-app\.json\/errorPage\/0\/status: /,
    ],
    [
      'responseHeaders cookie',
      top({ responseHeaders: [{ name: 'Cookie', value: 'a' }] }),
      /^xs-app\.json\/responseHeaders\/0\/name: /,
    ],
    [
      'responseHeaders set-cookie',
      top({ responseHeaders: [{ name: 'SET-COOKIE', value: 'a' }] }),
      /^xs-app\.json\/responseHeaders\/0\/name: /,
    ],
    [
      'responseHeaders authorization',
      top({ responseHeaders: [{ name: 'authorization', value: 'a' }] }),
      /^xs-app\.json\/responseHeaders\/0\/name: /,
    ],
    [
      'a header value with a line break',
      top({ responseHeaders: [{ name: 'x-a', value: 'a\r\nb: c' }] }),
      /^xs-app\.json\/responseHeaders\/0\/value: /,
    ],
    ['httpHeaders set-cookie', variables({ httpHeaders: [{ 'Set-Cookie': 'a=1' }] }), /^httpHeaders\/0\/\S+: /],
    ['httpHeaders cookie', variables({ httpHeaders: [{ cookie: 'a=1' }] }), /^httpHeaders\/0\/\S+: /],
    ['httpHeaders authorization', variables({ httpHeaders: [{ Authorization: 'a' }] }), /^httpHeaders\/0\/\S+: /],
    ['destinations that are no JSON', variables({ destinations: '[' }), /^destinations: is not valid JSON/],
    [
      'destinations that are no array',
      variables({ destinations: { b: backend } }),
      /^destinations: must be a JSON array/,
    ],
    [
      'a destination without name',
      variables({ destinations: [backend, { url: 'http://x.example' }] }),
      /^destinations\/1\/name: is missing/,
    ],
    [
      'a destination without url',
      variables({ destinations: [backend, { name: 'c' }] }),
      /^destinations\/1\/url: is missing/,
    ],
    ['two destinations of one name', variables({ destinations: [backend, backend] }), /^destinations\/1: .*unique/],
    ['a url that is none', entry({ url: 'harbour' }), /^destinations\/0\/url: must be an absolute URL/],
    ['a url with a query', entry({ url: 'http://x.example/?a=1' }), /^destinations\/0\/url: must not have a query/],
    ['a url with a user', entry({ url: 'http://u:p@x.example' }), /^destinations\/0\/url: must not hold a user/],
    ['proxyHost without proxyPort', entry({ proxyHost: 'p.example' }), /^destinations\/0\/proxyPort: /],
    ['proxyPort without proxyHost', entry({ proxyPort: '8080' }), /^destinations\/0\/proxyHost: /],
    ['OnPremise', entry({ proxyType: 'OnPremise' }), /^destinations\/0\/proxyType: /],
    ['a timeout of 0', entry({ timeout: 0 }), /^destinations\/0\/timeout: /],
    ['a timeout that is text', entry({ timeout: 'soon' }), /^destinations\/0\/timeout: /],
    ['HTML5.Timeout below 0', entry({ 'HTML5.Timeout': '-1' }), /^destinations\/0\/HTML5\.Timeout: /],
    [
      'forwardAuthCertificates, not supported',
      entry({ forwardAuthCertificates: true }),
      /^destinations\/0\/forwardAuthCertificates: /,
    ],
    ['an IAS dependency, not supported', entry({ IASDependencyName: 'x' }), /^destinations\/0\/IASDependencyName: /],
    ['SESSION_TIMEOUT that is text', variables({ SESSION_TIMEOUT: 'soon' }), /^SESSION_TIMEOUT: /],
    ['SESSION_TIMEOUT 0', variables({ SESSION_TIMEOUT: '0' }), /^SESSION_TIMEOUT: /],
    ['SESSION_TIMEOUT below 0', variables({ SESSION_TIMEOUT: '-5' }), /^SESSION_TIMEOUT: /],
    ['sessionTimeout 0', top({ sessionTimeout: 0 }), /^xs-app\.json\/sessionTimeout: /],
    ['COMPRESSION of the wrong shape', variables({ COMPRESSION: { minSize: 'big' } }), /^COMPRESSION\/minSize: /],
    ['COMPRESSION that is no JSON', variables({ COMPRESSION: '{' }), /^COMPRESSION: is not valid JSON/],
    ['CORS of the wrong shape', variables({ CORS: [{ uriPattern: '.*' }] }), /^CORS\/0\/allowedOrigin: /],
    ['COOKIES of the wrong shape', variables({ COOKIES: { SameSite: 'Loose' } }), /^COOKIES\/SameSite: /],
    [
      'Partitioned with one expression of two',
      variables({ COOKIES: { Partitioned: { supportedPartitionAgents: '.*' } } }),
      /^COOKIES\/Partitioned\/unsupportedPartitionAgents: /,
    ],
    [
      'WS_ALLOWED_ORIGINS of the wrong shape',
      variables({ WS_ALLOWED_ORIGINS: ['https://a.example'] }),
      /^WS_ALLOWED_ORIGINS\/0: /,
    ],
    [
      'CJ_PROTECT_WHITELIST of the wrong shape',
      variables({ CJ_PROTECT_WHITELIST: [{}] }),
      /^CJ_PROTECT_WHITELIST\/0\/host: /,
    ],
    [
      'OUTGOING_REQUEST_OPTIONS of the wrong shape',
      variables({ OUTGOING_REQUEST_OPTIONS: { xsuaa: 5 } }),
      /^OUTGOING_REQUEST_OPTIONS\/xsuaa: /,
    ],
    ['plugins that are no array', variables({ plugins: {} }), /^plugins: /],
    ['a plugin without name', variables({ plugins: [{ source: '^/p', destination: 'b' }] }), /^plugins\/0\/name: /],
    [
      'a plugin with localDir',
      variables({ plugins: [{ name: 'p', source: '^/p', localDir: 'web' }] }),
      /^plugins\/0\/localDir: /,
    ],
    [
      'a plugin whose source is no expression',
      variables({ plugins: [{ name: 'p', source: '(', destination: 'b' }] }),
      /^plugins/,
    ],
    [
      'a plugin to an unknown destination',
      variables({ plugins: [{ name: 'p', source: '^/p', destination: 'c' }] }),
      /^plugins\/0\/destination: /,
    ],
    [
      'DESTINATION_HOST_PATTERN without a group',
      variables({ DESTINATION_HOST_PATTERN: '^a$' }),
      /^DESTINATION_HOST_PATTERN: needs a group/,
    ],
    [
      'DESTINATION_HOST_PATTERN that is no expression',
      variables({ DESTINATION_HOST_PATTERN: '(' }),
      /^DESTINATION_HOST_PATTERN: /,
    ],
    [
      'a flag that is neither true nor false',
      variables({ SEND_XFRAMEOPTIONS: 'no' }),
      /^SEND_XFRAMEOPTIONS: must be true or false/,
    ],
    ['VCAP_SERVICES that is no JSON', variables({ VCAP_SERVICES: '{' }), /^VCAP_SERVICES: is not valid JSON/],
    ['UAA_SERVICE_NAME that names nothing', variables({ UAA_SERVICE_NAME: 'x' }), /^UAA_SERVICE_NAME: /],
    [
      'NODE_TLS_REJECT_UNAUTHORIZED=0',
      variables({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }),
      /^NODE_TLS_REJECT_UNAUTHORIZED: /,
    ],
    [
      'logout.csrfProtection with GET',
      top({ logout: { logoutEndpoint: '/o', csrfProtection: true } }),
      /^xs-app\.json\/logout\/csrfProtection: /,
    ],
    ['logout without endpoint', top({ logout: { logoutPage: '/bye' } }), /^xs-app\.json\/logout\/logoutEndpoint: /],
    [
      'two logouts at one path',
      top({ logout: { logoutEndpoint: '/o', backChannelLogoutEndpoint: '/o' } }),
      /^xs-app\.json\/logout\/backChannelLogoutEndpoint: must differ/,
    ],
    [
      'a CORS pattern that is no expression',
      top({ cors: [{ uriPattern: '(', allowedOrigin: [{ host: 'a' }] }] }),
      /^xs-app\.json\/cors\/0\/uriPattern: /,
    ],
    [
      'default-env.json that is no JSON',
      { ...top({}), files: { 'default-env.json': '{' } },
      /^default-env\.json: is not valid JSON/,
    ],
    [
      'a login that nobody can give',
      { xsApp: { routes: [ok] } },
      /^xs-app\.json\/routes\/0: needs a login, but no identity provider/,
    ],
    [
      'a login of a type that nobody can give',
      { xsApp: { routes: [{ ...ok, authenticationType: 'ias' }] } },
      /^xs-app\.json\/routes\/0\/authenticationType: needs a login, but no provider of type "ias"/,
    ],
  ])('%s', async (_, setup, line) => {
    const lines = await refusals(setup);
    expect(lines.find((told) => line.test(told)) ?? lines.join()).toMatch(line);
  });
});

it('tells one fault once: a destination that is wrong is not called missing as well', async () => {
  expect(await refusals(entry({ timeout: 0 }))).toHaveLength(1);
});

describe('a start is not refused for', () => {
  it.each<[what: string, setup: RouterSetup]>([
    ['a missing folder resources of the implicit route', top({})],
    ['cacheControl with a destination', route({ cacheControl: 'no-store' })],
    [
      'a login nobody can give, where every route is public',
      { xsApp: { routes: [{ ...ok, authenticationType: 'none' }] } },
    ],
    ['default-env.json with objects as values', { ...top({}), files: { 'default-env.json': { CORS: [] } } }],
    ['preferLocal, which matters to tenants only', route({ preferLocal: true })],
    ['stateProtection, which stays on', top({ stateProtection: false })],
    ['a $schema for editors', top({ $schema: './xs-app.schema.json' })],
    ['outgoingRequestOptions', top({ outgoingRequestOptions: { xsuaa: { timeout: 500 }, identity: { timeout: 0 } } })],
    ['ws URLs of destinations', entry({ url: 'ws://127.0.0.1:9' })],
    [
      'all eight methods',
      route({ httpMethods: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'] }),
    ],
  ])('%s', async (_, setup) => {
    expect(await refusals(setup)).toEqual([]);
  });
});

describe('a process that refuses to start', () => {
  it('lists every problem, one a line, without a stack, and ends with status 1', async () => {
    const { port, ended, output } = await runRouter({
      xsApp: { welcomefile: '/', routes: [{ source: '(', destination: 'c' }] },
      env: { SESSION_TIMEOUT: 'soon' },
    });
    expect(await ended).toBe(1);
    expect(port).toBe(0);
    const lines = output().trim().split('\n');
    expect(lines.every((line) => /^[\w.-]+(\/[\w.$-]+)*: .+/.test(line))).toBe(true);
    expect(lines.some((line) => line.startsWith('SESSION_TIMEOUT: '))).toBe(true);
    expect(lines.some((line) => line.startsWith('xs-app.json/welcomefile: '))).toBe(true);
    expect(output()).not.toMatch(/^\s+at /m);
  });

  it('says so when the port is taken', async () => {
    const xsApp = { authenticationMethod: 'none' };
    const first = await runRouter({ xsApp });
    const second = await runRouter({ xsApp, env: { PORT: String(first.port) } });
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(new RegExp(`port ${first.port} is in use`));
  });

  it('says so when the address is none of this machine', async () => {
    const { ended, output } = await runRouter({
      xsApp: { authenticationMethod: 'none' },
      env: { XS_BIND_ADDRESS: '192.0.2.1' }, // RFC 5737: nobody has it
    });
    expect(await ended).toBe(1);
    expect(output()).toContain('XS_BIND_ADDRESS: 192.0.2.1 is no address of this machine');
  });

  it('warns, and starts, for what has no effect', async () => {
    const { port, output } = await runRouter({
      xsApp: {
        authenticationMethod: 'none',
        routes: [
          { source: '^/a', destination: 'b', authenticationType: 'none', csrfProtection: true },
          { source: '^/b', destination: 'b', authenticationType: 'none', identityProvider: 'i' },
          { source: '^/c', destination: 'b', authenticationType: 'basic', identityProvider: 'i' },
          { source: '^/d', destination: 'b', authenticationType: 'none', scope: 's' },
          { source: '^/e', localDir: 'web', replace: { pathSuffixes: ['.html'], vars: ['NOT_SET'] } },
        ],
      },
      env: { destinations: [backend], PKCE_ENABLED: 'false' },
      files: { 'web/a.html': '{{OTHER}}' },
    });
    expect(port).toBeGreaterThan(0);
    for (const warned of [
      'xs-app.json/routes/0/csrfProtection',
      'xs-app.json/routes/1/identityProvider',
      'xs-app.json/routes/2/identityProvider',
      'xs-app.json/routes/3/scope',
      'NOT_SET',
      'a.html: nothing stands for {{OTHER}}',
      'PKCE',
    ])
      expect.soft(output()).toContain(warned);
  });
});
