import { describe, expect, test } from 'vitest';
import { checkDirectory } from '../../../src/lint/check-directory.ts';
import { type Files, workingDirectory } from '../../support/working-directory.ts';

const login = { OIDC_ISSUER: 'https://login.example', OIDC_CLIENT_ID: 'harbour', OIDC_CLIENT_SECRET: 'hush-hush' };
const destinations = [
  { name: 'quay', url: 'https://quay.example' },
  { name: 'dock', url: 'https://dock.example' },
];
const xsuaa = [
  {
    name: 'uaa',
    label: 'xsuaa',
    tags: ['xsuaa'],
    credentials: { url: 'https://uaa.example', clientid: 'sb', clientsecret: 'hush', xsappname: 'harbour!t7' },
  },
];

type Route = Readonly<Record<string, unknown>>;

/** Findings of one rule, each as `routes/0/source: message`. */
async function found(rule: string, xsApp: object | string, files: Files = {}, env: object = login): Promise<string[]> {
  const directory = workingDirectory({ 'xs-app.json': xsApp, 'default-env.json': { ...env, destinations }, ...files });
  const findings = await checkDirectory(directory, {});
  return findings.flatMap((finding) =>
    finding.rule === rule ? [`${finding.at.replace('xs-app.json/', '')}: ${finding.message}`] : [],
  );
}
const open = (source: string, more: Route = {}): Route => ({
  source,
  destination: 'quay',
  authenticationType: 'none',
  ...more,
});
const shut = (source: string, more: Route = {}): Route => ({ source, destination: 'quay', ...more });
const routes = (...list: Route[]) => ({ routes: list });

test('what people usually write is not complained about', async () => {
  const usual = routes(
    { source: '^/public/(.*)$', localDir: '.', authenticationType: 'none' },
    shut('^/sap/opu/odata/(.*)$', { target: '/sap/opu/odata/$1', httpMethods: ['GET'] }),
    shut('^/api/v([0-9]+)/orders/?(.*)$', { scope: ['$XSAPPNAME.Display', '$XSAPPNAME.Displayer2'] }),
    shut('^/(?:graph|people)/', { destination: 'dock', scope: '$XSAPPNAME.Edit' }),
    { source: '^/user-api(.*)', target: '$1', service: 'sap-approuter-userapi' },
    { source: '^/(.*)$', target: '$1', localDir: '.' },
  );
  const directory = workingDirectory({
    'xs-app.json': usual,
    'default-env.json': { VCAP_SERVICES: { xsuaa }, destinations },
  });
  expect(await checkDirectory(directory, {})).toEqual([]);
});

describe('a source without ^', () => {
  test.each([
    ['/berths', '/x/berths', '^/berths'],
    ['tides', '/tides', '^/tides'],
    ['/berths/(.*)$', '/x/berths/x', '^/berths/(.*)$'],
  ])('%s is told with a request it takes, too', async (source, example, cure) => {
    const [told, ...others] = await found('unanchored-source', routes(shut(source)));
    expect(told).toContain(`routes/0/source: takes ${example}, too`);
    expect(told).toContain(`write ${cure}`);
    expect(others).toEqual([]);
  });

  test('is told louder when the route is public', async () => {
    expect(await found('unanchored-source', routes(open('/berths')))).toEqual([
      expect.stringContaining('is public and takes /x/berths'),
    ]);
  });

  test.each(['^/berths', '(.*)', '/(.*)', '^(/a|/b)', '.*'])(
    '%s is none: it is found at the beginning',
    async (source) => {
      expect(await found('unanchored-source', routes(shut(source)))).toEqual([]);
    },
  );
});

describe('a query that decides the route', () => {
  test('is told with an example', async () => {
    const [told] = await found('query-decides', routes(shut('^/(.*)\\.html$')));
    expect(told).toMatch(/routes\/0\/source: takes \/\?\S*\.html for its query/);
  });

  test.each(['^/berths/(.*)$', '^/[^?]*\\.html$', '^/berths$'])('cannot be with %s', async (source) => {
    expect(await found('query-decides', routes(shut(source)))).toEqual([]);
  });
});

describe('an expression that can be kept busy', () => {
  test.each(['^/(a+)+$', '^/x/(\\w+\\s?)*$', '^/(.*)*x$', '^/(a|a)*$', '^/(.*)/(.*)/(.*)/(.*)\\.json$'])(
    '%s is told with the request',
    async (source) => {
      const [told] = await found('redos-prone-source', routes(shut(source)));
      expect(told).toMatch(/^routes\/0\/source: a request such as ".*", \d+ times ".*", ".*" keeps the router busy/);
    },
  );

  test.each(['^/a/(.*)/b/(.*)$', '^/([^/]+)/(.*)$', '^/(.*)\\.(js|css)$', '^/x(?:/.*)?$'])(
    '%s is none, though it looks a little like one',
    async (source) => {
      expect(await found('redos-prone-source', routes(shut(source)))).toEqual([]);
    },
  );

  test('is looked for in CORS, too', async () => {
    const cors = [{ uriPattern: '^/(a+)+$', allowedOrigin: [{ host: 'a.example' }], allowedCredentials: true }];
    expect(await found('redos-prone-source', { cors })).toEqual([expect.stringMatching(/^cors\/0\/uriPattern: /)]);
  });
});

