import { gzipSync } from 'node:zlib';
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { startUpstream, type Upstream } from '../../../support/echo-upstream.ts';
import { type LoginHouse, loginHouse, xsuaaBinding } from '../../../support/make-house.ts';
import { providerTenant, type StandIn, startStandIn, tokenFor } from '../../../support/stand-in-destination-service.ts';
import { logIn, type Visitor, visitor } from '../../../support/visitor.ts';

let service: StandIn;
let upstream: Upstream;
beforeAll(async () => {
  [service, upstream] = await Promise.all([startStandIn(), startUpstream()]);
});
beforeEach(() => {
  service.reset();
  upstream.reset();
});

const subscriber = { zid: 'tenant-acme', ext_attr: { zdn: 'acme' } };
const users = {
  ada: { claims: { sub: 'ada', zid: providerTenant } },
  bob: { claims: { sub: 'bob', zid: providerTenant } },
  sue: { claims: { sub: 'sue', ...subscriber } },
};

/** Destinations of the provider's subaccount, with the upstream as target. */
function provide(destinations: Readonly<Record<string, object>>, tenant = providerTenant): void {
  for (const [Name, properties] of Object.entries(destinations))
    service.of(tenant).subaccount.set(Name, flat(Name, properties));
}
const flat = (Name: string, properties: object) => ({
  Name,
  Type: 'HTTP',
  URL: `${upstream.origin}/${encodeURIComponent(Name)}`,
  ProxyType: 'Internet',
  ...properties,
});
const jwtBearer = {
  Authentication: 'OAuth2JWTBearer',
  clientId: 'c',
  clientSecret: 'target-secret-Qq12',
  tokenServiceURL: 'https://idp.example/oauth/token',
};
const clientCredentials = { ...jwtBearer, Authentication: 'OAuth2ClientCredentials' };

/** A router with a route `/<n>/` for each name, protected, and `/public/<n>/`. */
async function open(names: readonly string[], env: object = {}, more: object = {}): Promise<LoginHouse> {
  const routes = names.flatMap((destination, n) => [
    { source: `^/public/${n}/`, target: '/', destination, authenticationType: 'none' },
    { source: `^/${n}/`, target: '/', destination, csrfProtection: false, ...more },
    { source: `^/local/${n}/`, target: '/', destination, csrfProtection: false, preferLocal: true },
  ]);
  return loginHouse(
    {
      xsApp: {
        routes: [...routes, { source: '^/any/([^/]+)/', target: '/', destination: '$1', csrfProtection: false }],
        outgoingRequestOptions: { destination: { timeout: 2_000 } },
      },
      env: { VCAP_SERVICES: { ...xsuaaBinding, ...service.binding }, ...env },
    },
    users,
  );
}

async function browserOf({ app }: LoginHouse, user: keyof typeof users): Promise<Visitor> {
  const browser = visitor(app);
  await logIn(browser, user, '/0/x');
  return browser;
}
type Answering = NonNullable<StandIn['answer']>;

/** Answers every call the same way. */
const always =
  (status: number, body: string, headers: Record<string, string> = {}): Answering =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };

/** The token that the fake login gives. */
const loginToken = (user: string) => `token of ${user} 0`;
const shown = () => upstream.calls.map(({ headers }) => headers.authorization);
const finds = () => service.calls.filter(({ path }) => path.includes('/destinations/'));
const lookUps = () => finds().filter(({ query }) => query !== '');
const retrievals = () => finds().filter(({ query }) => query === '');

