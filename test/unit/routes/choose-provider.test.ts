import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Made, makeHouse, startVerdict } from '../../support/make-house.ts';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { cookiesOf, type Visitor, visitor } from '../../support/visitor.ts';

const page = { accept: 'text/html' };
const seconds = () => Math.floor(Date.now() / 1000);

let staff: TokenIssuer;
let partner: TokenIssuer;
let made: Made;
let browser: Visitor;

const providerAt = (name: string, { origin }: TokenIssuer) => ({
  name,
  OIDC_ISSUER: origin,
  OIDC_CLIENT_ID: `harbour-${name}`,
  OIDC_CLIENT_SECRET: 'hush',
});
const routes = [
  { source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' },
  { source: '^/partner/(.*)$', target: '/$1', service: 'sap-approuter-userapi', identityProvider: 'partner' },
  { source: '^/hint/(.*)$', target: '/$1', service: 'sap-approuter-userapi', identityProvider: 'corporate' },
  { source: '^/dynamic/(.*)$', target: '/$1', service: 'sap-approuter-userapi', dynamicIdentityProvider: true },
];
const env = {
  PORTUNUS_LOGIN_CHOOSER: { staff: 'Employees', partner: 'Partners & <b>friends</b>' },
  PORTUNUS_SAP_IDP_ALLOWLIST: 'partner corporate',
};
const setup = (more: object = {}) => ({
  xsApp: { routes },
  files: {
    'identity-providers.json': [
      providerAt('staff', staff),
      providerAt('partner', partner),
      providerAt('other', partner),
    ],
  },
  env: { ...env, ...more },
});

beforeAll(async () => {
  [staff, partner] = await Promise.all([startTokenIssuer(), startTokenIssuer()]);
  made = await makeHouse(setup());
});
beforeEach(() => {
  browser = visitor(made.app);
});

const at = (location: string | undefined) => new URL(location ?? '', 'http://harbour.example');

/** Sees the login to its end; the provider names `sub`. @returns the callback's answer */
async function finish(begun: supertest.Response, issuer: TokenIssuer, sub: string, more: Record<string, string> = {}) {
  const { searchParams: asked } = at(begun.headers['location']);
  issuer.answerWith(async () => {
    const claims = { iss: issuer.origin, aud: asked.get('client_id') ?? '', sub, iat: seconds(), exp: seconds() + 600 };
    const id = await issuer.sign({ ...claims, nonce: asked.get('nonce') });
    return { body: { access_token: 'opaque', id_token: id, token_type: 'Bearer', expires_in: 600 } };
  });
  const query = new URLSearchParams({ code: 'code-1', state: asked.get('state') ?? '', ...more });
  return browser.get(`/login/callback?${query}`);
}

describe('where several providers are possible, people choose (PORTUNUS_LOGIN_CHOOSER)', () => {
  test('on a page of links, which works without scripts and remembers nothing', async () => {
    const answer = await browser.get('/me/currentUser?x=1').set(page);
    expect(answer.status).toBe(200);
    const links = [...answer.text.matchAll(/<a href="([^"]+)">([^<]+)<\/a>/g)].map(([, href, text]) => [href, text]);
    expect(links).toEqual([
      ['/-/login?return_to=%2Fme%2FcurrentUser%3Fx%3D1&amp;provider=staff', 'Employees'],
      [
        '/-/login?return_to=%2Fme%2FcurrentUser%3Fx%3D1&amp;provider=partner',
        'Partners &amp; &lt;b&gt;friends&lt;/b&gt;',
      ],
    ]);
    expect(answer.text).toMatch(
      /<html lang="en">.*<title>Log in<\/title>.*<main><h1>Log in<\/h1>.*<nav aria-labelledby/s,
    );
    expect(cookiesOf(answer).size).toBe(0);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.headers['cache-control']).toContain('no-store');
  });

  test('and come back where they wanted to go, from whichever they chose; the session knows which', async () => {
    for (const [name, issuer] of [
      ['staff', staff],
      ['partner', partner],
    ] as const) {
      browser = visitor(made.app);
      const begun = await browser.get(`/-/login?return_to=%2Fme%2FcurrentUser&provider=${name}`).set(page);
      expect(at(begun.headers['location']).origin).toBe(issuer.origin);
      const finished = await finish(begun, issuer, 'ada');
      expect([finished.status, finished.headers['location']]).toEqual([302, '/me/currentUser']);
      expect((await browser.get('/me/currentUser')).status).toBe(200);
      expect((await browser.get('/-/session')).body.provider).toBe(name);
    }
  });

  test('a provider that is not among them lets nobody in there', async () => {
    const begun = await browser.get('/-/login?return_to=/&provider=other').set(page);
    await finish(begun, partner, 'ada');
    expect((await browser.get('/me/currentUser').set('accept', 'application/json')).status).toBe(401);
  });

  test('scripts are told a login that lets choose', async () => {
    const answer = await browser.get('/me/currentUser').set('accept', 'application/json');
    expect(answer.body.loginUrl).toBe('/-/login?return_to=%2F');
    expect((await browser.get(answer.body.loginUrl).set(page)).text).toContain('Employees');
  });

  test('nobody chooses where the route names a provider', async () => {
    const begun = await browser.get('/partner/currentUser').set(page);
    expect(at(begun.headers['location']).origin).toBe(partner.origin);
    expect(at(begun.headers['location']).searchParams.has('idp')).toBe(false);
  });

  test('a login elsewhere does not open it', async () => {
    const begun = await browser.get('/-/login?return_to=/&provider=staff').set(page);
    await finish(begun, staff, 'ada');
    expect((await browser.get('/me/currentUser')).status).toBe(200);
    expect((await browser.get('/partner/currentUser').set('accept', 'application/json')).status).toBe(401);
  });

  test('without the setting the first provider is the one', async () => {
    const { app } = await makeHouse(setup({ PORTUNUS_LOGIN_CHOOSER: '' }));
    const { location } = (await supertest(app).get('/me/x').set(page)).headers;
    expect(at(location).origin).toBe(staff.origin);
    expect(at((await supertest(app).get('/-/login').set(page)).headers['location']).origin).toBe(staff.origin);
  });

  test('a name that is not there refuses the start', async () => {
    const { problems } = await startVerdict(setup({ PORTUNUS_LOGIN_CHOOSER: { staf: 'x', partner: 'y' } }));
    expect(problems).toEqual(['PORTUNUS_LOGIN_CHOOSER: there is no provider "staf"; there are: staff, partner, other']);
  });

  test.each([
    'return_to=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E',
    'return_to=/%22%20onmouseover=%22alert(1)',
    'return_to=javascript:alert(1)',
    'return_to=//evil.example',
    'return_to=/&sap_idp=%22%3E%3Cscript%3E',
    'return_to=/&claims=%7B%22%22%3A%22%3C%2Fscript%3E%22%7D',
  ])('nothing of the request becomes markup: %s (T-51)', async (query) => {
    const { text } = await browser.get(`/-/login?${query}`).set(page);
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toMatch(/onmouseover|javascript:|evil\.example|<\/script>.*<\/script>/s);
    for (const [, href = ''] of text.matchAll(/<a href="([^"]*)"/g)) expect(href).toMatch(/^\/-\/login\?return_to=%2F/);
  });
});

