import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../../src/config/key-store-forge.ts';
import { houseName } from '../../../../src/config/subject-name.ts';
import { startUpstream, type Upstream } from '../../../support/echo-upstream.ts';
import { type LoginHouse, loginHouse, xsuaaBinding } from '../../../support/make-house.ts';
import { providerTenant, type StandIn, startStandIn } from '../../../support/stand-in-destination-service.ts';
import { startTokenIssuer, type TokenIssuer } from '../../../support/token-issuer.ts';
import { logIn, type Visitor, visitor } from '../../../support/visitor.ts';

/** The flows are run here from what the service says; a token says which client got it. */
let service: StandIn;
let upstream: Upstream;
let issuer: TokenIssuer;
let pem: string;
beforeAll(async () => {
  [service, upstream, issuer] = await Promise.all([startStandIn(), startUpstream(), startTokenIssuer()]);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificate = await makeCertificate({
    privateKey,
    subject: houseName('harbour'),
    notBefore: new Date(Date.now() - 1000),
    notAfter: new Date(Date.now() + 86_400_000 * 365),
  });
  pem = `${privateKey.export({ type: 'pkcs8', format: 'pem' })}${certificate}`;
  issuer.answerWith(async ({ form }) => ({
    body: {
      access_token: `${form.get('client_id')}-${issuer.requests.length}`,
      token_type: 'Bearer',
      expires_in: 3600,
    },
  }));
});
beforeEach(() => {
  service.reset();
  upstream.reset();
  for (const seen of [issuer.requests, issuer.paths]) (seen as unknown[]).splice(0);
  for (const tenant of [providerTenant, 'tenant-acme']) {
    const { subaccount, certificates } = service.of(tenant);
    subaccount.clear();
    certificates.clear();
  }
});

const users = {
  ada: { claims: { sub: 'ada', email: 'ada@harbour.example', zid: providerTenant } },
  sue: { claims: { sub: 'sue', email: 'sue@acme.example', zid: 'tenant-acme', ext_attr: { zdn: 'acme' } } },
};

function provide(Name: string, properties: object, tenant = providerTenant): void {
  const base = { Type: 'HTTP', URL: upstream.origin, ProxyType: 'Internet', clientId: Name };
  service.of(tenant).subaccount.set(Name, { Name, ...base, tokenServiceURL: `${issuer.origin}/token`, ...properties });
}

const own = { PORTUNUS_DESTINATION_TOKENS: 'own' };

async function open(env: object, files: Record<string, string> = {}): Promise<LoginHouse> {
  return loginHouse(
    {
      xsApp: { routes: [{ source: '^/([^/]+)/', target: '/', destination: 'main', csrfProtection: false }] },
      env: { VCAP_SERVICES: { ...xsuaaBinding, ...service.binding }, ...env },
      files,
    },
    users,
  );
}

async function browserOf({ app }: LoginHouse, user: keyof typeof users): Promise<Visitor> {
  const browser = visitor(app);
  await logIn(browser, user, '/main/x');
  return browser;
}
const get = (browser: Visitor) => browser.get('/main/x').set('accept', 'application/json');
const retrievals = () => service.calls.filter(({ path, query }) => path.includes('/destinations/') && query === '');

describe('with PORTUNUS_DESTINATION_TOKENS=own', () => {
  test('the token service is asked by us, and the service for no token', async () => {
    provide('main', { Authentication: 'OAuth2JWTBearer', clientSecret: 'hush' });
    const browser = await browserOf(await open(own), 'ada');
    for (let i = 0; i < 2; i++) expect((await get(browser)).status).toBe(200);
    expect(issuer.requests.map(({ form }) => form.get('assertion'))).toEqual(['token of ada 0']);
    expect([upstream.last().headers.authorization, retrievals()]).toEqual(['Bearer main-1', []]);
  });

  test('equal destinations of two tenants do not share a token (T-40)', async () => {
    const technical = { Authentication: 'OAuth2ClientCredentials', clientSecret: 'hush' };
    provide('main', technical);
    provide('main', technical, 'tenant-acme');
    const house = await open(own);
    for (const user of ['ada', 'sue', 'ada'] as const) await get(await browserOf(house, user));
    expect(upstream.calls.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer main-1',
      'Bearer main-2',
      'Bearer main-1',
    ]);
  });

  describe('a token service with an address for each tenant (tokenServiceURLType Common)', () => {
    const common = { clientSecret: 'hush', tokenServiceURLType: 'Common' };
    const asked = () => issuer.paths.filter((path) => path.endsWith('/token'));
    const forTenant = (more: object) => ({
      ...common,
      tokenServiceURL: `${issuer.origin}/{tenant}/token`,
      ...more,
    });

    test.each(['OAuth2ClientCredentials', 'OAuth2JWTBearer'])(
      "%s is asked for at that of the binding's tenant, and a subscriber's at theirs, as the service would",
      async (Authentication) => {
        provide('main', forTenant({ Authentication }));
        provide('main', forTenant({ Authentication }), 'tenant-acme');
        const house = await open(own);
        for (const user of ['ada', 'sue'] as const) expect((await get(await browserOf(house, user))).status).toBe(200);
        expect(asked()).toEqual(['/provider/token', '/acme/token']);
      },
    );

    test('is asked at that of tokenServiceURL.tenant where the provider says so', async () => {
      provide('main', forTenant({ Authentication: 'OAuth2ClientCredentials', 'tokenServiceURL.tenant': 'other' }));
      expect((await get(await browserOf(await open(own), 'ada'))).status).toBe(200);
      expect(asked()).toEqual(['/other/token']);
    });
  });

  test('a SAML assertion is signed with the key store of the service', async () => {
    provide('main', {
      Authentication: 'OAuth2SAMLBearerAssertion',
      audience: 'x',
      clientKey: 'key',
      KeyStoreLocation: 'signing.pem',
      userIdSource: 'email',
    });
    service.of(providerTenant).certificates.set('signing.pem', Buffer.from(pem).toString('base64'));
    expect((await get(await browserOf(await open(own), 'ada'))).status).toBe(200);
    const assertion = Buffer.from(issuer.requests[0]?.form.get('assertion') ?? '', 'base64url').toString();
    expect(assertion).toContain('ada@harbour.example');
    expect(assertion).toContain('<saml2:Issuer>harbour</saml2:Issuer>');
  });

  test('one without a key store is got by the service: that key is the subaccount’s, and ours signs nothing for others', async () => {
    provide('main', { Authentication: 'OAuth2SAMLBearerAssertion', audience: 'x', clientKey: 'key' });
    expect((await get(await browserOf(await open(own), 'ada'))).status).toBe(200);
    expect([retrievals().length, issuer.requests.length]).toEqual([1, 0]);
  });
});