describe('a route that is never reached', () => {
  test.each<[string, Route, Route]>([
    ['the same source', shut('^/a/(.*)x$'), shut('^/a/(.*)x$', { destination: 'dock' })],
    ['a longer path', shut('^/api'), shut('^/api/orders/(\\d+)$')],
    ['a longer path, behind (.*)$', shut('^/api/(.*)$'), shut('^/api/orders/(.*)$')],
    ['anything behind everything', shut('^/(.*)$'), shut('^/a|/b')],
    ['a path that contains what is looked for anywhere', shut('/orders'), shut('^/api/orders/x')],
    ['another case, where it does not matter', shut({ path: '^/API', matchCase: false } as never), shut('^/api/x')],
    ['fewer methods', shut('^/api', { httpMethods: ['GET', 'POST'] }), shut('^/api/x', { httpMethods: ['GET'] })],
    [
      'other methods than static files have',
      { source: '^/api', localDir: '.' },
      shut('^/api', { httpMethods: ['POST'] }),
    ],
  ])('%s', async (_, first, second) => {
    const told = await found('unreachable-route', routes(first, second));
    expect(told).toEqual([expect.stringMatching(/^routes\/1\/source: is never reached: routes\/0 /)]);
  });

  test.each<[string, Route, Route]>([
    ['a shorter path', shut('^/api/orders'), shut('^/api')],
    ['another path', shut('^/api/'), shut('^/apis/')],
    ['more methods', shut('^/api', { httpMethods: ['GET'] }), shut('^/api')],
    ['TRACE, which nobody takes unasked', shut('^/api'), shut('^/api', { httpMethods: ['TRACE'] })],
    ['what does not end there', shut('^/api$'), shut('^/api/x')],
    ['one character that may be missing', shut('^/api/x'), shut('^/api/x?')],
    ['one of two sides', shut('^/api'), shut('^/api/x|/other')],
    ['another case', shut('^/api'), shut({ path: '^/api/x', matchCase: false } as never)],
    ['a path that only a query holds, behind a public route', open('/orders'), shut('^/api\\?x=/orders')],
  ])('not: %s', async (_, first, second) => {
    expect(await found('unreachable-route', routes(first, second))).toEqual([]);
  });

  test('or whose source is found in none', async () => {
    const told = await found('unreachable-route', routes(shut('^api/(.*)$'), shut('^/größe')));
    expect(told).toEqual([
      expect.stringMatching(/^routes\/0\/source: is never found: .*write \^\/api\/\(\.\*\)\$/),
      expect.stringMatching(/^routes\/1\/source: is never found: .*write %C3%B6/),
    ]);
  });

  test('not by requests: upgrades pass by static files', async () => {
    const both = routes({ source: '^/live', localDir: '.' }, shut('^/live/feed'));
    expect(await found('unreachable-route', both)).toHaveLength(1);
    expect(await found('unreachable-route', { ...both, websockets: { enabled: true } })).toEqual([]);
  });
});

describe('a public route over a protected one', () => {
  test.each<[string, Route, Route, RegExp]>([
    [
      'stands before it',
      open('^/api/(.*)$'),
      shut('^/api/admin/(.*)$'),
      /^routes\/0\/source: .* GET \/api\/admin\/x, which routes\/1/,
    ],
    ['is found anywhere', open('/health'), shut('^/(.*)$'), /^routes\/0\/source: .* GET \/x\/health, which routes\/1/],
    [
      'takes a part of it',
      open('^/.*\\.css$'),
      shut('^/app/(.*)$'),
      /^routes\/0\/source: .* GET \/app\/\S*\.css, which routes\/1/,
    ],
    [
      'is behind it, and gets what comes with a query',
      shut('^/admin$'),
      open('^/'),
      /^routes\/0\/source: protects \/admin, but GET \/admin\?x=1 goes to routes\/1/,
    ],
    [
      'is behind it, and gets other methods',
      shut('^/admin', { httpMethods: ['GET'] }),
      open('^/(.*)'),
      /^routes\/0\/source: .* POST \/admin goes to routes\/1/,
    ],
  ])('%s: told with the request', async (_, first, second, said) => {
    expect(await found('public-overlaps-protected', routes(first, second))).toEqual([expect.stringMatching(said)]);
  });

  test.each<[string, Route, Route]>([
    ['is cut out of it on purpose', open('^/app/public/(.*)$'), shut('^/app/(.*)$')],
    ['is behind it, and gets the rest', shut('^/admin/(.*)$'), open('^/(.*)$')],
    ['leads elsewhere', shut('^/admin$'), open('^/', { destination: 'dock' })],
  ])('%s: nothing is wrong', async (_, first, second) => {
    expect(await found('public-overlaps-protected', routes(first, second))).toEqual([]);
  });

  test('is told where no provider is configured to protect anything, too', async () => {
    const both = routes(open('^/api/(.*)$'), shut('^/api/admin/(.*)$'));
    expect(await found('public-overlaps-protected', both, {}, {})).toHaveLength(1);
    expect(await found('public-overlaps-protected', { ...both, authenticationMethod: 'none' })).toEqual([]);
  });
});

