import { beforeAll, describe, expect, test } from 'vitest';
import type { KeyStores } from '../../../src/config/key-store.ts';
import { destinationOf, parse } from '../tokens/support/destination-of.ts';
import { openKeyPairs } from '../tokens/support/key-pairs.ts';

const { maker, keyStores } = openKeyPairs({ ship: {}, old: { days: 5 } }, 'sesame');

beforeAll(() => {
  maker.openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'ec.key.pem');
  maker.openssl('req', '-x509', '-new', '-key', 'ec.key.pem', '-out', 'ec.crt.pem', '-subj', '/CN=ec', '-days', '90');
  maker.pack('ec', 'sesame');
  const output = ['-keyout', 'short.key.pem', '-out', 'short.crt.pem'];
  maker.openssl('req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-days', '90', '-subj', '/CN=short', ...output);
  maker.pack('short', 'sesame');
});

const base = {
  Name: 'graph',
  URL: 'https://graph.example',
  Authentication: 'OAuth2ClientCredentials' as const,
  clientId: 'client',
  tokenServiceURL: 'https://login.example/oauth2/token',
};
const mtls = { 'tokenService.KeyStoreLocation': 'ship.p12', 'tokenService.KeyStorePassword': 'sesame' };
const minted = { 'clientAssertion.KeyStoreLocation': 'ship.p12', 'clientAssertion.KeyStorePassword': 'sesame' };

