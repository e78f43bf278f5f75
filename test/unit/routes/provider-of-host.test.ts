import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Made, makeHouse, startVerdict } from '../../support/make-house.ts';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { type Visitor, visitor } from '../../support/visitor.ts';

/**
 * The browsers of these tests keep cookies by address, not by the name in `Host`: what they get on one host they bring to
 * all. Real ones do not, so nothing here is kept apart by them.
 */
const page = { accept: 'text/html' };
const json = { accept: 'application/json' };
const seconds = () => Math.floor(Date.now() / 1000);

let staff: TokenIssuer;
let partners: TokenIssuer;
let made: Made;
let browser: Visitor;

const userApi = { target: '/$1', service: 'sap-approuter-userapi' };
const setup = (env: object = {}) => ({
  xsApp: {
    logout: { logoutEndpoint: '/logout' },
    routes: [
      { source: '^/me/(.*)$', ...userApi },
      { source: '^/staff/(.*)$', ...userApi, identityProvider: 'staff' },
      { source: '^/dynamic/(.*)$', ...userApi, dynamicIdentityProvider: true },
      { source: '^/basic/(.*)$', ...userApi, authenticationType: 'basic' },
      { source: '^/open/', destination: 'for-users', authenticationType: 'none' },
      { source: '^/page$', localDir: 'web' },
    ],
  },
  files: {
    'web/page': 'page',
    'identity-providers.json': Object.entries({ staff, partners }).map(([name, { origin }]) => ({
      name,
      OIDC_ISSUER: origin,
      OIDC_CLIENT_ID: `harbour-${name}`,
      OIDC_CLIENT_SECRET: 'hush',
    })),
  },
  env: {
    PORTUNUS_PROVIDER_OF_HOST: { 'partners.example': 'partners', '*.pier.example': 'partners' },
    PORTUNUS_LOGIN_CHOOSER: { staff: 'Employees', partners: 'Partners' },
    PORTUNUS_SAP_IDP_ALLOWLIST: 'staff',
    PORTUNUS_BEARER_PATHS: ['^/me/'],
    REQUIRE_AUTH_FOR_UNKNOWN_ROUTES: 'true',
    destinations: [
      {
        Name: 'for-users',
        URL: 'http://127.0.0.1:1',
        Authentication: 'OAuth2JWTBearer',
        clientId: 'c',
        clientSecret: 's',
        tokenServiceURL: 'http://127.0.0.1:1/token',
      },
    ],
    ...env,
  },
});

beforeAll(async () => {
  [staff, partners] = await Promise.all([startTokenIssuer(), startTokenIssuer()]);
  made = await makeHouse(setup());
});
beforeEach(() => {
  browser = visitor(made.app);
});

const ask = (host: string, path: string, headers: Record<string, string> = page) =>
  browser.get(path).set({ ...headers, host });
const at = (location: string | undefined) => new URL(location ?? '', 'http://router.example');
/** Where a navigation is sent to log in, or what it is answered instead. */
async function loginOf(host: string, path: string, headers: Record<string, string> = page) {
  const { status, headers: answered, text } = await ask(host, path, headers);
  const { origin } = at(answered['location']);
  if (status === 200 && text.includes('Employees')) return 'the chooser';
  return [staff, partners].find((issuer) => issuer.origin === origin) ?? status;
}

function answerFor(issuer: TokenIssuer, audience: string, nonce?: string | null) {
  issuer.answerWith(async () => {
    const claims = { iss: issuer.origin, aud: audience, sub: 'ada', iat: seconds(), exp: seconds() + 600 };
    const id = await issuer.sign({ ...claims, ...(nonce ? { nonce } : {}) });
    return { body: { access_token: 'opaque', id_token: id, token_type: 'Bearer', expires_in: 600 } };
  });
}