describe('a destination that the configuration does not have', () => {
  test('is looked up at the bound service, when it is needed and not before', async () => {
    provide({ tide: {} });
    const house = await open(['tide']);
    expect([...service.calls, ...service.tokenRequests]).toEqual([]);
    const answer = await visitor(house.app).get('/public/0/x?y=1');
    expect([answer.status, upstream.last().url]).toEqual([200, '/tide/x?y=1']);
    expect(lookUps()).toMatchObject([
      { path: '/destination-configuration/v1/destinations/tide', tenant: providerTenant },
    ]);
    expect(upstream.last().headers.authorization).toBeUndefined();
  });

  test('is kept: many requests are one question and one token of the service', async () => {
    provide({ tide: {} });
    const { app } = await open(['tide']);
    await Promise.all(Array.from({ length: 20 }, () => visitor(app).get('/public/0/x')));
    await visitor(app).get('/public/0/x');
    expect([finds().length, service.tokenRequests.length, upstream.calls.length]).toEqual([1, 1, 21]);
  });

  test('that of the instance hides that of the subaccount', async () => {
    provide({ tide: {} });
    service.of(providerTenant).instance.set('tide', flat('tide', { URL: `${upstream.origin}/instance` }));
    await visitor((await open(['tide'])).app).get('/public/0/x');
    expect(upstream.last().url).toBe('/instance/x');
    service.of(providerTenant).instance.clear();
  });

  test('the configuration hides the service, which is not asked', async () => {
    provide({ tide: {} });
    const env = { destinations: [{ name: 'tide', url: `${upstream.origin}/ours` }] };
    await visitor((await open(['tide'], env)).app).get('/public/0/x');
    expect(upstream.last().url).toBe('/ours/x');
    expect(service.calls).toEqual([]);
  });

  test('has its name percent-encoded in the path, whatever it holds', async () => {
    const names = ['ä b/c?d#e', '%2e%2e', 'a@b;x=1'];
    provide(Object.fromEntries(names.map((name) => [name, {}])));
    const { app } = await open(names);
    for (const n of names.keys()) expect((await visitor(app).get(`/public/${n}/x`)).status).toBe(200);
    expect(lookUps().map(({ path }) => decodeURIComponent(path.split('/').at(-1) ?? ''))).toEqual(names);
  });

  test('a name that would step up in the path is not looked up', async () => {
    const { app } = await open(['..', '.', 'a\u0000b']);
    for (const n of [0, 1, 2]) expect((await visitor(app).get(`/public/${n}/x`)).status).toBe(404);
    expect(service.calls).toEqual([]);
  });

  test('by dynamic name needs HTML5.DynamicDestination (xs-app.md 3.5)', async () => {
    provide({ named: { 'HTML5.DynamicDestination': 'TRUE' }, fixed: {} });
    const browser = await browserOf(await open(['fixed']), 'ada');
    expect((await browser.get('/any/named/x')).status).toBe(200);
    expect((await browser.get('/any/fixed/x')).status).toBe(404);
    expect((await browser.get('/any/a%2fb/x')).status).toBe(404);
  });
});

describe('a destination that the service does not have', () => {
  test('is a 404; for some seconds it is not asked for again, then it is', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const { app } = await open(['ghost']);
      for (let i = 0; i < 3; i++) expect((await visitor(app).get('/public/0/x')).status).toBe(404);
      expect(finds()).toHaveLength(1);
      provide({ ghost: {} });
      vi.advanceTimersByTime(11_000);
      expect((await visitor(app).get('/public/0/x')).status).toBe(200);
    } finally {
      vi.useRealTimers();
      service.of(providerTenant).subaccount.delete('ghost');
    }
  });

  test('any more, after it was renamed: a 404 instead of a token', async () => {
    provide({ moved: clientCredentials });
    const { app } = await open(['moved']);
    service.authToken = () => ({ type: '', value: '', error: 'down', expires_in: '0' });
    expect((await visitor(app).get('/public/0/x')).status).toBe(502);
    service.of(providerTenant).subaccount.delete('moved');
    await vi.waitFor(async () => expect((await visitor(app).get('/public/0/x')).status).toBe(404), {
      timeout: 4_000,
      interval: 300,
    });
  });
});