describe('sap_idp, from the allow-list only (xs-app.md 3.9, 13.1 #14)', () => {
  const locationOf = async (query: string) => {
    const answer = await supertest(made.app).get(`/dynamic/x?${query}`).set(page);
    return answer.headers['location'] === undefined ? answer.status : at(answer.headers['location']);
  };

  test('a name of ours chooses the provider', async () => {
    const location = (await locationOf('sap_idp=partner')) as URL;
    expect([location.origin, location.searchParams.get('idp')]).toEqual([partner.origin, null]);
  });

  test.each(['sap_idp=staff', 'sap_idp=evil', 'sap_idp=', 'sap_idp=partner%00', 'sap_idp=Partner'])(
    '%s is not heard: people choose',
    async (query) => {
      expect(await locationOf(query)).toBe(200);
    },
  );

  test('a route’s own wish reaches a login that a script begins', async () => {
    const { body } = await browser.get('/hint/x').set('accept', 'application/json');
    expect(body.loginUrl).toBe('/-/login?return_to=%2F&provider=staff&sap_idp=corporate');
    const { searchParams } = at((await browser.get(body.loginUrl).set(page)).headers['location']);
    expect(searchParams.get('idp')).toBe('corporate');
  });

  test('and nothing else that stands there', async () => {
    const { headers } = await browser.get('/-/login?provider=staff&sap_idp=evil').set(page);
    expect(at(headers['location']).searchParams.has('idp')).toBe(false);
  });
});