describe('how the client shows who it is: the first of four ways (destination-service.md 2.3)', () => {
  test.each<[string, object, object]>([
    ['secret in the body', { clientSecret: 's' }, { method: 'client_secret_post', secret: 's' }],
    [
      'secret as Basic when told so',
      { clientSecret: 's', 'tokenService.addClientCredentialsInBody': 'FALSE' },
      { method: 'client_secret_basic', user: 'client', secret: 's' },
    ],
    ['certificate rather than secret', { clientSecret: 's', ...mtls }, { method: 'tls_client_auth' }],
    [
      'minted assertion rather than certificate',
      { clientSecret: 's', ...mtls, ...minted },
      { method: 'private_key_jwt' },
    ],
    [
      "another destination's token",
      { clientSecret: 's', 'clientAssertion.destinationName': 'provider' },
      { method: 'fetched_assertion', destinationName: 'provider' },
    ],
    [
      'token service user before all',
      { clientSecret: 's', ...mtls, ...minted, tokenServiceUser: 'u', tokenServicePassword: 'p' },
      { method: 'client_secret_basic', user: 'u', secret: 'p' },
    ],
    ['nothing', {}, { method: 'none' }],
  ])('%s', async (_, properties, expected) => {
    const { tokenService } = await destinationOf({ ...base, ...properties }, { keyStores });
    expect(tokenService.clientAuthentication).toMatchObject(expected);
  });

  test('a certificate is shown whatever else is', async () => {
    const { tokenService } = await destinationOf({ ...base, ...mtls, ...minted }, { keyStores });
    expect(tokenService.tls.clientCertificate?.commonName).toBe('ship');
  });

  test('the assertion has the defaults of the contract, and each can be set', async () => {
    const { tokenService } = await destinationOf(
      { ...base, ...minted, tokenServiceURL: 'https://login.example/t?x=1' },
      { keyStores },
    );
    expect(tokenService.clientAuthentication).toMatchObject({
      assertion: { algorithm: 'PS256', audience: 'https://login.example/t', lifetimeInSeconds: 300 },
    });
    const set = await destinationOf(
      {
        ...base,
        ...minted,
        'clientAssertion.algorithm': 'RS256',
        'clientAssertion.audience': 'https://issuer.example',
        'clientAssertion.lifetimeInSeconds': '60',
      },
      { keyStores },
    );
    expect(set.tokenService.clientAuthentication).toMatchObject({
      assertion: { algorithm: 'RS256', audience: 'https://issuer.example', lifetimeInSeconds: 60 },
    });
  });

  test.each<[object, string]>([
    [{ tokenServiceUser: 'u' }, 'tokenServicePassword: is missing; it goes with tokenServiceUser'],
    [{ tokenServicePassword: 'p' }, 'tokenServiceUser: is missing; it goes with tokenServicePassword'],
    [
      { ...minted, 'clientAssertion.KeyStorePassword': 'x' },
      'clientAssertion.KeyStorePassword: ship.p12 cannot be opened',
    ],
    [{ ...minted, 'clientAssertion.KeyStoreLocation': 'no.p12' }, 'clientAssertion.KeyStoreLocation: no.p12 is not in'],
    [{ ...minted, 'clientAssertion.KeyStoreLocation': 'ec.p12' }, 'clientAssertion.KeyStoreLocation: needs an RSA key'],
    [{ ...minted, 'clientAssertion.algorithm': 'HS256' }, 'clientAssertion.algorithm: must be one of PS256, RS256'],
    [
      { ...mtls, tokenServiceURL: 'http://localhost:1/t' },
      'tokenService.KeyStoreLocation: needs a tokenServiceURL with https',
    ],
    [
      { ...minted, 'clientAssertion.destinationName': 'd' },
      'clientAssertion.destinationName: and clientAssertion.KeyStoreLocation exclude each other',
    ],
    [{ 'clientAssertion.type': 'urn:x' }, 'clientAssertion.type: must be one of urn:ietf:params:oauth:client-'],
  ])('%j is refused', async (properties, expected) => {
    const { destination, problems, warnings } = await parse({ ...base, ...properties }, { keyStores });
    expect(destination).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(expected)]);
    if ('clientAssertion.KeyStoreLocation' in properties) expect(warnings, 'there is a key store').toEqual([]);
  });

  test.each<[string, object, string[]]>([
    ['nothing proves who we are', {}, ['d.json/0/clientSecret: is missing, and so is any key store']],
    ['a fixed assertion does', { 'tokenService.body.client_assertion': 'x' }, []],
    ['a fixed header does', { 'tokenServiceURL.headers.Authorization': 'Basic x' }, []],
    ['the secret is not sent', { ...mtls, clientSecret: 's' }, ['d.json/0/clientSecret: is not sent']],
    [
      'the certificate ends soon',
      { 'tokenService.KeyStoreLocation': 'old.p12', 'tokenService.KeyStorePassword': 'sesame' },
      ['d.json/0/tokenService.KeyStoreLocation: old.p12: the certificate expires in 4 days'],
    ],
    [
      'the key is shorter than services take (RFC 7518 3.3)',
      { 'clientAssertion.KeyStoreLocation': 'short.p12', 'clientAssertion.KeyStorePassword': 'sesame' },
      ['d.json/0/clientAssertion.KeyStoreLocation: short.p12: its key has 1024 bits'],
    ],
  ])('warning: %s', async (_, properties, expected) => {
    const { destination, warnings } = await parse({ ...base, ...properties }, { keyStores });
    expect(destination).toBeDefined();
    expect(warnings).toEqual(expected.map((text) => expect.stringContaining(text)));
  });

  test('another key store under the same name is another destination', async () => {
    const one = await destinationOf({ ...base, ...mtls }, { keyStores });
    const swapped: KeyStores = { ...keyStores, keyPair: () => keyStores.keyPair('old.p12', 'sesame') };
    const other = await destinationOf({ ...base, ...mtls }, { keyStores: swapped });
    expect(other.fingerprint).not.toBe(one.fingerprint);
  });
});