describe('tokens that the service gets', () => {
  test("are a user's own: asked for with the user's token, and shown for nobody else (T-40)", async () => {
    provide({ orders: jwtBearer });
    const house = await open(['orders']);
    const [ada, bob] = [await browserOf(house, 'ada'), await browserOf(house, 'bob')];
    for (const browser of [ada, bob, ada, bob]) expect((await browser.get('/0/x')).status).toBe(200);
    const [forAda, forBob] = ['ada', 'bob'].map(
      (user) => `Bearer ${tokenFor('orders', providerTenant, loginToken(user))}`,
    );
    expect(shown()).toEqual([forAda, forBob, forAda, forBob]);
    expect(retrievals().map(({ headers }) => headers['x-user-token'])).toEqual(['ada', 'bob'].map(loginToken));
    expect(lookUps()).toHaveLength(1);
    for (const { headers } of lookUps()) expect(headers['x-user-token']).toBeUndefined();
  });

  test('of a client are asked for without any user', async () => {
    provide({ orders: clientCredentials });
    const browser = await browserOf(await open(['orders']), 'ada');
    await browser.get('/0/x');
    expect(shown()).toEqual([`Bearer ${tokenFor('orders', providerTenant, undefined)}`]);
    expect(retrievals()[0]?.headers['x-user-token']).toBeUndefined();
  });

  test('are used until shortly before their expires_in, then asked for again', async () => {
    provide({ orders: clientCredentials });
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const { app } = await open(['orders']);
      for (const seconds of [0, 0, 3_200, 200]) {
        vi.advanceTimersByTime(seconds * 1000);
        await visitor(app).get('/public/0/x');
      }
    } finally {
      vi.useRealTimers();
    }
    expect(retrievals()).toHaveLength(2);
  });

  test('may come in another header', async () => {
    provide({ orders: clientCredentials });
    service.authToken = () => ({
      type: 'X',
      value: 'v1',
      http_header: { key: 'X-Api-Key', value: 'k1' },
      expires_in: '60',
    });
    await visitor((await open(['orders'])).app).get('/public/0/x');
    expect([upstream.last().headers['x-api-key'], upstream.last().headers.authorization]).toEqual(['k1', undefined]);
  });

  test.each(['Cookie', 'Host', 'X-Forwarded-For', 'a b', 'x-approuter-authorization'])(
    'but not in the header %s',
    async (key) => {
      provide({ orders: clientCredentials });
      service.authToken = () => ({ type: 'X', value: 'v1', http_header: { key, value: 'k1' } });
      expect((await visitor((await open(['orders'])).app).get('/public/0/x')).status).toBe(502);
      expect(upstream.calls).toEqual([]);
    },
  );

  test('X-tenant goes with a client of a token service with an address for each tenant, and never with a user', async () => {
    const common = { tokenServiceURLType: 'Common' };
    provide({ tech: { ...clientCredentials, ...common }, user: { ...jwtBearer, ...common } });
    const browser = await browserOf(await open(['tech', 'user']), 'ada');
    await browser.get('/0/x');
    await browser.get('/1/x');
    expect(retrievals().map(({ headers }) => [headers['x-tenant'], headers['x-user-token']])).toEqual([
      ['provider', undefined],
      [undefined, loginToken('ada')],
    ]);
  });

  test.each([
    ['a technical user', { ...clientCredentials, Authentication: 'OAuth2Password', User: 'u', Password: 'p' }],
    ['a fixed user', { ...jwtBearer, Authentication: 'OAuth2SAMLBearerAssertion', SystemUser: 'robot', audience: 'a' }],
  ])('%s has no X-tenant: the service takes it for client credentials only (section 4.2)', async (_, properties) => {
    provide({ tech: { ...properties, tokenServiceURLType: 'Common' } });
    expect((await visitor((await open(['tech'])).app).get('/public/0/x')).status).toBe(200);
    expect(retrievals().map(({ headers }) => headers['x-tenant'])).toEqual([undefined]);
  });

  test('of a token exchange are asked for with the user as subject', async () => {
    provide({ swap: { ...jwtBearer, Authentication: 'OAuth2TokenExchange' } });
    await (await browserOf(await open(['swap']), 'ada')).get('/0/x');
    expect(retrievals()[0]?.headers).toMatchObject({
      'x-subject-token': loginToken('ada'),
      'x-subject-token-type': 'urn:ietf:params:oauth:token-type:access_token',
    });
  });

  test('SAMLAssertion: each request gets an assertion of its own', async () => {
    provide({ abap: { Authentication: 'SAMLAssertion', audience: 'x', authnContextClassRef: 'y' } });
    service.authToken = () => ({
      type: 'SAML2.0',
      value: `A${retrievals().length}`,
      http_header: { key: 'Authorization', value: `SAML2.0 A${retrievals().length}` },
    });
    const browser = await browserOf(await open(['abap']), 'ada');
    for (let i = 0; i < 2; i++) await browser.get('/0/x');
    expect(shown()).toEqual(['SAML2.0 A1', 'SAML2.0 A2']);
    expect(upstream.last().headers['x-sap-security-session']).toBe('create');
  });

  test('that it cannot get are a 502 with its reason, decoded; the backend is not called, and it is not asked again at once', async () => {
    provide({ orders: jwtBearer });
    const reason =
      'Retrieval of OAuthToken failed due to: Unable to fetch refresh token from the specified token service URL. ' +
      `Response was: {"error":"invalid_client","error_description":"Bad credentials for ${loginToken('ada')}"}`;
    service.authToken = () => ({ type: '', value: '', error: reason, expires_in: '0' });
    const browser = await browserOf(await open(['orders']), 'ada');
    const answers = [await browser.get('/0/x').set('accept', 'application/json'), await browser.get('/0/x')];
    expect(answers.map(({ status }) => status)).toEqual([502, 502]);
    expect(answers[0]?.body).toMatchObject({
      code: 'ERR_TOKEN_SERVICE',
      destination: 'orders',
      detail: expect.stringContaining('does not accept the client'),
      description: 'Bad credentials for […]',
    });
    expect([retrievals().length, upstream.calls.length]).toEqual([1, 0]);
  });

  test('need a user: without one 401, and nobody is asked', async () => {
    provide({ orders: jwtBearer });
    const { app } = await open(['orders']);
    expect((await visitor(app).get('/public/0/x').set('accept', 'application/json')).status).toBe(401);
    expect(retrievals()).toEqual([]);
  });

  test('of the first kind without an error count; a 200 without any is a 502', async () => {
    provide({ orders: clientCredentials });
    service.authToken = () => undefined;
    const answer = await visitor((await open(['orders'])).app)
      .get('/public/0/x')
      .set('accept', 'application/json');
    expect([answer.status, answer.body.code]).toEqual([502, 'ERR_TOKEN_SERVICE']);
  });
});

