import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readConfig } from '../../src/config/config.ts';
import { ConfigError, Problems, tellProblem } from '../../src/errors/config-error.ts';
import { buildHouse } from '../../src/house.ts';

/** A configuration with one fault, and what a reader would call the fault. */
export interface Fault {
  readonly title: string;
  readonly xsApp?: object | string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly destinations?: unknown;
}

const b = { name: 'b', url: 'https://b.example' };
const route = (properties: object) => ({
  authenticationMethod: 'none',
  routes: [{ source: '^/x', destination: 'b', ...properties }],
});
const top = (properties: object) => ({ authenticationMethod: 'none', ...properties });

/** Every refusal of xs-app.md 1.2, and those of design section 3. */
export const faults: readonly Fault[] = [
  { title: 'no JSON', xsApp: '{"routes": [' },
  { title: 'unknown property', xsApp: route({ cachecontrol: 'x' }) },
  { title: 'unknown top-level property', xsApp: top({ welcomefile: '/a' }) },
  { title: 'no source', xsApp: top({ routes: [{ destination: 'b' }] }) },
  { title: 'source that is no expression', xsApp: route({ source: '^/(' }) },
  { title: 'two targets', xsApp: route({ localDir: 'web' }) },
  { title: 'no target', xsApp: top({ routes: [{ source: '^/x' }] }) },
  { title: 'destination that does not exist', xsApp: route({ destination: 'bb' }) },
  {
    title: 'localDir with httpMethods',
    xsApp: top({ routes: [{ source: '^/x', localDir: 'web', httpMethods: ['GET'] }] }),
  },
  {
    title: 'localDir with timeout',
    xsApp: top({ routes: [{ source: '^/x', localDir: 'web', timeout: 5000 }] }),
  },
  { title: 'localDir that is not there', xsApp: top({ routes: [{ source: '^/x', localDir: 'wep' }] }) },
  { title: 'localDir outside', xsApp: top({ routes: [{ source: '^/x', localDir: '../..' }] }) },
  { title: 'method in lower case', xsApp: route({ httpMethods: ['get'] }) },
  { title: 'authenticationType that does not exist', xsApp: route({ authenticationType: 'saml' }) },
  { title: 'replace without localDir', xsApp: route({ replace: { pathSuffixes: ['.html'] } }) },
  {
    title: 'replace by a service that is not bound',
    xsApp: top({
      routes: [
        { source: '^/x', localDir: 'web', replace: { pathSuffixes: ['.html'], services: { maps: { tag: 'maps' } } } },
      ],
    }),
  },
  { title: 'endpoint without service', xsApp: route({ endpoint: 'api' }) },
  { title: 'business service', xsApp: top({ routes: [{ source: '^/x', service: 'com.example.orders' }] }) },
  { title: 'error page that is not there', xsApp: top({ errorPage: [{ status: 404, file: 'none.html' }] }) },
  {
    title: 'error page with file and path',
    xsApp: top({ errorPage: [{ status: 404, file: 'web/a.html', path: '/a' }] }),
  },
  { title: 'forbidden response header', xsApp: top({ responseHeaders: [{ name: 'Set-Cookie', value: 'a=1' }] }) },
  { title: 'header value with a line break', xsApp: top({ responseHeaders: [{ name: 'x-a', value: 'a\r\nb: c' }] }) },
  {
    title: 'CSRF protection of a logout by GET',
    xsApp: top({ logout: { logoutEndpoint: '/out', csrfProtection: false } }),
  },
  {
    title: 'two logouts at one path',
    xsApp: top({ logout: { logoutEndpoint: '/out', backChannelLogoutEndpoint: '/out' } }),
  },
  {
    title: 'CORS pattern that is no expression',
    xsApp: top({ cors: [{ uriPattern: '(', allowedOrigin: [{ host: 'a.example' }] }] }),
  },
  { title: 'route that needs a login nobody can give', xsApp: { routes: [{ source: '^/x', destination: 'b' }] } },
  { title: 'destinations without url', variables: { destinations: [{ name: 'b' }] } },
  { title: 'destinations that are no array', variables: { destinations: {} } },
  { title: 'one of proxyHost, proxyPort', variables: { destinations: [{ ...b, proxyHost: 'proxy.example' }] } },
  { title: 'timeout that is no positive number', variables: { destinations: [{ ...b, timeout: -1 }] } },
  { title: 'on-premise', variables: { destinations: [{ ...b, proxyType: 'OnPremise' }] } },
  { title: 'unknown authentication', variables: { destinations: [{ ...b, Authentication: 'OAuth3' }] } },
  {
    title: 'plain http token service',
    variables: {
      destinations: [
        {
          ...b,
          Authentication: 'OAuth2ClientCredentials',
          clientId: 'c',
          clientSecret: 's',
          tokenServiceURL: 'http://as.example/token',
        },
      ],
    },
  },
  {
    title: 'key store that is not there',
    variables: {
      destinations: [
        {
          ...b,
          Authentication: 'OAuth2ClientCredentials',
          clientId: 'c',
          tokenServiceURL: 'https://as.example/token',
          'clientAssertion.KeyStoreLocation': 'c.p12',
        },
      ],
    },
  },
  {
    title: 'environment variable of a destination not set',
    variables: {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the notation of destinations.json
      destinations: [{ ...b, Authentication: 'BasicAuthentication', User: 'u', Password: '${env:NOT_SET}' }],
    },
  },
  { title: 'SESSION_TIMEOUT', variables: { SESSION_TIMEOUT: 'soon' } },
  { title: 'JSON variable', variables: { COMPRESSION: '{' } },
  { title: 'JSON variable of another shape', variables: { CORS: [{ uriPattern: '.*' }] } },
  {
    title: 'issuer by plain http',
    variables: { OIDC_ISSUER: 'http://op.example', OIDC_CLIENT_ID: 'c', OIDC_CLIENT_SECRET: 's' },
  },
  {
    title: 'client without a way to authenticate',
    variables: { OIDC_ISSUER: 'https://op.example', OIDC_CLIENT_ID: 'c' },
  },
  { title: 'trusted proxies', variables: { PORTUNUS_TRUSTED_PROXIES: '10.0.0.0/99' } },
  { title: 'certificate checks switched off', variables: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
];

/** What a start says to a faulty configuration, one line a problem; empty when it starts. */
export async function tellFault({ xsApp = top({}), variables = {}, destinations }: Fault): Promise<readonly string[]> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'portunus-fault-'));
  try {
    mkdirSync(path.join(directory, 'web'));
    writeFileSync(path.join(directory, 'web', 'a.html'), 'a');
    writeFileSync(path.join(directory, 'xs-app.json'), typeof xsApp === 'string' ? xsApp : JSON.stringify(xsApp));
    if (destinations) writeFileSync(path.join(directory, 'destinations.json'), JSON.stringify(destinations));
    const texts = Object.entries({ destinations: [b], ...variables }).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]);
    const problems = new Problems();
    const config = await readConfig(directory, problems, Object.fromEntries(texts));
    await buildHouse(config, silence, problems).close();
    return [];
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return cause.problems.map((problem) => tellProblem(problem).replaceAll(directory, '.'));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const silence = { started() {}, stopped() {}, notice() {}, warning() {}, requestFailed() {} };
