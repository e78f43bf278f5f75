import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Files, workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { openBackend } from '../support/open-backend.ts';
import { runRouter, spawnRouter } from '../support/spawn-router.ts';

const secrets = { client: 'a-client-secret-of-some-length', header: 'an-api-key-of-some-length' };

const harbour: Files = {
  'xs-app.json': {
    welcomeFile: '/index.html',
    logout: { logoutEndpoint: '/out', logoutMethod: 'POST' },
    routes: [
      { source: '^/graph/(.*)$', target: '/v1.0/$1', destination: 'graph' },
      { source: '^/people/(.*)$', target: '$1', destination: 'people', httpMethods: ['GET', 'POST'], scope: 'Crew' },
      { source: '^/tides$', destination: 'tides', authenticationType: 'none', timeout: 5_000 },
      { source: '^/page/.*\\.js', destination: 'tides', authenticationType: 'none' },
      { source: '^/d/([^/]+)/(.*)$', target: '$2', destination: '$1' },
      { source: '^/files/', localDir: '.' },
      { source: '^/abap(/.*)$', target: '$1', destination: 'abap' },
      { source: '^/open(/.*)$', target: '$1', destination: 'abap', csrfProtection: false },
    ],
  },
  'default-env.json': {
    OIDC_ISSUER: 'https://login.example',
    OIDC_CLIENT_ID: 'harbour',
    OIDC_CLIENT_SECRET: 'hush-hush',
  },
  'destinations.json': [
    {
      Name: 'graph',
      URL: 'https://graph.example/',
      Authentication: 'OAuth2JWTBearer',
      tokenServiceURL: 'https://login.example/token',
      clientId: 'harbour',
      clientSecret: secrets.client,
      scope: 'https://graph.example/.default',
      'tokenService.body.requested_token_use': 'on_behalf_of',
      'URL.headers.apikey': secrets.header,
    },
    {
      Name: 'people',
      URL: 'https://people.example/odata',
      Authentication: 'OAuth2SAMLBearerAssertion',
      audience: 'www.people.example',
      clientKey: 'company-key',
      tokenServiceURL: 'https://people.example/oauth/token',
      companyId: 'ACME',
      userIdSource: 'personnel_number',
    },
    { Name: 'abap', URL: 'https://abap.example', 'csrfToken.fetch': 'true', 'URL.queries.sap-client': '100' },
    { Name: 'tides', URL: 'https://tides.example' },
    { Name: 'named', URL: 'https://named.example', 'HTML5.DynamicDestination': 'true' },
  ],
  'ada.json': { sub: 'ada', personnel_number: '4711', scope: 'openid Crew' },
};
const directory = workingDirectory(harbour);