describe('tenants (xs-app.md 3.1 preferLocal)', () => {
  beforeEach(() => {
    provide({ orders: jwtBearer });
    provide({ orders: { ...jwtBearer, URL: `${upstream.origin}/acme` } }, 'tenant-acme');
  });

  test("a subscriber's user gets the subscriber's destination and a token of that tenant; the provider's own users the provider's", async () => {
    const house = await open(['orders']);
    const [sue, ada] = [await browserOf(house, 'sue'), await browserOf(house, 'ada')];
    for (const browser of [sue, ada, sue]) await browser.get('/0/x');
    expect(upstream.calls.map(({ url }) => url)).toEqual(['/acme/x', '/orders/x', '/acme/x']);
    expect(shown()[0]).toBe(`Bearer ${tokenFor('orders', 'tenant-acme', loginToken('sue'))}`);
    expect(service.tokenRequests.map(({ zid }) => zid)).toEqual(['tenant-acme', undefined]);
    for (const { tenant, headers } of retrievals())
      expect([tenant, headers['x-user-token']]).toEqual(
        tenant === 'tenant-acme' ? [tenant, loginToken('sue')] : [providerTenant, loginToken('ada')],
      );
  });

  test("users of the tenant that the login's binding is of are the provider's own, by whatever id the service knows it", async () => {
    const [uaa] = xsuaaBinding.xsuaa;
    const login = { xsuaa: [{ ...uaa, credentials: { ...uaa?.credentials, tenantid: 'tenant-acme' } }] };
    const house = await open(['orders'], { VCAP_SERVICES: { ...login, ...service.binding } });
    await (await browserOf(house, 'sue')).get('/0/x');
    expect(upstream.last().url).toBe('/orders/x');
    expect(service.tokenRequests.map(({ zid }) => zid)).toEqual([undefined]);
  });

  test('preferLocal takes the provider’s for everybody', async () => {
    await (await browserOf(await open(['orders']), 'sue')).get('/local/0/x');
    expect(upstream.last().url).toBe('/orders/x');
    expect(retrievals()[0]).toMatchObject({ tenant: providerTenant, headers: { 'x-user-token': loginToken('sue') } });
  });

  test('a destination that only the provider has is not the subscriber’s, unless the setting says so', async () => {
    provide({ shared: {} });
    expect((await (await browserOf(await open(['shared']), 'sue')).get('/0/x')).status).toBe(404);
    const env = { PORTUNUS_DESTINATION_TENANTS: 'subscriber-first' };
    expect((await (await browserOf(await open(['shared'], env), 'sue')).get('/0/x')).status).toBe(200);
  });

  test('a token that names an impossible tenant is refused', async () => {
    const house = await open(['orders']);
    house.party.users.set('eve', { claims: { sub: 'eve', zid: 'x\r\nx-zid: y' } });
    const browser = visitor(house.app);
    await logIn(browser, 'eve', '/0/x');
    expect((await browser.get('/0/x')).status).toBe(403);
    expect(service.calls).toEqual([]);
  });
});