describe('a client assertion', () => {
  const asserted = { Authentication: 'OAuth2ClientCredentials', 'clientAssertion.KeyStoreLocation': 'client.pem' };

  test('is minted here whoever gets the other tokens: the service does not know the property', async () => {
    provide('main', asserted);
    service.of(providerTenant).certificates.set('client.pem', Buffer.from(pem).toString('base64'));
    expect((await get(await browserOf(await open({}), 'ada'))).status).toBe(200);
    const minted = issuer.requests[0]?.form.get('client_assertion') ?? '';
    expect(decodeJwt(minted)).toMatchObject({ iss: 'main', sub: 'main', aud: `${issuer.origin}/token` });
    expect(decodeProtectedHeader(minted).alg).toBe('PS256');
    expect(service.calls.some(({ path }) => path.includes('Certificates/client.pem'))).toBe(true);
  });

  test('is never signed with a key store of ours, though it has the name', async () => {
    provide('main', asserted);
    const answer = await get(await browserOf(await open({}, { 'keystores/client.pem': pem }), 'ada'));
    expect(answer.status).toBe(502);
    expect(answer.body.detail).toMatch(/client\.pem is not among the certificates of the Destination service/);
    expect(issuer.requests).toEqual([]);
  });
});

describe('a destination that needs the token of another one', () => {
  const consumer = {
    Authentication: 'OAuth2ClientCredentials',
    'clientAssertion.destinationName': 'provider',
  };
  const provider = {
    Authentication: 'OAuth2ClientCredentials',
    clientSecret: 'hush',
    'clientAssertion.type': 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  };

  test('gets it from the one in the service, of the same tenant', async () => {
    for (const tenant of [providerTenant, 'tenant-acme']) provide('main', consumer, tenant);
    provide('provider', provider);
    provide('provider', { ...provider, clientId: 'provider-of-acme' }, 'tenant-acme');
    const house = await open(own);
    for (const user of ['ada', 'sue'] as const) expect((await get(await browserOf(house, user))).status).toBe(200);
    const assertions = issuer.requests.flatMap(({ form }) => form.get('client_assertion') ?? []);
    expect(assertions).toEqual(['provider-1', 'provider-of-acme-3']);
  });

  test('never from one of ours: our token is not for a token service that somebody else names', async () => {
    provide('main', consumer);
    const ours = {
      Name: 'provider',
      URL: upstream.origin,
      tokenServiceURL: `${issuer.origin}/token`,
      clientId: 'ours',
      ...provider,
    };
    const answer = await get(await browserOf(await open({ ...own, destinations: [ours] }), 'ada'));
    expect(answer.status).toBe(502);
    expect(answer.body.detail).toMatch(/destination provider, which does not exist/);
    expect(issuer.requests).toEqual([]);
  });

  test('in a circle is told, not followed for ever', async () => {
    provide('main', { ...provider, 'clientAssertion.destinationName': 'provider', clientSecret: '' });
    provide('provider', { ...provider, 'clientAssertion.destinationName': 'main', clientSecret: '' });
    const answer = await get(await browserOf(await open(own), 'ada'));
    expect(answer.status).toBe(502);
    expect(answer.body.detail).toMatch(/leads back to where it began/);
  });
});