const explain = (...args: string[]) => runRouter(['explain', '-w', directory, ...args], { cwd: '/' });
async function explained(...args: string[]) {
  const { status, stdout, stderr } = await explain('--format', 'json', ...args);
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('explain', () => {
  test('tells the whole way of a request to people: route, path, destination, token request, headers', async () => {
    const { status, stdout, stderr } = await explain('GET', '/graph/me?x=1');
    expect([status, stderr]).toEqual([0, '']);
    for (const line of [
      /^→ routes\/0: GET https:\/\/graph\.example\/v1\.0\/me\?x=1$/m,
      /^ {2}\/graph\/me\?x=1 → \/v1\.0\/me\?x=1$/m,
      /^ {2}graph: OAuth2JWTBearer, https:\/\/graph\.example$/m,
      /^ {2}must begin its answer within 30000 ms \("timeout" of the destination\)$/m,
      /^ {2}1\. POST https:\/\/login\.example\/token {2}\(destination graph, client proof: secret in the form\)$/m,
      /grant_type = urn:ietf:params:oauth:grant-type:jwt-bearer$/m,
      /assertion = the user's token$/m,
      /requested_token_use = on_behalf_of$/m,
      /client_secret = \[…\]$/m,
      /header authorization: Bearer \[…\], the token that the last request gets$/m,
      /^ {2}x-forwarded-path: \/graph\/me$/m,
      /^ {2}apikey: \[…\]$/m,
    ])
      expect(stdout).toMatch(line);
  });

  test('tells for how long an answer is waited for, and who says so', async () => {
    const timeout = async (url: string) => (await explained('GET', url)).destination.timeout;
    expect(await timeout('/tides')).toEqual({ milliseconds: 5_000, setBy: 'route' });
    expect(await timeout('/graph/me')).toEqual({ milliseconds: 30_000, setBy: 'destination' });
  });

  test('shows no secret, in no format', async () => {
    const told = await Promise.all([explain('GET', '/graph/me'), explain('GET', '/graph/me', '--format=json')]);
    for (const { stdout } of told)
      for (const secret of [secrets.client, secrets.header, 'hush-hush']) expect(stdout).not.toContain(secret);
  });

  test('makes the SAML assertion of a user whose claims are given, and takes the signature out', async () => {
    const { caller, flow, upstream } = await explained('POST', '/people/User', '--as', 'ada.json');
    expect(caller).toMatchObject({ as: 'the user of the given claims', needsCsrfToken: true, scopes: ['Crew'] });
    const [{ url, form }] = flow.requests;
    expect(url).toBe('https://people.example/oauth/token');
    const assertion = form.find(({ name }: { name: string }) => name === 'assertion').value;
    expect(assertion.xml).toMatch(/<saml2:NameID[^>]*>4711<\/saml2:NameID>/);
    expect(assertion.xml).toMatch(/SignatureValue>\[…\]</);
    expect(form).toContainEqual({ name: 'company_id', kind: 'plain', value: 'ACME' });
    expect(upstream.url).toBe('https://people.example/odata/User');
  });

  test('tells where a flow fails, and what to do', async () => {
    const { flow, outcome } = await explained('GET', '/people/User');
    expect(outcome).toMatch(/^502: The user id for destination people could not be determined/);
    expect(flow.failure.hint).toMatch(/Name the claim that holds the user id in userIdSource/);
  });

  test('tells why each route was passed over, and how nearly', async () => {
    const why = async (...args: string[]) =>
      (await explained(...args)).routes.map(
        (route: { outcome: string; why: string }) => `${route.outcome}: ${route.why}`,
      );
    expect((await why('DELETE', '/people/7'))[1]).toBe(
      'passed over: its source is found, but it takes GET, POST, not DELETE',
    );
    expect((await why('GET', '/Graph/me'))[0]).toMatch(/not found; in another case it would be$/);
    expect((await why('GET', '/tides?x=1'))[2]).toMatch(/not found; without the query it would be$/);
    expect((await why('GET', '/people'))[1]).toMatch(/not found; with a slash at the end of the path it would be$/);
    expect((await why('GET', '/page/?x.js'))[3]).toMatch(
      /^passed over: it is public, and its source is found only with/,
    );
    expect((await why('GET', '/graph/d/a/b'))[4]).toMatch(/^not reached: routes\/0 has taken .* would not take/);
  });

  test.each([
    ['GET', '/nowhere', 404, /no route takes it/],
    ['DELETE', '/people/7', 405, /allowed: GET, HEAD, POST/],
    ['GET', '/tides/../x', 400, /dot segments/],
    ['GET', 'https://harbour.example/tides/%2e%2e/x', 400, /dot segments/],
    ['GET', '/', 302, /welcome file \/index\.html/],
    ['GET', '/d/nobody/x', 404, /no such destination/],
    ['GET', '/d/tides/x', 404, /no request may name it/],
  ])('%s %s ends with %i', async (method, url, status, said) => {
    const { answered, outcome } = await explained(method, url);
    expect(answered.status).toBe(status);
    expect(outcome).toMatch(said);
  });

  test('tells whether and where the CSRF token of the backend is got', async () => {
    const path = '/sap/opu/odata/sap/CARGO/Cargos';
    const { stdout } = await explain('POST', `/abap${path}`);
    expect(stdout).toMatch(
      /^CSRF token of the backend\n {2}HEAD https:\/\/abap\.example\/sap\/opu\/odata\/sap\/CARGO\/\?sap-client=100 with/m,
    );
    expect(stdout).toMatch(/^ {2}x-csrf-token: \[…\]$/m);
    const { upstream } = await explained('POST', `/open${path}`, '--header', 'cookie: JSESSIONID=s');
    expect(upstream.csrfToken.verdict).toBe('origin not proved');
    expect(upstream.headers.map(({ name }: { name: string }) => name)).not.toContain('x-csrf-token');
  });

  test('knows what the router answers itself', async () => {
    expect((await explained('POST', '/out')).outcome).toBe('the router answers /out itself: ends the session');
    expect((await explained('GET', '/d/named/x')).upstream.url).toBe('https://named.example/x');
  });

  test('says 403 to a user without the scope', async () => {
    const stranger = workingDirectory({ 'bob.json': { sub: 'bob', scope: 'openid' } });
    const { caller, destination } = await explained('GET', '/people/User', '--as', `${stranger}/bob.json`);
    expect(caller.verdict).toBe('403: the user has none of the scopes Crew');
    expect(destination).toBeUndefined();
  });

  test('writes nothing', () => {
    expect(readdirSync(directory).sort()).toEqual(Object.keys(harbour).sort());
  });

  test('goes on where the configuration has problems, tells them, and ends with status 1', async () => {
    const faulty = workingDirectory({ ...harbour, 'default-env.json': {} });
    const { status, stdout, stderr } = await runRouter(['explain', 'GET', '/graph/me', '-w', faulty], { cwd: '/' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: xs-app\.json\/routes\/0: needs a login/m);
    expect(stdout).toMatch(/who is logged in at none that is configured here may/);
  });

  test.each([
    [[], /name a method and a URL/],
    [['GET'], /name a method and a URL/],
    [['GET', 'tides'], /"tides" is no URL/],
    [['GE T', '/tides'], /"GE T" is no method/],
    [['GET', '/tides', '--as', 'nobody.json'], /"nobody\.json" cannot be read: ENOENT/],
    [['GET', '/tides', '--as', 'xs-app.jso'], /cannot be read/],
    [['GET', '/tides', '--header', 'oddity'], /--header needs "name: value"/],
    [['GET', '/tides', '--format', 'sarif'], /--format is one of text, json/],
  ])('cannot be called with %j: status 2, with the usage', async (args, said) => {
    const { status, stdout, stderr } = await explain(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/usage: portunus explain METHOD URL/);
  });
});

test('what is told is what the router does: the backend gets that URL and those headers', async () => {
  const backend = await openBackend();
  const setup = {
    xsApp: {
      authenticationMethod: 'none',
      routes: [{ source: '^/berths/(.*)$', target: '/v2/$1', destination: 'quay' }],
    },
    env: {
      destinations: [
        {
          name: 'quay',
          url: `${backend.origin}/base`,
          User: 'ada',
          Password: 'lovelace',
          'URL.headers.x-pier': 'seven',
          'URL.queries.lang': 'en',
        },
      ],
    },
  };
  const headers = {
    'x-mine': 'yes',
    cookie: 'theme=dark; JSESSIONID=s%3Aabc',
    authorization: 'Bearer of-the-client',
    'x-approuter-authorization': 'no',
  };
  const router = await spawnRouter(setup);
  await ask(router.origin, '/berths/7?deep=true', { headers });
  const got = backend.last();

  const folder = workingDirectory({ 'xs-app.json': setup.xsApp, 'default-env.json': setup.env });
  const given = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  const url = `http://127.0.0.1:${router.port}/berths/7?deep=true`;
  const { stdout } = await runRouter(['explain', 'GET', url, '-w', folder, '--format=json', ...given], { cwd: '/' });
  const { upstream } = JSON.parse(stdout);
  expect(upstream.url).toBe(`${backend.origin}${got.url}`);
  const shown = Object.fromEntries(
    upstream.headers.map(({ name, value }: { name: string; value: string }) => [name, value]),
  );
  const known = ['host', 'x-mine', 'x-pier', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-path'];
  for (const name of known) expect([name, shown[name]]).toEqual([name, got.headers[name]]);
  expect(got.headers.cookie).toBe('theme=dark');
  expect(shown['authorization']).toBe('Basic […]');
  const ofTheConnection = [
    'connection',
    'accept',
    'accept-encoding',
    'user-agent',
    'accept-language',
    'sec-fetch-mode',
    'traceparent',
  ];
  const names = (all: object) =>
    Object.keys(all)
      .filter((name) => !ofTheConnection.includes(name))
      .sort();
  expect(names(shown)).toEqual(names(got.headers));
  expect(upstream.dropped.sort()).toEqual(['authorization', 'cookie', 'host', 'x-approuter-authorization']);
});