describe('fragments, levels and chains, by PORTUNUS_DESTINATION_OPTIONS', () => {
  const withOptions = (options: object) => ({ PORTUNUS_DESTINATION_OPTIONS: options });

  test('a fragment is merged in', async () => {
    provide({ orders: {} });
    service.of(providerTenant).fragments.set('emea', { FragmentName: 'emea', URL: `${upstream.origin}/emea` });
    const env = withOptions({ 'orders-emea': { name: 'orders', fragments: ['emea'] } });
    const { app } = await open(['orders-emea', 'orders'], env);
    await visitor(app).get('/public/0/x');
    await visitor(app).get('/public/1/x');
    expect(upstream.calls.map(({ url }) => url)).toEqual(['/emea/x', '/orders/x']);
  });

  test('a missing fragment is a 502 that says so, unless it is optional', async () => {
    provide({ orders: {} });
    const { app } = await open(['orders'], withOptions({ orders: { fragments: ['none'] } }));
    const answer = await visitor(app).get('/public/0/x').set('accept', 'application/json');
    expect([answer.status, answer.body.description]).toEqual([502, 'Fragment with the specified name was not found']);
    const env = withOptions({ orders: { fragments: ['none'], fragmentOptional: true } });
    expect((await visitor((await open(['orders'], env)).app).get('/public/0/x')).status).toBe(200);
  });

  test('a level is asked for with v2', async () => {
    provide({ orders: {} });
    const env = withOptions({ orders: { level: 'subaccount' } });
    expect((await visitor((await open(['orders'], env)).app).get('/public/0/x')).status).toBe(200);
    expect(finds()[0]?.path).toBe('/destination-configuration/v2/destinations/orders@subaccount');
  });

  test("a chain is given the user's token, in its own variable, and only where tokens are got", async () => {
    provide({ orders: jwtBearer });
    const chain = {
      name: 'com.sap.sequentialUserPropagation',
      variables: { tokenTransformationDestinationName: 'first' },
    };
    await (await browserOf(await open(['orders'], withOptions({ orders: { chain } })), 'ada')).get('/0/x');
    expect(lookUps()[0]?.headers['x-chain-name']).toBeUndefined();
    expect(retrievals()[0]?.headers).toMatchObject({
      'x-chain-name': chain.name,
      'x-chain-var-tokentransformationdestinationname': 'first',
      'x-chain-var-usertoken': loginToken('ada'),
    });
  });
});

