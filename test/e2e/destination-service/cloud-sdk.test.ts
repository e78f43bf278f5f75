import { type DestinationFetchOptions, getDestination, type HttpDestination } from '@sap-cloud-sdk/connectivity';
import { executeHttpRequest } from '@sap-cloud-sdk/http-client';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { issueCertificate } from '../../../demo/landscape/keys/certificate.ts';
import { makeRsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import { packPkcs12 } from '../../../demo/landscape/keys/pkcs12.ts';
import { trustCertificates } from '../../../src/config/trust-certificates.ts';
import { certificateFile } from '../../../src/destination-service/server-certificate.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { type DestinationService, openDestinationService } from '../support/open-destination-service.ts';

/**
 * SAP's own client, which most callers of a Destination service are: it finds the service by the binding, gets its tokens
 * there, and judges what is answered.
 */
let issuer: TokenIssuer;
let backend: Backend;
let service: DestinationService;
let foreign: { jwks: string; sign(claims: object, header?: object): Promise<string> };
let subaccount = '';
const before = process.env['VCAP_SERVICES'];

beforeAll(async () => {
  issuer = await startTokenIssuer();
  backend = await openBackend();
  foreign = await foreignIssuer();
  const keys = await makeRsaKeyPair();
  const certificate = issueCertificate({ use: 'client', commonName: 'quay', keys });
  const http = { Type: 'HTTP', URL: backend.origin, ProxyType: 'Internet' };
  const oauth = { ...http, tokenServiceURL: `${issuer.origin}/token`, tokenServiceURLType: 'Dedicated' };
  const client = { clientId: 'us', clientSecret: 'hush' };
  const saml = { audience: 'www.example.com', authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:X509' };
  const keysOfForeign = { 'x_user_token.jwks': foreign.jwks };
  const signing = { KeyStoreLocation: 'quay.p12', KeyStorePassword: 'pw' };
  service = await openDestinationService({
    env: { OIDC_ISSUER: issuer.origin, OIDC_CLIENT_ID: 'cap-app', OIDC_CLIENT_SECRET: 'x' },
    files: {
      'destinations.json': [
        { Name: 'open', ...http, Authentication: 'NoAuthentication' },
        { Name: 'basic', ...http, Authentication: 'BasicAuthentication', User: 'u', Password: 'p' },
        {
          Name: 'mtls',
          ...http,
          URL: 'https://b.example',
          Authentication: 'ClientCertificateAuthentication',
          ...signing,
        },
        { Name: 'mtls-lost', ...http, Authentication: 'ClientCertificateAuthentication', KeyStoreLocation: 'lost.p12' },
        { Name: 'trusting', ...http, Authentication: 'NoAuthentication', TrustStoreLocation: 'ca.pem' },
        { Name: 'technical', ...oauth, ...client, Authentication: 'OAuth2ClientCredentials' },
        { Name: 'refused', ...oauth, ...client, clientSecret: 'wrong', Authentication: 'OAuth2ClientCredentials' },
        { Name: 'password', ...oauth, ...client, Authentication: 'OAuth2Password', User: 'tech', Password: 'p' },
        { Name: 'refresh', ...oauth, ...client, Authentication: 'OAuth2RefreshToken' },
        { Name: 'bearer', ...oauth, ...client, Authentication: 'OAuth2JWTBearer' },
        { Name: 'bearer-foreign', ...oauth, ...client, Authentication: 'OAuth2JWTBearer', ...keysOfForeign },
        { Name: 'exchange', ...oauth, ...client, Authentication: 'OAuth2UserTokenExchange' },
        {
          Name: 'saml-bearer',
          ...oauth,
          ...saml,
          ...signing,
          ...keysOfForeign,
          clientKey: 'us',
          Authentication: 'OAuth2SAMLBearerAssertion',
          userIdSource: 'email',
        },
        {
          Name: 'saml-system',
          ...oauth,
          ...saml,
          clientKey: 'us',
          Authentication: 'OAuth2SAMLBearerAssertion',
          SystemUser: 'robot',
        },
        {
          Name: 'saml',
          ...http,
          ...saml,
          ...signing,
          ...keysOfForeign,
          Authentication: 'SAMLAssertion',
          userIdSource: 'email',
        },
        {
          Name: 'bearer-odd',
          ...oauth,
          ...client,
          Authentication: 'OAuth2JWTBearer',
          ...keysOfForeign,
          'x_user_token.header.typ': 'at+jwt',
        },
      ],
      'keystores/ca.pem': issueCertificate({ use: 'authority', commonName: 'ca', keys }),
    },
  });
  await service.call('/v1/subaccountCertificates', {
    method: 'POST',
    body: {
      Name: 'quay.p12',
      Type: 'CERTIFICATE',
      Content: packPkcs12(keys.privatePem, [certificate], 'pw').toString('base64'),
    },
  });
  subaccount = service.key['tenantid'] ?? '';
  // As NODE_EXTRA_CA_CERTS does it: for tokens of a user's tenant the SDK goes to https.
  trustCertificates(certificateFile, service.directory, new Problems());
  process.env['VCAP_SERVICES'] = JSON.stringify(service.vcap);
});
afterAll(() => {
  if (before === undefined) delete process.env['VCAP_SERVICES'];
  else process.env['VCAP_SERVICES'] = before;
});

beforeEach(() => {
  backend.forget();
  let count = 0;
  issuer.answerWith(async ({ form, headers }) => {
    if (form.get('client_secret') === 'wrong')
      return { status: 401, body: { error: 'invalid_client', error_description: 'Bad credentials' } };
    const grant = form.get('grant_type')?.split(':').pop() ?? '';
    if (grant === 'user_token' && !headers['authorization']) return { status: 401, body: { error: 'unauthorized' } };
    const more = grant === 'user_token' ? { refresh_token: 'r-1' } : {};
    return { body: { access_token: `${grant}-${++count}`, token_type: 'Bearer', expires_in: 3600, ...more } };
  });
});

async function foreignIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'f', alg: 'ES256' }] };
  return {
    jwks: Buffer.from(JSON.stringify(jwks)).toString('base64'),
    sign: (claims: object, header: object = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'f', typ: 'JWT', ...header })
        .setExpirationTime('1h')
        .sign(privateKey),
  };
}