describe('a scope', () => {
  const using = (...scopes: unknown[]) => routes(...scopes.map((scope, i) => shut(`^/${i}/`, { scope })));
  const declared = { 'xs-security.json': { scopes: [{ name: '$XSAPPNAME.Viewer' }, { name: '$XSAPPNAME.Admin' }] } };
  const bound = { VCAP_SERVICES: { xsuaa } };

  test.each<[unknown, string]>([
    [
      '$XSAPPNAME.Veiwer',
      'routes/0/scope: "$XSAPPNAME.Veiwer" is not declared in xs-security.json; did you mean "$XSAPPNAME.Viewer"?',
    ],
    [
      ['$XSAPPNAME.Admin', '$XSAPPNAME.Pilot'],
      'routes/0/scope/1: "$XSAPPNAME.Pilot" is not declared in xs-security.json; declare it there',
    ],
    [
      { default: 'Viewer' },
      'routes/0/scope/default: "Viewer" is not declared in xs-security.json; did you mean "$XSAPPNAME.Viewer"?',
    ],
    [
      'harbour!t7.Admn',
      'routes/0/scope: "harbour!t7.Admn" is not declared in xs-security.json; did you mean "$XSAPPNAME.Admin"?',
    ],
  ])('%j that is not declared is told', async (scope, said) => {
    expect(await found('unknown-scope', using(scope), declared, bound)).toEqual([said]);
  });

  test.each([['$XSAPPNAME.Viewer'], ['harbour!t7.Admin'], ['uaa.user'], ['openid']])('%s is fine', async (scope) => {
    expect(await found('unknown-scope', using(scope), declared, bound)).toEqual([]);
  });

  test('that differs by a slip from another one is told, without xs-security.json', async () => {
    const xsApp = using(
      '$XSAPPNAME.Viewer',
      ['$XSAPPNAME.Viewer', '$XSAPPNAME.Veiwer'],
      '$XSAPPNAME.viewer',
      '$XSAPPNAME.Reviewer',
    );
    expect(await found('unknown-scope', xsApp, {}, bound)).toEqual([
      'routes/1/scope/1: "$XSAPPNAME.Veiwer" is used here only; did you mean "$XSAPPNAME.Viewer"?',
      'routes/2/scope: "$XSAPPNAME.viewer" is used here only; did you mean "$XSAPPNAME.Viewer"?',
    ]);
    expect(
      await found('unknown-scope', using('a.Level1', 'a.Level2', 'a.Read', 'b.Read', 'a.Write'), {}, bound),
    ).toEqual([]);
  });

  test('with $XSAPPNAME is told where no XSUAA says what that is', async () => {
    expect(await found('scope-without-xsuaa', using('$XSAPPNAME.Viewer'))).toHaveLength(1);
    expect(await found('scope-without-xsuaa', using('Viewer'))).toEqual([]);
    expect(await found('scope-without-xsuaa', using('$XSAPPNAME.Viewer'), {}, bound)).toEqual([]);
    const granted = { ...login, OIDC_SCOPES_OF_CLAIMS: { groups: { crew: '$XSAPPNAME.Viewer' } } };
    expect(await found('scope-without-xsuaa', using('$XSAPPNAME.Viewer'), {}, granted)).toEqual([]);
    expect(await found('scope-without-xsuaa', using('$XSAPPNAME.Editor'), {}, granted)).toHaveLength(1);
  });
});

describe('other things', () => {
  test('a logout by GET is told', async () => {
    expect(await found('logout-by-get', { logout: { logoutEndpoint: '/out' } })).toHaveLength(1);
    expect(await found('logout-by-get', { logout: { logoutEndpoint: '/out', logoutMethod: 'POST' } })).toEqual([]);
  });

  test('CORS with cookies by default is told', async () => {
    const rule = { uriPattern: '^/', allowedOrigin: [{ host: 'a.example' }] };
    expect(await found('cors-credentials', { cors: [rule, { ...rule, allowedCredentials: true }] })).toHaveLength(1);
  });

  test('a property that stands twice is told', async () => {
    const twice =
      '{ "welcomeFile": "/a", "routes": [{ "source": "^/a", "source": "^/b", "destination": "quay" }], "welcomeFile": "/b" }';
    expect((await found('duplicate-property', twice)).map((told) => told.split(':', 1)[0])).toEqual([
      'routes/0/source',
      'welcomeFile',
    ]);
  });
});