describe('a service in trouble', () => {
  const ask = async (house: LoginHouse) => visitor(house.app).get('/public/0/x').set('accept', 'application/json');
  beforeEach(() => provide({ tide: {} }));

  test('that fails twice is asked a third time', async () => {
    let failures = 2;
    service.answer = (request, response) => failures-- > 0 && always(503, '')(request, response);
    expect((await ask(await open(['tide']))).status).toBe(200);
    expect(finds()).toHaveLength(3);
  });

  test.each([
    ['HTML', 200, '<html>log in</html>', /no JSON/],
    ['JSON that is no destination', 200, '{"a":1}', /no destinationConfiguration/],
    [
      'another destination',
      200,
      '{"destinationConfiguration":{"Name":"evil","URL":"https://evil.example"}}',
      /another destination/,
    ],
    ['a list', 200, '[]', /no JSON object/],
    ['a redirect', 302, '', /redirect/],
    ['a 404 that is not its own', 404, '<html>no route</html>', /not there/],
    ['a refusal', 403, '{"ErrorMessage":"no rights"}', /read there/],
    ['no use for this token', 422, '"IAS token"', /kind of token/],
  ])('that answers %s is a 502 with the reason', async (_, status, body, why) => {
    service.answer = always(status, body, { location: 'https://evil.example/' });
    const answer = await ask(await open(['tide']));
    expect([answer.status, answer.body.code]).toEqual([502, 'ERR_DESTINATION_SERVICE']);
    expect(answer.body.detail).toMatch(why);
    expect(upstream.calls).toEqual([]);
  });

  test.each([
    ['with a byte order mark', 'identity', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['compressed, though nobody asked for that', 'gzip', (text: string) => gzipSync(text)],
  ])('that answers %s is understood', async (_, encoding, pack) => {
    const properties = { Name: 'tide', Type: 'HTTP', URL: upstream.origin, Authentication: 'NoAuthentication' };
    const text = JSON.stringify({ destinationConfiguration: properties });
    service.answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(pack(text));
      return true;
    };
    expect((await ask(await open(['tide']))).status).toBe(200);
  });

  test('that compresses more than a destination can be is a 502', async () => {
    service.answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20_000_000, ' ')));
      return true;
    };
    expect((await ask(await open(['tide']))).status).toBe(502);
  });

  test('that names a date to come back at is asked once, and the date handed on', async () => {
    service.answer = always(503, '', { 'retry-after': new Date(Date.now() + 120_000).toUTCString() });
    const answer = await ask(await open(['tide']));
    expect(answer.status).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(60);
    expect(finds()).toHaveLength(1);
  });

  test('that asks for patience is a 503 that hands it on, and is left alone so long', async () => {
    service.answer = always(429, '"slow down"', { 'retry-after': '7' });
    const house = await open(['tide']);
    const answers = [await ask(house), await ask(house)];
    expect(answers.map(({ status, headers }) => [status, headers['retry-after']])).toEqual([
      [503, '7'],
      [503, '7'],
    ]);
    expect(finds()).toHaveLength(1);
  });

  test('that never answers is a 502 in time', async () => {
    service.answer = () => true;
    const answer = await ask(await open(['tide']));
    expect([answer.status, answer.body.detail]).toEqual([502, expect.stringContaining('within 2 s')]);
  });

  test('that is gone is a 502; what was known before serves on, with a warning', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const gone = await startStandIn();
      gone.of(providerTenant).subaccount.set('tide', flat('tide', {}));
      const house = await open(['tide', 'other'], { VCAP_SERVICES: { ...xsuaaBinding, ...gone.binding } });
      expect((await ask(house)).status).toBe(200);
      await gone.close();
      const fresh = await visitor(house.app).get('/public/1/x').set('accept', 'application/json');
      expect([fresh.status, fresh.body.detail]).toEqual([502, expect.stringContaining('cannot be reached')]);
      vi.advanceTimersByTime(301_000);
      for (let i = 0; i < 3; i++) expect((await ask(house)).status).toBe(200);
      expect(house.log.warnings.filter((line) => line.includes('serves on'))).toHaveLength(1);
      vi.advanceTimersByTime(3_700_000);
      expect((await ask(house)).status).toBe(502);
    } finally {
      vi.useRealTimers();
    }
  });

  test('that no longer takes our token gets a new one', async () => {
    const house = await open(['tide', 'tide2']);
    provide({ tide2: {} });
    await ask(house);
    service.revoke();
    expect((await visitor(house.app).get('/public/1/x')).status).toBe(200);
    expect(service.tokenRequests).toHaveLength(2);
  });

  test('whose token service refuses us is a 502 with that reason, and is asked once', async () => {
    const refused = '{"error":"unauthorized","error_description":"Bad credentials"}';
    service.answerToken = (response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end(refused);
      return true;
    };
    const answer = await ask(await open(['tide']));
    expect([answer.status, answer.body.code, answer.body.description]).toEqual([
      502,
      'ERR_DESTINATION_SERVICE',
      'Bad credentials',
    ]);
    expect(service.tokenRequests).toHaveLength(1);
  });

  test('says nothing secret anywhere', async () => {
    service.answer = (request, response) => {
      const { authorization } = request.headers;
      return always(400, JSON.stringify({ ErrorMessage: `bad ${authorization}` }))(request, response);
    };
    const house = await open(['tide']);
    const { text } = await ask(house);
    const logged = JSON.stringify([
      house.log.warnings,
      house.log.failures.map(({ error }) => [error.detail, error.members]),
    ]);
    for (const secret of ['service-token-', 'service-secret-Zx81']) expect(text + logged).not.toContain(secret);
  });
});

