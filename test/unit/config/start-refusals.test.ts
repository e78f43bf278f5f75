import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Setup, startVerdict, xsuaaBinding } from '../../support/make-house.ts';
import { workingDirectory } from '../../support/working-directory.ts';

const route = { source: '^/', destination: 'almanac' };
const env = { destinations: [{ name: 'almanac', url: 'https://almanac.example' }] };
const xsApp = (...routes: unknown[]) => ({ authenticationMethod: 'none', routes });
const files = { 'web/index.html': 'x', 'a.txt': 'x' };

/** A start that goes well but for one thing: one line, with file, path and what to do. */
const rows: [string, Setup, RegExp][] = [
  ['xs-app.json absent', {}, /^xs-app\.json: is missing in .*; create it there or name its folder with -w$/],
  ['not valid JSON', { xsApp: '{"routes": [' }, /^xs-app\.json: is not valid JSON/],
  ['a list instead of an object', { xsApp: '[]' }, /^xs-app\.json: must be an object$/],
  [
    'an unknown property at the top',
    { xsApp: { ...xsApp(route), welcomefile: '/' } },
    /^xs-app\.json\/welcomefile: unknown property; did you mean "welcomeFile"\?$/,
  ],
  [
    'an unknown property in a route',
    { xsApp: xsApp(route, { ...route, destnation: 'x' }) },
    /^xs-app\.json\/routes\/1\/destnation: unknown property; did you mean "destination"\?$/,
  ],
  [
    'a route without source',
    { xsApp: xsApp({ destination: 'almanac' }) },
    /^xs-app\.json\/routes\/0\/source: .*must be/,
  ],
  [
    'a source that is a number',
    { xsApp: xsApp({ ...route, source: 5 }) },
    /^xs-app\.json\/routes\/0\/source: must be a regular expression/,
  ],
  [
    'a source that is no expression',
    { xsApp: xsApp({ ...route, source: '^/(' }) },
    /^xs-app\.json\/routes\/0\/source: is not a valid regular expression/,
  ],
  [
    'a source path that is no expression',
    { xsApp: xsApp({ ...route, source: { path: '[' } }) },
    /^xs-app\.json\/routes\/0\/source.*: is not a valid regular expression/,
  ],
  [
    'two ends',
    { xsApp: xsApp({ ...route, localDir: 'web' }), files },
    /^xs-app\.json\/routes\/0: has "destination" and "localDir"; keep one of them$/,
  ],
  ['no end at all', { xsApp: xsApp({ source: '^/' }) }, /^xs-app\.json\/routes\/0: leads nowhere; add one of /],
  [
    'a destination that nobody has',
    { xsApp: xsApp({ ...route, destination: 'almanach' }) },
    /^xs-app\.json\/routes\/0\/destination: there is no destination "almanach"; did you mean "almanac"\?$/,
  ],
  [
    'localDir with httpMethods',
    { xsApp: xsApp({ source: '^/', localDir: 'web', httpMethods: ['GET'] }), files },
    /^xs-app\.json\/routes\/0\/httpMethods: does not go with localDir/,
  ],
  [
    'localDir that is not there',
    { xsApp: xsApp({ source: '^/', localDir: 'webb' }), files },
    /^xs-app\.json\/routes\/0\/localDir: there is no folder "webb"/,
  ],
  [
    'localDir that is a file',
    { xsApp: xsApp({ source: '^/', localDir: 'a.txt' }), files },
    /^xs-app\.json\/routes\/0\/localDir: "a\.txt" is a file, not a folder$/,
  ],
  [
    'localDir that leaves the working directory',
    { xsApp: xsApp({ source: '^/', localDir: '../..' }), files },
    /^xs-app\.json\/routes\/0\/localDir: .*outside the working directory/,
  ],
  [
    'localDir by an absolute path',
    { xsApp: xsApp({ source: '^/', localDir: '/etc' }), files },
    /^xs-app\.json\/routes\/0\/localDir: .*outside the working directory/,
  ],
  [
    'a method in lower case',
    { xsApp: xsApp({ ...route, httpMethods: ['get'] }) },
    /^xs-app\.json\/routes\/0\/httpMethods\/0: must be one of .*GET.*upper case/,
  ],
  [
    'a method that is none of the eight',
    { xsApp: xsApp({ ...route, httpMethods: ['MERGE'] }) },
    /^xs-app\.json\/routes\/0\/httpMethods\/0: must be one of/,
  ],
  [
    'an authenticationType that is none',
    { xsApp: xsApp({ ...route, authenticationType: 'saml' }) },
    /^xs-app\.json\/routes\/0\/authenticationType: must be one of xsuaa, ias, oidc, basic, none$/,
  ],
  [
    'replace without localDir',
    { xsApp: xsApp({ ...route, replace: { pathSuffixes: ['.html'] } }) },
    /^xs-app\.json\/routes\/0\/replace: has a meaning only with "localDir"/,
  ],
  [
    'replace.services names a service that is not bound',
    {
      xsApp: xsApp({
        source: '^/',
        localDir: 'web',
        replace: { pathSuffixes: ['.x'], services: { s: { name: 'db' } } },
      }),
      files,
    },
    /^xs-app\.json\/routes\/0\/replace\/services\/s: no bound service fits/,
  ],
  [
    'a name both in vars and in services',
    {
      xsApp: xsApp({
        source: '^/',
        localDir: 'web',
        replace: { pathSuffixes: ['.x'], vars: ['uaa'], services: { uaa: { name: 'uaa' } } },
      }),
      files,
      env: { ...env, VCAP_SERVICES: xsuaaBinding, uaa: 'x' },
    },
    /^xs-app\.json\/routes\/0\/replace\/services\/uaa: is a name in "vars" too/,
  ],
  [
    'an error page that is not there',
    { xsApp: { ...xsApp(route), errorPage: [{ status: 404, file: 'lost.html' }] } },
    /^xs-app\.json\/errorPage\/0\/file: there is no file "lost\.html"/,
  ],
  [
    'an error page that is a folder',
    { xsApp: { ...xsApp(route), errorPage: [{ status: 404, file: 'web' }] }, files },
    /^xs-app\.json\/errorPage\/0\/file: "web" is a folder, not a file$/,
  ],
  [
    'an error page outside',
    { xsApp: { ...xsApp(route), errorPage: [{ status: 404, file: '/etc/passwd' }] } },
    /^xs-app\.json\/errorPage\/0\/file: .*outside the working directory/,
  ],
  [
    'an error page for a status that is no error',
    { xsApp: { ...xsApp(route), errorPage: [{ status: 200, file: 'a.txt' }] }, files },
    /^xs-app\.json\/errorPage\/0\/status: /,
  ],
  [
    'an error page with neither file nor path',
    { xsApp: { ...xsApp(route), errorPage: [{ status: 404 }] } },
    /^xs-app\.json\/errorPage\/0: needs exactly one of "file" and "path"$/,
  ],
  [
    'responseHeaders: Set-Cookie',
    { xsApp: { ...xsApp(route), responseHeaders: [{ name: 'Set-Cookie', value: 'a=1' }] } },
    /^xs-app\.json\/responseHeaders\/0\/name: authorization, cookie and set-cookie must not be set$/,
  ],
  [
    'responseHeaders: cookie',
    { xsApp: { ...xsApp(route), responseHeaders: [{ name: 'COOKIE', value: 'a=1' }] } },
    /^xs-app\.json\/responseHeaders\/0\/name: /,
  ],
  [
    'responseHeaders: authorization',
    { xsApp: { ...xsApp(route), responseHeaders: [{ name: 'authorization', value: 'x' }] } },
    /^xs-app\.json\/responseHeaders\/0\/name: /,
  ],
  [
    'responseHeaders: a name that is none',
    { xsApp: { ...xsApp(route), responseHeaders: [{ name: 'x y', value: 'x' }] } },
    /^xs-app\.json\/responseHeaders\/0\/name: is not a header name$/,
  ],
  [
    'responseHeaders: a value with a line break (T-23)',
    { xsApp: { ...xsApp(route), responseHeaders: [{ name: 'x', value: 'a\r\nset-cookie: b' }] } },
    /^xs-app\.json\/responseHeaders\/0\/value: /,
  ],
  [
    'destinations that are no JSON',
    { xsApp: xsApp(), env: { destinations: '[{' } },
    /^destinations: is not valid JSON/,
  ],
  [
    'destinations that are no list',
    { xsApp: xsApp(), env: { destinations: '{}' } },
    /^destinations: must be a JSON array/,
  ],
  [
    'a destination without url',
    { xsApp: xsApp(), env: { destinations: [{ name: 'a' }] } },
    /^destinations\/0\/url: is missing/,
  ],
  [
    'a destination without name',
    { xsApp: xsApp(), env: { destinations: [{ url: 'https://a' }] } },
    /^destinations\/0\/name: is missing/,
  ],
  [
    'only one of proxyHost and proxyPort',
    { xsApp: xsApp(), env: { destinations: [{ name: 'a', url: 'https://a', proxyHost: 'p' }] } },
    /^destinations\/0\/proxyPort: is missing/,
  ],
  [
    'the other one',
    { xsApp: xsApp(), env: { destinations: [{ name: 'a', url: 'https://a', proxyPort: '8080' }] } },
    /^destinations\/0\/proxyHost: is missing/,
  ],
  [
    'OnPremise without a connectivity binding',
    { xsApp: xsApp(), env: { destinations: [{ name: 'a', url: 'https://a', proxyType: 'OnPremise' }] } },
    /^destinations\/0\/proxyType: OnPremise/,
  ],
  [
    'a timeout that is no positive number',
    { xsApp: xsApp(), env: { destinations: [{ name: 'a', url: 'https://a', timeout: 0 }] } },
    /^destinations\/0\/timeout: must be a whole number/,
  ],
  [
    'SESSION_TIMEOUT that is no number',
    { xsApp: xsApp(), env: { SESSION_TIMEOUT: 'soon' } },
    /^SESSION_TIMEOUT: must be a number above 0$/,
  ],
  ['a JSON variable that does not parse', { xsApp: xsApp(), env: { CORS: '[' } }, /^CORS: is not valid JSON/],
  [
    'a JSON variable of the wrong shape',
    { xsApp: xsApp(), env: { httpHeaders: '{}' } },
    /^httpHeaders: .*must be an array/,
  ],
  [
    'endpoint without service',
    { xsApp: xsApp({ ...route, endpoint: 'x' }) },
    /^xs-app\.json\/routes\/0\/endpoint: has a meaning only with "service"/,
  ],
  [
    'a service that is not supported',
    { xsApp: xsApp({ source: '^/', service: 'html5-apps-repo-rt' }) },
    /^xs-app\.json\/routes\/0\/service: "html5-apps-repo-rt" is not supported/,
  ],
  [
    'logout.csrfProtection without POST',
    { xsApp: { ...xsApp(route), logout: { logoutEndpoint: '/out', csrfProtection: true } } },
    /^xs-app\.json\/logout\/csrfProtection: has a meaning only with "logoutMethod": "POST"/,
  ],
  [
    'backChannelLogoutEndpoint equal to logoutEndpoint',
    { xsApp: { ...xsApp(route), logout: { logoutEndpoint: '/out', backChannelLogoutEndpoint: '/out' } } },
    /^xs-app\.json\/logout\/backChannelLogoutEndpoint: must differ from logout\/logoutEndpoint: /,
  ],
  [
    'two other endpoints at one path',
    { xsApp: { ...xsApp(route), whitelistService: { endpoint: '/own' }, pluginMetadataEndpoint: '/own' } },
    /^xs-app\.json\/pluginMetadataEndpoint: must differ from whitelistService\/endpoint: /,
  ],
  [
    'a logout at the path of the callback that is not written',
    { xsApp: { logout: { logoutEndpoint: '/login/callback' }, routes: [{ ...route, authenticationType: 'none' }] } },
    /^xs-app\.json\/logout\/logoutEndpoint: must differ from login\/callbackEndpoint: /,
  ],
  [
    'an endpoint with a query, which no path of a request has',
    { xsApp: { ...xsApp(route), login: { callbackEndpoint: '/login/callback?authType=ias' } } },
    /^xs-app\.json\/login\/callbackEndpoint: must be a path without a query$/,
  ],
  [
    'logout without logoutEndpoint',
    { xsApp: { ...xsApp(route), logout: {} } },
    /^xs-app\.json\/logout\/logoutEndpoint: is missing/,
  ],
  [
    'a route that needs a login nobody can give',
    { xsApp: { routes: [route] } },
    /^xs-app\.json\/routes\/0: needs a login, but no identity provider is bound or configured/,
  ],
  [
    'NODE_TLS_REJECT_UNAUTHORIZED=0',
    { xsApp: xsApp(), env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } },
    /^NODE_TLS_REJECT_UNAUTHORIZED: switches certificate checks off/,
  ],
  [
    'trusted proxies that are none',
    { xsApp: xsApp(), env: { PORTUNUS_TRUSTED_PROXIES: 'everybody' } },
    /^PORTUNUS_TRUSTED_PROXIES: "everybody" is no address range/,
  ],
  [
    'a CORS pattern that is no expression',
    { xsApp: { ...xsApp(), cors: [{ uriPattern: '(', allowedOrigin: [{ host: 'a' }] }] } },
    /^xs-app\.json\/cors\/0\/uriPattern: is not a valid regular expression$/,
  ],
  [
    'a plugin that names a destination nobody has',
    { xsApp: xsApp(), env: { ...env, plugins: [{ name: 'c', source: '^/c', destination: 'crane' }] } },
    /^plugins\/0\/destination: there is no destination "crane"/,
  ],
  [
    'a plugin whose source is no expression',
    { xsApp: xsApp(), env: { ...env, plugins: [{ name: 'c', source: '(', destination: 'almanac' }] } },
    /^plugins\/0\/source: is not a valid regular expression/,
  ],
];