describe('the token endpoint', () => {
  const withSecret = { ...base, clientSecret: 's' };

  test.each([
    'http://localhost:8080/t',
    'http://idp.localhost/t',
    'http://127.0.0.1/t',
    'http://127.9.9.9:1/t',
    'http://[::1]:1/t',
  ])('may be plain http on loopback: %s', async (tokenServiceURL) => {
    expect((await parse({ ...withSecret, tokenServiceURL })).problems).toEqual([]);
  });

  test.each([
    'http://login.example/t',
    'http://localhost.example/t',
    'http://127.0.0.1.example/t',
    'http://10.0.0.1/t',
    'http://[::2]/t',
  ])('must be https elsewhere: %s', async (tokenServiceURL) => {
    const { problems } = await parse({ ...withSecret, tokenServiceURL });
    expect(problems).toEqual([expect.stringContaining('tokenServiceURL: must be https')]);
  });

  test('queries join those of the URL; headers are lower case; body fields keep their names', async () => {
    const { tokenService } = await destinationOf({
      ...withSecret,
      tokenServiceURL: 'https://login.example/t?company_id=ACME',
      'tokenServiceURL.queries.a b': 'c&d',
      'tokenServiceURL.headers.X-Tenant': 'acme',
      'tokenService.body.requested_token_use': 'on_behalf_of',
      scope: 'https://graph.example/.default',
    });
    expect(tokenService.url.href).toBe('https://login.example/t?company_id=ACME&a+b=c%26d');
    expect(tokenService.endpoint).toBe('https://login.example/t');
    expect(tokenService.headers).toEqual({ 'x-tenant': 'acme' });
    expect(tokenService.body).toEqual({ requested_token_use: 'on_behalf_of' });
    expect(tokenService.scope).toBe('https://graph.example/.default');
  });

  test('the prefixes everybody tries first work, with a word about the right ones', async () => {
    const raw = { ...withSecret, 'tokenService.headers.X-A': '1', 'tokenService.queries.q': '2' };
    const { warnings } = await parse(raw);
    const { tokenService } = await destinationOf(raw);
    expect(tokenService.headers).toEqual({ 'x-a': '1' });
    expect(tokenService.url.search).toBe('?q=2');
    expect(warnings).toEqual([
      expect.stringContaining('tokenService.queries.q: is taken for tokenServiceURL.queries.q'),
      expect.stringContaining('tokenService.headers.X-A: is taken for tokenServiceURL.headers.X-A'),
    ]);
  });

  test.each([
    [undefined, undefined, 10_000, 10_000],
    ['5', '30', 5_000, 30_000],
    ['60', '600', 60_000, 600_000],
    ['61', '601', 10_000, 10_000],
    ['x', '-1', 10_000, 10_000],
    ['0', '0', 60_000, 600_000],
  ])('timeouts %s s and %s s are %i ms and %i ms', async (connection, read, connectTimeout, readTimeout) => {
    const { tokenService } = await destinationOf({
      ...withSecret,
      'tokenServiceURL.ConnectionTimeoutInSeconds': connection,
      'tokenServiceURL.SocketReadTimeoutInSeconds': read,
    });
    expect(tokenService).toMatchObject({ connectTimeout, readTimeout });
  });

  test.each([
    [{ tokenServiceURL: undefined }, 'tokenServiceURL: is missing'],
    [{ clientId: undefined }, 'clientId: is missing'],
    [
      { tokenServiceURL: 'https://x.example/{tenant}/token' },
      'tokenServiceURLType: must be Common: tokenServiceURL has a place for the tenant',
    ],
    [{ tokenServiceURLType: 'PerTenant' }, 'tokenServiceURLType: must be one of Dedicated, Common'],
    [{ 'tokenServiceURL.ProxyType': 'OnPremise' }, 'tokenServiceURL.ProxyType: is not supported yet'],
    [{ 'tokenServiceURL.headers.a': 'b\nc' }, 'tokenServiceURL.headers.a: has a value that no header can carry'],
  ])('%j is refused', async (properties, expected) => {
    const { [Object.keys(properties)[0] as 'clientId']: _, ...rest } = withSecret as Record<string, unknown>;
    const raw = Object.fromEntries(
      Object.entries({ ...rest, ...properties }).filter(([, value]) => value !== undefined),
    );
    expect((await parse(raw)).problems).toEqual([expect.stringContaining(expected)]);
  });

  test('TrustAll means the token service too, strictSSL only the target', async () => {
    const trustAll = await destinationOf({ ...withSecret, TrustAll: 'true' });
    expect([trustAll.tls.verify, trustAll.tokenService.tls.verify]).toEqual([false, false]);
    const lax = await destinationOf({ ...withSecret, strictSSL: false });
    expect([lax.tls.verify, lax.tokenService.tls.verify]).toEqual([false, true]);
  });

  test('a trust store with a password is opened with it, and one that ends soon is spoken of', async () => {
    const { warnings, problems } = await parse(
      { ...withSecret, TrustStoreLocation: 'old.p12', TrustStorePassword: 'sesame' },
      { keyStores },
    );
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining('TrustStoreLocation: old.p12: the certificate expires in 4 days'),
    ]);
    const wrong = await parse({ ...withSecret, TrustStoreLocation: 'old.p12', TrustStorePassword: 'x' }, { keyStores });
    expect(wrong.problems).toEqual([expect.stringContaining('TrustStorePassword: old.p12 cannot be opened')]);
  });

  test('HostnameVerifier is for both', async () => {
    const { tls, tokenService } = await destinationOf({ ...withSecret, HostnameVerifier: 'BrowserCompatible' });
    expect([tls.hostNames, tokenService.tls.hostNames]).toEqual(['browser-compatible', 'browser-compatible']);
    expect((await destinationOf(withSecret)).tls.hostNames).toBe('strict');
  });

  test('a trust store is trusted for both', async () => {
    const destination = await destinationOf({ ...withSecret, TrustStoreLocation: 'ship.crt.pem' }, { keyStores });
    expect(destination.tls.trust).toHaveLength(1);
    expect(destination.tokenService.tls.trust).toEqual(destination.tls.trust);
  });
});