/** A whole login on a host. @returns the callback's answer */
async function logIn(host: string, path: string, issuer: TokenIssuer) {
  const { searchParams: asked } = at((await ask(host, path)).headers['location']);
  answerFor(issuer, asked.get('client_id') ?? '', asked.get('nonce'));
  return ask(host, `/login/callback?${new URLSearchParams({ code: 'c', state: asked.get('state') ?? '' })}`);
}

describe('a host with a provider of its own (PORTUNUS_PROVIDER_OF_HOST)', () => {
  test.each([
    'partners.example',
    'partners.example:8443',
    'PARTNERS.example',
    'north.pier.example',
    'a.b.pier.example',
  ])('on %s people go to it, without a page to choose on, and come back there', async (host) => {
    expect(await loginOf(host, '/me/currentUser')).toBe(partners);
    expect(await loginOf(host, '/page')).toBe(partners);
    const { location } = (await ask(host, '/me/currentUser')).headers;
    expect(at(location).searchParams.get('redirect_uri')?.toLowerCase()).toBe(
      `http://${host.toLowerCase()}/login/callback`,
    );
    expect((await logIn(host, '/me/currentUser', partners)).headers['location']).toBe('/me/currentUser');
    expect((await ask(host, '/me/currentUser', json)).status).toBe(200);
  });

  test.each(['127.0.0.1', 'pier.example', 'partners.example.evil.example', 'otherpartners.example'])(
    'on %s, which is another host, they choose as before',
    async (host) => {
      expect(await loginOf(host, '/me/currentUser')).toBe('the chooser');
      expect(await loginOf(host, '/-/login')).toBe('the chooser');
    },
  );

  test('where there is nothing to choose, other hosts have the first provider', async () => {
    const { app } = await makeHouse(setup({ PORTUNUS_LOGIN_CHOOSER: '' }));
    browser = visitor(app);
    expect(await loginOf('harbour.example', '/me/x')).toBe(staff);
    expect(await loginOf('harbour.example', '/-/login')).toBe(staff);
    expect(await loginOf('partners.example', '/me/x')).toBe(partners);
  });

  test('a login at another provider does not count there, brought along or not; a new one replaces it', async () => {
    await logIn('harbour.example', '/staff/currentUser', staff);
    expect((await ask('harbour.example', '/me/currentUser', json)).status).toBe(200);
    const refused = await ask('partners.example', '/me/currentUser', json);
    expect([refused.status, refused.body.loginUrl]).toEqual([401, '/-/login?return_to=%2F&provider=partners']);
    expect((await ask('partners.example', '/page', json)).status).toBe(401);
    await logIn('partners.example', '/me/currentUser', partners);
    expect((await ask('partners.example', '/me/currentUser', json)).status).toBe(200);
    expect((await ask('partners.example', '/-/session', json)).body.provider).toBe('partners');
  });

  test('nor does its token in a header', async () => {
    const bearer = async (issuer: TokenIssuer, aud: string) =>
      `Bearer ${await issuer.sign({ iss: issuer.origin, aud, sub: 'machine', iat: seconds(), exp: seconds() + 600 })}`;
    const statusOf = async (host: string, authorization: string) =>
      (
        await supertest(made.app)
          .get('/me/currentUser')
          .set({ ...json, host, authorization })
      ).status;
    const [ofStaff, ofPartners] = [await bearer(staff, 'harbour-staff'), await bearer(partners, 'harbour-partners')];
    expect(await statusOf('harbour.example', ofStaff)).toBe(200);
    expect(await statusOf('partners.example', ofStaff)).toBe(401);
    expect(await statusOf('partners.example', ofPartners)).toBe(200);
  });

  test('a route that names its provider keeps it there', async () => {
    expect(await loginOf('partners.example', '/staff/currentUser')).toBe(staff);
    await logIn('partners.example', '/staff/currentUser', staff);
    expect((await ask('partners.example', '/staff/currentUser', json)).status).toBe(200);
    expect((await ask('partners.example', '/me/currentUser', json)).status).toBe(401);
  });

  test('no other of ours can be wished for there (sap_idp)', async () => {
    expect(await loginOf('harbour.example', '/dynamic/x?sap_idp=staff')).toBe(staff);
    expect(await loginOf('partners.example', '/dynamic/x?sap_idp=staff')).toBe(partners);
  });
});