describe('when the start must be refused, it says where and what to do (xs-app.md 1.2)', () => {
  test.each(rows)('%s', async (_, setup, line) => {
    const { problems } = await startVerdict({ ...setup, env: { ...env, ...setup.env } });
    expect(problems).toEqual([expect.stringMatching(line)]);
  });

  test('localDir that is a link out of the working directory', async () => {
    const outside = workingDirectory({ 'secret.txt': 's' });
    const directory = workingDirectory({ 'xs-app.json': xsApp({ source: '^/', localDir: 'link' }) });
    symlinkSync(outside, path.join(directory, 'link'));
    const { problems } = await startVerdict({ directory, env });
    expect(problems).toEqual([
      expect.stringMatching(/^xs-app\.json\/routes\/0\/localDir: .*outside the working directory/),
    ]);
  });
});

describe('every problem is listed, whatever file or variable it stands in (design section 3)', () => {
  test('of the environment, of bindings, of destinations and of xs-app.json at once', async () => {
    const { problems } = await startVerdict({
      xsApp: {
        authenticationMethod: 'none',
        routes: [
          { source: '(', destination: 'nobody' },
          { source: '^/', localDir: 'nowhere' },
        ],
      },
      env: { PORT: 'x', destinations: [{ name: 'a' }], COOKIES: '[]' },
    });
    expect(problems.map((line) => line.split(':', 1)[0]).sort()).toEqual([
      'COOKIES',
      'PORT',
      'destinations/0/url',
      'xs-app.json/routes/0/destination',
      'xs-app.json/routes/0/source',
      'xs-app.json/routes/1/localDir',
    ]);
  });

  test('a misspelt property does not hide what else is wrong with the routes', async () => {
    const { problems } = await startVerdict({
      xsApp: xsApp(
        { ...route, sorce: 'x' },
        { source: '^/', localDir: 'nowhere' },
        { source: '^/', destination: 'nobody' },
      ),
      env,
    });
    expect(problems.map((line) => line.split(':', 1)[0])).toEqual(
      expect.arrayContaining([
        'xs-app.json/routes/0/sorce',
        'xs-app.json/routes/1/localDir',
        'xs-app.json/routes/2/destination',
      ]),
    );
  });

  test('a fault in a route does not hide what else is wrong with it', async () => {
    const { problems } = await startVerdict({
      xsApp: xsApp(
        { source: '(', destination: 'nobody', localDir: 'nowhere', httpMethods: ['get'], colour: 'red' },
        { source: 5, localDir: '../..', replace: { pathSuffixes: '.html' }, timeout: '9' },
        { destination: 'nobody', service: 'b', cacheControl: '' },
        { source: '^/', destination: 5 },
      ),
      env,
    });
    expect(problems.map((line) => line.split(':', 1)[0]).sort()).toEqual([
      'xs-app.json/routes/0', // two ends
      'xs-app.json/routes/0/colour',
      'xs-app.json/routes/0/destination',
      'xs-app.json/routes/0/httpMethods', // and a localDir
      'xs-app.json/routes/0/httpMethods/0',
      'xs-app.json/routes/0/localDir',
      'xs-app.json/routes/0/source',
      'xs-app.json/routes/1/localDir',
      'xs-app.json/routes/1/replace/pathSuffixes',
      'xs-app.json/routes/1/source',
      'xs-app.json/routes/1/timeout',
      'xs-app.json/routes/1/timeout', // and a localDir
      'xs-app.json/routes/2', // two ends
      'xs-app.json/routes/2/cacheControl',
      'xs-app.json/routes/2/destination',
      'xs-app.json/routes/2/service',
      'xs-app.json/routes/2/source',
      'xs-app.json/routes/3/destination',
    ]);
  });

  test('nor does a name that is taken hide what else is wrong with a destination', async () => {
    const destinations = [
      { name: 'almanac', url: 'https://a' },
      { name: 'almanac', url: 'ftp://a', timeout: 0 },
    ];
    const { problems } = await startVerdict({ xsApp: xsApp(route), env: { destinations } });
    expect(problems.map((line) => line.split(':', 1)[0]).sort()).toEqual([
      'destinations/1',
      'destinations/1/timeout',
      'destinations/1/url',
    ]);
  });

  test('nor does one in an error page hide another', async () => {
    const errorPage = [{ status: 404, file: 'nowhere.html' }, { status: 1, file: 'nor here.html' }, 5];
    const { problems } = await startVerdict({ xsApp: { ...xsApp(route), errorPage }, env });
    expect(problems.map((line) => line.split(':', 1)[0]).sort()).toEqual([
      'xs-app.json/errorPage/0/file',
      'xs-app.json/errorPage/1/file',
      'xs-app.json/errorPage/1/status',
      'xs-app.json/errorPage/2',
    ]);
  });

  test.each<[what: string, setup: Setup, place: string]>([
    ['destinations that are no JSON', { xsApp: xsApp(route), env: { destinations: '[' } }, 'destinations'],
    ['destinations that are no array', { xsApp: xsApp(route), env: { destinations: '{}' } }, 'destinations'],
    [
      'a destinations.json that is no JSON',
      { xsApp: xsApp(route), files: { 'destinations.json': '[' }, env: {} },
      'destinations.json',
    ],
    [
      'bindings that are no JSON',
      { xsApp: { routes: [{ source: '^/', localDir: 'web' }] }, files, env: { VCAP_SERVICES: '{' } },
      'VCAP_SERVICES',
    ],
    [
      'an authenticationMethod that is none',
      { xsApp: { authenticationMethod: 'nobody', routes: [route] }, env },
      'xs-app.json/authenticationMethod',
    ],
  ])('%s: told once, not again wherever something is missing for it', async (_, setup, place) => {
    const { problems } = await startVerdict(setup);
    expect(problems.map((line) => line.split(':', 1)[0])).toEqual([place]);
  });

  test('a fault at the top does not hide what is wrong below', async () => {
    const { problems } = await startVerdict({
      xsApp: { ...xsApp({ source: '(', destination: 'almanac' }), welcomFile: '/x' },
      env,
    });
    expect(problems.map((line) => line.split(':', 1)[0]).sort()).toEqual([
      'xs-app.json/routes/0/source',
      'xs-app.json/welcomFile',
    ]);
  });
});