describe('what is known changes', () => {
  test('a change takes effect when its time is over; what did not change keeps its token', async () => {
    provide({ orders: clientCredentials });
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const { app } = await open(['orders'], { PORTUNUS_DESTINATION_CACHE: '60' });
      await visitor(app).get('/public/0/x');
      vi.advanceTimersByTime(61_000);
      await visitor(app).get('/public/0/x');
      expect([lookUps().length, retrievals().length]).toEqual([2, 1]);
      expect(lookUps()[1]?.headers['if-none-match']).toMatch(/^[0-9a-f]{64}$/);
      provide({ orders: { ...clientCredentials, URL: `${upstream.origin}/new` } });
      vi.advanceTimersByTime(61_000);
      await visitor(app).get('/public/0/x');
      expect([upstream.last().url, retrievals().length]).toEqual(['/new/x', 2]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what somebody else wrote is not believed', () => {
  test('a reference to a variable in it stays what it is: no secret of ours goes anywhere', async () => {
    const reference = ['$', '{env:SECRET_OF_OURS}'].join('');
    provide({ spy: { Authentication: 'BasicAuthentication', User: 'u', Password: reference } });
    await visitor((await open(['spy'], { SECRET_OF_OURS: 'harbour-Jk77' })).app).get('/public/0/x');
    expect(upstream.last().headers.authorization).toBe(`Basic ${Buffer.from(`u:${reference}`).toString('base64')}`);
  });

  test('the login’s token and the destination’s are not both sent, and the owner says which (xs-app.md 5.2)', async () => {
    provide({ both: { ...jwtBearer, 'HTML5.ForwardAuthToken': 'true' } });
    const answer = await (await browserOf(await open(['both']), 'ada')).get('/0/x').set('accept', 'application/json');
    expect(answer.status).toBe(502);
    expect(answer.body.detail).toMatch(/HTML5\.ForwardAuthToken goes with NoAuthentication only/);
    expect(retrievals()).toEqual([]);
  });

  test('OnPremise is refused with what to do, and Type RFC too', async () => {
    provide({ erp: { ProxyType: 'OnPremise' }, rfc: { Type: 'RFC' } });
    const { app } = await open(['erp', 'rfc']);
    const answers = [];
    for (const n of [0, 1]) answers.push(await visitor(app).get(`/public/${n}/x`).set('accept', 'application/json'));
    expect(answers.map(({ status }) => status)).toEqual([502, 502]);
    expect(answers[0]?.body.detail).toMatch(/cannot be used: ProxyType OnPremise needs a Cloud Connector/);
    expect(answers[1]?.body.detail).toMatch(/Type only destinations of type HTTP/);
  });
});