describe('providers are not mixed up (RFC 9700 4.4, RFC 9207)', () => {
  const begin = (name: string) => browser.get(`/-/login?return_to=/&provider=${name}`).set(page);

  test('a code of one brought to the attempt at another, with its issuer: no request leaves for either', async () => {
    const before = [staff.requests.length, partner.requests.length];
    const refused = await finish(await begin('partner'), partner, 'ada', { iss: staff.origin });
    expect(refused.status).toBe(401);
    expect([staff.requests.length, partner.requests.length]).toEqual(before);
    expect(cookiesOf(refused).has('JSESSIONID')).toBe(false);
  });

  test('a provider that says it names itself must do so', async () => {
    const naming = await startTokenIssuer({ authorization_response_iss_parameter_supported: true });
    const { app } = await makeHouse({
      xsApp: { routes },
      files: { 'identity-providers.json': [providerAt('partner', naming)] },
    });
    browser = visitor(app);
    expect((await finish(await begin('partner'), naming, 'ada')).status).toBe(401);
    expect((await finish(await begin('partner'), naming, 'ada', { iss: naming.origin })).status).toBe(302);
  });

  test('the state of one attempt with the cookie of another', async () => {
    const [one, two] = [await begin('staff'), await begin('partner')];
    const state = at(one.headers['location']).searchParams.get('state') ?? '';
    const [name = '', value = ''] = (([...cookiesOf(two).values()][0] ?? '').split(';')[0] ?? '').split('=');
    const renamed = `${name.replace(/[^.]+$/, state.slice(0, 8))}=${value}`;
    const refused = await supertest(made.app).get(`/login/callback?code=x&state=${state}`).set('cookie', renamed);
    expect(refused.status).toBe(400);
  });

  test('an id_token of one provider does not finish a login at another', async () => {
    const begun = await begin('partner');
    const { searchParams: asked } = at(begun.headers['location']);
    partner.answerWith(async () => ({
      body: {
        access_token: 'opaque',
        token_type: 'Bearer',
        id_token: await staff.sign({
          iss: staff.origin,
          aud: asked.get('client_id') ?? '',
          sub: 'ada',
          nonce: asked.get('nonce'),
          iat: seconds(),
          exp: seconds() + 600,
        }),
      },
    }));
    const refused = await browser.get(`/login/callback?code=x&state=${asked.get('state')}`);
    expect(refused.status).toBe(401);
  });

  test('the same subject at two providers is two people', async () => {
    const session = () => browser.get('/-/session').set('x-csrf-token', 'fetch');
    await finish(await begin('staff'), staff, 'ada');
    const first = (await session()).headers['x-csrf-token'];
    await finish(await begin('partner'), partner, 'ada');
    const second = await session();
    expect(second.body.provider).toBe('partner');
    expect(second.headers['x-csrf-token']).not.toBe(first);
  });
});