describe('warnings do not stop the start', () => {
  test.each([
    [
      'csrfProtection on a public route',
      { authenticationType: 'none', csrfProtection: true },
      /^xs-app\.json\/routes\/0\/csrfProtection: has no effect on a public route$/,
    ],
    [
      'scope on a public route',
      { authenticationType: 'none', scope: 'x' },
      /^xs-app\.json\/routes\/0\/scope: has no effect on a public route$/,
    ],
    [
      'identityProvider on a public route',
      { authenticationType: 'none', identityProvider: 'x' },
      /^xs-app\.json\/routes\/0\/identityProvider: /,
    ],
    [
      'cacheControl of what is no static file',
      { cacheControl: 'no-cache' },
      /^xs-app\.json\/routes\/0\/cacheControl: has no effect/,
    ],
    [
      'identityProvider with basic',
      { authenticationType: 'basic', identityProvider: 'x' },
      /^xs-app\.json\/routes\/0\/identityProvider: /,
    ],
  ])('%s', async (_, more, line) => {
    const { problems, warnings } = await startVerdict({
      xsApp: { routes: [{ ...route, ...more }] },
      env: { ...env, VCAP_SERVICES: xsuaaBinding },
    });
    expect(problems).toEqual([]);
    expect(warnings).toContainEqual(expect.stringMatching(line));
  });

  test('state and PKCE switched off: one loud line, both stay on (13.1 #5)', async () => {
    for (const variable of ['STATE_PARAMETER_SECRET', 'PKCE_ENABLED']) {
      const { problems, warnings } = await startVerdict({ xsApp: xsApp(route), env: { ...env, [variable]: 'false' } });
      expect(problems).toEqual([]);
      expect(warnings).toEqual([expect.stringMatching(/state and PKCE cannot be switched off/)]);
    }
  });
});