/** As XSUAA makes them, of the subaccount that the service is in. */
const xsuaaUser = () =>
  issuer.sign({
    iss: issuer.origin,
    aud: 'cap-app',
    exp: Math.floor(Date.now() / 1000) + 3600,
    sub: 'mara',
    user_id: 'id-mara',
    user_name: 'mara@example.com',
    email: 'mara@example.com',
    zid: subaccount,
    ext_attr: { enhancer: 'XSUAA', zdn: 'local' },
  });
const foreignUser = (header: object = {}) =>
  foreign.sign({ sub: 'lindqvist', email: 'lindqvist@example.com', user_uuid: 'uuid-1', zid: subaccount }, header);

async function fetched(destinationName: string, options: Partial<DestinationFetchOptions> = {}) {
  const found = await getDestination({ destinationName, useCache: false, ...options } as DestinationFetchOptions);
  return found as HttpDestination | null;
}
const tokenOf = (destination: HttpDestination | null) => destination?.authTokens?.[0];

/** What the backend is shown when the SDK calls it. */
async function shown(
  destinationName: string,
  options: Partial<DestinationFetchOptions> = {},
): Promise<string | undefined> {
  await executeHttpRequest({ destinationName, useCache: false, ...options } as DestinationFetchOptions, {
    method: 'get',
    url: '/ships',
  });
  return backend.last().headers.authorization;
}
const lastForm = () => issuer.requests.at(-1)?.form ?? new URLSearchParams();

describe('for the client the SDK gets', () => {
  test('a destination without credentials', async () => {
    expect(await fetched('open')).toMatchObject({
      name: 'open',
      url: backend.origin,
      authentication: 'NoAuthentication',
    });
    expect(await shown('open')).toBeUndefined();
  });

  test('user and password', async () => {
    expect(await shown('basic')).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
  });

  test('a token of client credentials', async () => {
    expect(await shown('technical')).toMatch(/^Bearer client_credentials-\d$/);
  });

  test('a token for a technical user', async () => {
    expect(await shown('password')).toMatch(/^Bearer password-\d$/);
    expect(lastForm().get('username')).toBe('tech');
  });

  test('a token for its refresh token', async () => {
    expect(await shown('refresh', { refreshToken: 'r-mine' })).toMatch(/^Bearer refresh_token-\d$/);
    expect(lastForm().get('refresh_token')).toBe('r-mine');
  });

  test('a token for the system user, signed by the default trust', async () => {
    expect(await shown('saml-system')).toMatch(/^Bearer saml2-bearer-\d$/);
    expect(Buffer.from(lastForm().get('assertion') ?? '', 'base64url').toString()).toContain('>robot</saml2:NameID>');
  });

  test('a key store, to show its certificate with', async () => {
    const destination = await fetched('mtls');
    expect(destination).toMatchObject({ keyStoreName: 'quay.p12', keyStorePassword: 'pw' });
    expect(destination?.certificates).toMatchObject([{ name: 'quay.p12', type: 'CERTIFICATE' }]);
    const [{ content } = { content: '' }] = destination?.certificates ?? [];
    const kept = await service.call('/v1/subaccountCertificates/quay.p12');
    expect(content).toBe(kept.body.Content);
  });

  test('the certificates to trust', async () => {
    expect((await fetched('trusting'))?.trustStoreCertificate).toMatchObject({ name: 'ca.pem' });
  });
});