describe('one way to show who the client is (RFC 6749 2.3)', () => {
  test('a fixed client assertion is sent alone, and what is left beside it is told', async () => {
    const raw = {
      Name: 'orders',
      URL: 'https://orders.example',
      Authentication: 'OAuth2ClientCredentials',
      clientId: 'c',
      clientSecret: 'hush',
      tokenServiceURL: 'https://login.example/token',
      'tokenService.body.client_assertion': 'a.b.c',
    };
    const { destination, warnings } = await parse(raw);
    expect(destination).toMatchObject({ tokenService: { clientAuthentication: { method: 'none' } } });
    expect(warnings).toEqual([
      expect.stringContaining('clientSecret: is not used: tokenService.body.client_assertion'),
    ]);
  });

  test('scopes are sent with one blank between two, however they were written (3.3)', async () => {
    const raw = { Authentication: 'OAuth2ClientCredentials' as const, clientId: 'c', clientSecret: 's' };
    const token = { tokenServiceURL: 'https://login.example/token', scope: ' a\n  b ' };
    expect((await destinationOf({ ...raw, ...token })).tokenService.scope).toBe('a b');
  });
});

describe('SAML bearer', () => {
  const saml = {
    Name: 'sfsf',
    URL: 'https://api.sf.example',
    Authentication: 'OAuth2SAMLBearerAssertion' as const,
    clientKey: 'KEY',
    tokenServiceURL: 'https://api.sf.example/oauth/token?company_id=ACME',
    audience: 'www.successfactors.com',
    KeyStoreLocation: 'ship.p12',
    KeyStorePassword: 'sesame',
  };

  test('has the defaults of the service', async () => {
    const destination = await destinationOf(saml, { keyStores });
    expect(destination.tokenService).toMatchObject({ clientId: 'KEY', clientAuthentication: { method: 'none' } });
    expect((await destination.saml?.signingKey.current())?.commonName).toBe('ship');
    expect(destination.saml).toMatchObject({
      issuer: undefined,
      audience: 'www.successfactors.com',
      recipient: 'https://api.sf.example/oauth/token',
      authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PreviousSession',
      nameId: {
        format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
        qualifier: undefined,
        systemUser: undefined,
        source: ['user_name'],
      },
      encoding: 'base64url',
      includeSigningCertificate: false,
      skipUserUuid: false,
      successFactors: { apiKey: 'KEY', companyId: undefined },
    });
  });

  test('of SuccessFactors is known by a company_id in the token URL, which then is not sent twice (2.7)', async () => {
    const destination = await destinationOf(saml, { keyStores });
    expect(destination.saml?.successFactors).toEqual({ apiKey: 'KEY', companyId: undefined, useEmail: false });
    expect(destination.saml?.recipient).toBe('https://api.sf.example/oauth/token');
    const { warnings } = await parse({ ...saml, companyId: 'ACME' }, { keyStores });
    expect(warnings).toEqual([expect.stringContaining('companyId: is not sent')]);
  });

  test.each(['tokenServiceURL.queries.company_id', 'tokenService.body.company_id'])(
    'of SuccessFactors is known by %s, too',
    async (property) => {
      const bare = { ...saml, tokenServiceURL: 'https://api.sf.example/oauth/token', [property]: 'ACME' };
      const { saml: profile } = await destinationOf(bare, { keyStores });
      expect(profile?.successFactors).toEqual({ apiKey: 'KEY', companyId: undefined, useEmail: false });
    },
  );

  test('a company in the query is not sent in the form, too (RFC 6749 3.2)', async () => {
    const twice = { 'tokenServiceURL.queries.company_id': 'ACME', companyId: 'ACME' };
    const properties = { ...saml, tokenServiceURL: 'https://api.sf.example/oauth/token', ...twice };
    expect((await destinationOf(properties, { keyStores })).saml?.successFactors?.companyId).toBeUndefined();
  });

  test('takes every property of section 2.2', async () => {
    const destination = await destinationOf(
      {
        ...saml,
        tokenServiceURL: 'https://api.sf.example/oauth/token',
        assertionIssuer: 'me',
        assertionRecipient: 'https://other.example',
        authnContextClassRef: 'urn:x',
        nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
        nameQualifier: 'q',
        userIdSource: '$.ext_attr.mail',
        samlAssertionEncoding: 'base64',
        includeSigningCertificateInSAMLAssertion: 'true',
        skipUserUuidInSAMLAttributes: 'true',
        skipUserAttributesPrefixInSAMLAttributes: 'true',
        companyId: 'ACME',
        apiKey: 'KEY',
      },
      { keyStores },
    );
    expect(destination.saml).toMatchObject({
      issuer: 'me',
      recipient: 'https://other.example',
      authnContextClassRef: 'urn:x',
      nameId: { qualifier: 'q', source: ['ext_attr', 'mail'] },
      encoding: 'base64',
      includeSigningCertificate: true,
      skipUserUuid: true,
      skipUserAttributesPrefix: true,
      successFactors: { apiKey: 'KEY', companyId: 'ACME', useEmail: true },
    });
  });

  test("without a key store the house's own key signs, where there is one", async () => {
    const { KeyStoreLocation: _, KeyStorePassword: __, ...own } = saml;
    const { problems } = await parse(own);
    expect(problems).toEqual([expect.stringContaining('KeyStoreLocation: is missing; name the key store')]);
    const pair = await keyStores.keyPair('ship.p12', 'sesame');
    const defaultTrust = { active: async () => pair, latest: () => pair };
    const destination = await destinationOf(own, { keyStores, defaultTrust });
    expect(await destination.saml?.signingKey.current()).toBe(pair);
  });

  test.each<[object, string]>([
    [{ audience: '' }, 'audience: is missing'],
    [{ clientKey: '' }, 'clientKey: is missing'],
    [{ nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' }, 'nameIdFormat: goes with no claim'],
    [{ userIdSource: '$..mail' }, 'userIdSource: must be the name of a claim'],
    [{ KeyStoreLocation: 'ec.p12' }, 'KeyStoreLocation: needs an RSA key'],
    [{ samlAssertionEncoding: 'hex' }, 'samlAssertionEncoding: must be one of base64url, base64'],
    [
      { SAMLAssertionProvider: 'Somebody' },
      'SAMLAssertionProvider: must be one of DestinationServiceGenerated, Client',
    ],
  ])('%j is refused', async (properties, expected) => {
    expect((await parse({ ...saml, ...properties }, { keyStores })).problems).toEqual([
      expect.stringContaining(expected),
    ]);
  });

  test.each<object>([{ SystemUser: 'robot' }, { userIdSource: 'sub' }])(
    'with %j any format will do, as no claim follows from it',
    async (properties) => {
      const raw = { ...saml, ...properties, nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' };
      expect((await parse(raw, { keyStores })).problems).toEqual([]);
    },
  );
});

describe('the recipes people bring along are taken as they are, without a warning', () => {
  const dedicated = { Type: 'HTTP', ProxyType: 'Internet', Description: 'x', tokenServiceURLType: 'Dedicated' };

  test.each<[string, object]>([
    [
      'Microsoft Graph on behalf of the user, with a fixed client assertion',
      {
        ...dedicated,
        Name: 'graph-obo',
        URL: 'https://graph.microsoft.com/v1.0',
        Authentication: 'OAuth2JWTBearer',
        clientId: '5a945db3-f165-4b7b-abbd-e7d7d36d1b23',
        scope: 'openid email offline_access',
        tokenServiceURL: 'https://login.microsoftonline.com/tenant/oauth2/v2.0/token',
        'tokenService.KeyStoreLocation': '',
        'tokenService.KeyStorePassword': '',
        'tokenService.body.client_assertion': 'a.b.c',
        'tokenService.body.client_assertion_type': 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        'tokenService.body.requested_token_use': 'on_behalf_of',
        'x_user_token.jwks_uri': 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
      },
    ],
    [
      'SuccessFactors with its own key and a fixed user',
      {
        ...dedicated,
        Name: 'sfsf',
        URL: 'https://api.sf.example/odata/v2',
        Authentication: 'OAuth2SAMLBearerAssertion',
        audience: 'www.successfactors.com',
        clientKey: 'KEY',
        apiKey: 'KEY',
        companyId: 'ACME',
        SystemUser: 'sfadmin',
        tokenServiceURL: 'https://api.sf.example/oauth/token',
        authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PreviousSession',
        nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
        KeyStoreLocation: 'ship.p12',
        KeyStorePassword: 'sesame',
        XFSystemName: 'SFSF',
        'HTML5.DynamicDestination': 'true',
        WebIDEEnabled: 'true',
      },
    ],
    [
      'S/4HANA Cloud',
      {
        ...dedicated,
        Name: 's4',
        URL: 'https://my1-api.s4.example',
        Authentication: 'OAuth2SAMLBearerAssertion',
        audience: 'https://my1.s4.example',
        clientKey: 'COMM_USER',
        tokenServiceUser: 'COMM_USER',
        tokenServicePassword: 'p',
        tokenServiceURL: 'https://my1-api.s4.example/sap/bc/sec/oauth2/token',
        authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:X509',
        nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
        SystemUser: '',
        KeyStoreLocation: 'ship.p12',
        KeyStorePassword: 'sesame',
        'sap-client': '100',
      },
    ],
    [
      'application to application at IAS, with a certificate',
      {
        ...dedicated,
        Name: 'ias',
        URL: 'https://app.example',
        Authentication: 'OAuth2JWTBearer',
        clientId: 'id',
        tokenServiceURL: 'https://acme.accounts.ondemand.com/oauth2/token',
        'tokenService.body.resource': 'urn:sap:identity:application:provider:name:orders',
        'tokenService.body.token_format': 'jwt',
        ...mtls,
      },
    ],
  ])('%s', async (_, raw) => {
    expect(await parse({ ...raw }, { keyStores })).toMatchObject({ problems: [], warnings: [] });
  });
});