describe('what is right starts', () => {
  test.each<[string, Setup]>([
    ['an empty file', { xsApp: {} }],
    ['no routes', { xsApp: { routes: [] } }],
    ['the implicit route without a folder resources', { xsApp: xsApp(route) }],
    [
      'no login, and an endpoint at its path',
      { xsApp: { ...xsApp(route), logout: { logoutEndpoint: '/login/callback' } } },
    ],
    ['public routes without a provider', { xsApp: { routes: [{ ...route, authenticationType: 'none' }] } }],
    ['a bound provider', { xsApp: { routes: [route] }, env: { ...env, VCAP_SERVICES: xsuaaBinding } }],
    ['names made of the request', { xsApp: xsApp({ source: '^/(.*)$', destination: '$1' }) }],
    [
      'everything at once',
      {
        xsApp: {
          $schema: './xs-app.schema.json',
          welcomeFile: '/index.html',
          authenticationMethod: 'route',
          sessionTimeout: 30,
          stateProtection: true,
          routes: [
            {
              source: { path: '^/a', matchCase: false },
              httpMethods: ['GET', 'POST'],
              target: '/b',
              destination: 'almanac',
              authenticationType: 'xsuaa',
              csrfProtection: false,
              scope: { GET: 'a', POST: ['b', 'c'], default: 'd' },
              identityProvider: 'x',
              dynamicIdentityProvider: true,
              setBackendSessionCookies: true,
              preferLocal: true,
              timeout: 5_000,
            },
            {
              source: '^/web/',
              localDir: 'web',
              cacheControl: 'no-cache',
              replace: { pathSuffixes: ['.html'], vars: ['PORT'] },
              scope: ['a', 'b'],
            },
            { source: '^/me', service: 'sap-approuter-userapi' },
          ],
          login: { callbackEndpoint: '/callback' },
          logout: {
            logoutEndpoint: '/out',
            logoutPage: '/bye',
            logoutMethod: 'POST',
            csrfProtection: true,
            backChannelLogoutEndpoint: '/bc',
          },
          destinations: { almanac: { logoutPath: '/x', logoutMethod: 'PUT' } },
          responseHeaders: [{ name: 'x-harbour', value: 'one' }],
          compression: { enabled: true, minSize: 10, compressResponseMixedTypeContent: true },
          pluginMetadataEndpoint: '/plugins',
          whitelistService: { endpoint: '/allow' },
          websockets: { enabled: true },
          errorPage: [
            { status: [404, 500], file: 'a.txt' },
            { status: 502, path: '/down' },
          ],
          cors: [
            {
              uriPattern: '^/',
              hostPattern: 'x',
              allowedOrigin: [{ host: '*.a', protocol: 'https', port: 443 }],
              allowedMethods: ['GET'],
              allowedHeaders: ['x'],
              exposeHeaders: ['y'],
              allowedCredentials: false,
              maxAge: '60',
            },
          ],
          outgoingRequestOptions: { xsuaa: { timeout: 1 } },
        },
        files,
        env: { ...env, PORT: '5000', VCAP_SERVICES: xsuaaBinding },
      },
    ],
  ])('%s', async (_, setup) => {
    expect((await startVerdict({ env, ...setup })).problems).toEqual([]);
  });
});