describe('for a user of XSUAA the SDK gets', () => {
  test('a token by JWT bearer: the token that the user came with is handed on', async () => {
    const jwt = await xsuaaUser();
    expect(await shown('bearer', { jwt })).toMatch(/^Bearer jwt-bearer-\d$/);
    expect(lastForm().get('assertion')).toBe(jwt);
  });

  test('a token by user token exchange', async () => {
    const jwt = await xsuaaUser();
    expect(await shown('exchange', { jwt })).toMatch(/^Bearer refresh_token-\d$/);
    expect(lastForm().get('refresh_token')).toBe('r-1');
  });

  test('nothing with a token that the provider did not sign', async () => {
    const [header, claims] = (await xsuaaUser()).split('.');
    const forged = `${header}.${claims}.${(await issuer.forge({})).split('.')[2]}`;
    await expect(fetched('bearer', { jwt: forged })).rejects.toThrow();
  });
});

describe('for a user of another provider the SDK gets', () => {
  test('a token by JWT bearer, where the destination has the keys', async () => {
    const jwt = await foreignUser();
    expect(await shown('bearer-foreign', { jwt })).toMatch(/^Bearer jwt-bearer-\d$/);
    expect(lastForm().get('assertion')).toBe(jwt);
  });

  test('a token by SAML bearer, signed with the key store that was uploaded', async () => {
    expect(await shown('saml-bearer', { jwt: await foreignUser() })).toMatch(/^Bearer saml2-bearer-\d$/);
    const xml = Buffer.from(lastForm().get('assertion') ?? '', 'base64url').toString();
    expect(xml).toContain('>lindqvist@example.com</saml2:NameID>');
    expect(xml).toContain('<saml2:Issuer>quay</saml2:Issuer>');
  });

  test('a SAML assertion, a new one for each call', async () => {
    const jwt = await foreignUser();
    const first = tokenOf(await fetched('saml', { jwt }));
    expect(first).toMatchObject({
      type: 'SAML2.0',
      http_header: { key: 'Authorization', value: `SAML2.0 ${first?.value}` },
    });
    expect(Buffer.from(first?.value ?? '', 'base64').toString()).toContain('lindqvist@example.com');
    expect(tokenOf(await fetched('saml', { jwt }))?.value).not.toBe(first?.value);
  });

  test('nothing when the typ of the token is another than the destination wants', async () => {
    expect(tokenOf(await fetched('bearer-odd', { jwt: await foreignUser() }))?.error).toMatch(/typ/);
    expect(tokenOf(await fetched('bearer-odd', { jwt: await foreignUser({ typ: 'at+jwt' }) }))?.value).toMatch(
      /^jwt-bearer/,
    );
  });
});

describe('what goes wrong is told to the SDK as it knows it', () => {
  test('a name that there is not is no destination, and no error', async () => {
    expect(await fetched('nobody')).toBeNull();
  });

  test('a client secret that the token service refuses', async () => {
    expect(tokenOf(await fetched('refused'))?.error).toMatch(
      /^Retrieval of OAuthToken failed due to: .*Bad credentials/,
    );
    await expect(shown('refused')).rejects.toThrow();
  });

  test('a key store that is not there', async () => {
    await expect(shown('mtls-lost')).rejects.toThrow(/lost\.p12/);
  });

  test('a wrong secret of the binding itself', async () => {
    const vcap = JSON.parse(JSON.stringify(service.vcap));
    vcap.destination[0].credentials.clientsecret = 'wrong';
    vcap.destination[0].credentials.clientid = 'another';
    process.env['VCAP_SERVICES'] = JSON.stringify(vcap);
    try {
      await expect(fetched('open')).rejects.toThrow(/token/);
    } finally {
      process.env['VCAP_SERVICES'] = JSON.stringify(service.vcap);
    }
  });
});

describe('what the SDK keeps', () => {
  test('is asked for once, and lives as long as the token', async () => {
    const asked = () => issuer.requests.length;
    const first = tokenOf(await fetched('technical', { useCache: true }));
    const requests = asked();
    expect(tokenOf(await fetched('technical', { useCache: true }))).toEqual(first);
    expect(asked()).toBe(requests);
    expect(Number(first?.expiresIn)).toBeGreaterThan(3000);
  });

  test('is kept for each user apart', async () => {
    const one = await foreign.sign({ sub: 'a', user_id: 'a', email: 'a@example.com', zid: subaccount });
    const other = await foreign.sign({ sub: 'b', user_id: 'b', email: 'b@example.com', zid: subaccount });
    const tokens = [one, other, one].map((jwt) => () => fetched('bearer-foreign', { jwt, useCache: true }));
    const [first, second, again] = [await tokens[0]?.(), await tokens[1]?.(), await tokens[2]?.()].map((one) =>
      tokenOf(one ?? null),
    );
    expect(first?.value).not.toBe(second?.value);
    expect(again?.value).toBe(first?.value);
  });
});