describe('on such a host', () => {
  test('a login begun on purpose goes to its provider, unless it names one', async () => {
    expect(await loginOf('partners.example', '/-/login')).toBe(partners);
    expect(await loginOf('partners.example', '/-/login?provider=staff')).toBe(staff);
  });

  test('so does what asks for a login without a route', async () => {
    expect(await loginOf('partners.example', '/nowhere')).toBe(partners);
    expect(await loginOf('harbour.example', '/nowhere')).toBe(staff);
  });

  test('and a public route whose destination needs a user', async () => {
    expect(await loginOf('partners.example', '/open/x')).toBe(partners);
    expect(await loginOf('harbour.example', '/open/x')).toBe(staff);
  });

  test('a logout goes to the provider of the session, and to that of the host where there is none', async () => {
    const logoutOf = async (host: string) => at((await ask(host, '/logout')).headers['location']).origin;
    expect(await logoutOf('partners.example')).toBe(partners.origin);
    expect(await logoutOf('harbour.example')).toBe(staff.origin);
    await logIn('partners.example', '/staff/currentUser', staff);
    expect(await logoutOf('partners.example')).toBe(staff.origin);
  });

  test('user and password are checked at its provider, whoever is logged in at another', async () => {
    const authorization = `Basic ${Buffer.from('ada:pa55').toString('base64')}`;
    const asked = [staff.requests.length, partners.requests.length];
    const basic = (host: string) => ask(host, '/basic/currentUser', { ...json, authorization });
    answerFor(staff, 'harbour-staff');
    expect((await basic('harbour.example')).status).toBe(200);
    expect([staff.requests.length, partners.requests.length]).toEqual([(asked[0] ?? 0) + 1, asked[1]]);
    const refused = await ask('partners.example', '/basic/currentUser', json);
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Basic /)]);
    answerFor(partners, 'harbour-partners');
    expect((await basic('partners.example')).status).toBe(200);
    expect(partners.requests.at(-1)?.form.get('grant_type')).toBe('password');
    expect((await ask('partners.example', '/-/session', json)).body.provider).toBe('partners');
  });
});

test('a provider that is not there, or a host that is none, refuses the start', async () => {
  const setting = { 'partners.example': 'partner', 'https://pier.example': 'partners' };
  expect((await startVerdict(setup({ PORTUNUS_PROVIDER_OF_HOST: setting }))).problems).toEqual([
    'PORTUNUS_PROVIDER_OF_HOST/partners.example: there is no provider "partner"; there are: staff, partners',
    expect.stringMatching(/^PORTUNUS_PROVIDER_OF_HOST\/https:\/\/pier\.example: is no name of a host; write it as /),
  ]);
});

describe('XSUAA and IAS, both bound', () => {
  const credentials = { clientid: 'c', clientsecret: 's' };
  const bound = (env: object = {}) =>
    startVerdict({
      xsApp: { routes: [{ source: '^/me/(.*)$', ...userApi }] },
      env: {
        VCAP_SERVICES: {
          xsuaa: [
            {
              name: 'uaa',
              tags: ['xsuaa'],
              credentials: { ...credentials, url: staff.origin, xsappname: 'harbour!t7' },
            },
          ],
          identity: [{ name: 'ias', label: 'identity', credentials: { ...credentials, url: partners.origin } }],
        },
        ...env,
      },
    });

  test('nobody is told to name one in each route, where the hosts say it', async () => {
    expect((await bound()).warnings.join()).toContain('people log in at XSUAA');
    const setting = { PORTUNUS_PROVIDER_OF_HOST: { 'partners.example': 'ias' } };
    expect(await bound(setting)).toEqual({ problems: [], warnings: [] });
  });
});