describe('what is wrong is said in words of ours, and what would be right', () => {
  const route = (more: object) => ({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b', ...more }] },
    env: { destinations: [{ name: 'b', url: 'http://127.0.0.1:9' }] },
  });
  test.each<[setup: Setup, said: RegExp]>([
    [{ ...route({}), env: { httpHeaders: [{ Cookie: 'x' }] } }, /^httpHeaders\/0\/Cookie: .*must not be set/],
    [route({ destination: '' }), /destination: must not be empty/],
    [route({ httpMethods: [] }), /httpMethods: must not be empty/],
    [route({ timeout: 0 }), /routes\/0\/timeout: must be at least 1$/],
    [route({ timeout: 1.5 }), /routes\/0\/timeout: must be a whole number$/],
    [route({ timeout: '5s' }), /routes\/0\/timeout: must be a/],
    [route({ timeout: 2_147_483_648 }), /routes\/0\/timeout: must be at most 2147483647$/],
    [route({ scope: { get: 'x' } }), /scope\/get: unknown property; .*GET/],
    [{ xsApp: { authenticationMethod: 'x' } }, /authenticationMethod: must be one of none, route/],
    [{ xsApp: { sessionTimeout: 0 } }, /sessionTimeout: must be above 0$/],
    [{ xsApp: { compression: { minSize: -1 } } }, /compression\/minSize: must be at least 0$/],
    [{ xsApp: { compression: { minSize: 1.5 } } }, /compression\/minSize: must be a whole number$/],
    [{ xsApp: { errorPage: [{ status: 99, path: '/' }] } }, /0\/status: must be a status between 400 and 599$/],
    [{ xsApp: {}, env: { VCAP_SERVICES: '[]' } }, /^VCAP_SERVICES: must be an object$/],
    [
      { xsApp: { cors: [{ uriPattern: '.', allowedOrigin: [{ host: 'a' }], maxAge: 'long' }] } },
      /cors\/0\/maxAge: must be a number of seconds$/,
    ],
  ])('%j', async (setup, said) => {
    const { problems } = await startVerdict(setup);
    expect(
      problems.some((line) => said.test(line)),
      problems.join('\n'),
    ).toBe(true);
  });
});
