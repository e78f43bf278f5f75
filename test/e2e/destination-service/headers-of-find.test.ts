import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTokenIssuer, type TokenIssuer, type TokenRequest } from '../../support/token-issuer.ts';
import { type DestinationService, openDestinationService } from '../support/open-destination-service.ts';

/** destination-service.md 4.2: what a caller hands in, and what becomes of it. */
let issuer: TokenIssuer;
let service: DestinationService;
const jwtType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
const prefix = 'Retrieval of OAuthToken failed due to: ';

beforeAll(async () => {
  issuer = await startTokenIssuer();
  const http = { Type: 'HTTP', URL: 'https://b.example', ProxyType: 'Internet' };
  const oauth = {
    ...http,
    tokenServiceURL: `${issuer.origin}/token`,
    tokenServiceURLType: 'Dedicated',
    clientId: 'us',
  };
  const secret = { clientSecret: 'hush' };
  const common = { tokenServiceURLType: 'Common', tokenServiceURL: `${issuer.origin}/t/{tenant}/token` };
  const keys = { 'x_user_token.jwks_uri': `${issuer.origin}/keys` };
  const saml = { clientKey: 'us', audience: 'x', authnContextClassRef: 'urn:x', userIdSource: 'sub' };
  service = await openDestinationService({
    files: {
      'destinations.json': [
        { Name: 'code', ...oauth, ...secret, Authentication: 'OAuth2AuthorizationCode' },
        { Name: 'refresh', ...oauth, ...secret, Authentication: 'OAuth2RefreshToken' },
        { Name: 'exchange', ...oauth, ...secret, Authentication: 'OAuth2TokenExchange' },
        { Name: 'client', ...oauth, ...secret, Authentication: 'OAuth2ClientCredentials' },
        { Name: 'proofless', ...oauth, Authentication: 'OAuth2ClientCredentials' },
        {
          Name: 'prover',
          ...oauth,
          ...secret,
          Authentication: 'OAuth2ClientCredentials',
          'clientAssertion.type': jwtType,
        },
        {
          Name: 'proven',
          ...oauth,
          Authentication: 'OAuth2ClientCredentials',
          'clientAssertion.destinationName': 'prover',
        },
        { Name: 'tenants', ...oauth, ...secret, ...common, Authentication: 'OAuth2ClientCredentials' },
        { Name: 'on-premise', ...oauth, ...secret, ProxyType: 'OnPremise', Authentication: 'OAuth2ClientCredentials' },
        {
          Name: 'technical',
          ...oauth,
          ...secret,
          ProxyType: 'OnPremise',
          Authentication: 'OAuth2TechnicalUserPropagation',
        },
        { Name: 'principal', ...http, ProxyType: 'OnPremise', Authentication: 'PrincipalPropagation' },
        { Name: 'mail', Type: 'MAIL', 'mail.user': 'u', Authentication: 'BasicAuthentication' },
        { Name: 'bearer', ...oauth, ...secret, ...keys, Authentication: 'OAuth2JWTBearer' },
        { Name: 'bearer-of-nobody', ...oauth, ...secret, Authentication: 'OAuth2JWTBearer' },
        { Name: 'saml', ...oauth, ...saml, ...keys, Authentication: 'OAuth2SAMLBearerAssertion' },
        {
          Name: 'saml-brought',
          ...oauth,
          ...saml,
          Authentication: 'OAuth2SAMLBearerAssertion',
          SAMLAssertionProvider: 'ClientProvided',
        },
        { Name: 'unknown', ...oauth, Authentication: 'OAuth2Magic' },
      ],
    },
  });
});

beforeEach(() => {
  issuer.answerWith(async ({ form }: TokenRequest) => ({
    body: {
      access_token: `${form.get('grant_type')?.split(':').pop()}-token`,
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: 'r-next',
      ...(form.get('subject_token') ? { issued_token_type: accessToken } : {}),
    },
  }));
});

const find = async (name: string, headers: Record<string, string> = {}, query = '') =>
  (await service.call(`/v1/destinations/${name}${query}`, { headers })).body;
const entry = async (name: string, headers: Record<string, string> = {}) => (await find(name, headers)).authTokens?.[0];
const form = () => Object.fromEntries(issuer.requests.at(-1)?.form ?? []);
const user = (claims: object = {}) =>
  issuer.sign({ sub: 'mara', exp: Math.floor(Date.now() / 1000) + 600, ...claims }, { typ: 'JWT' });

test('a code, with its redirect URI decoded and its verifier', async () => {
  const redirect = 'https://app.example/cb?x=1';
  const headers = { 'X-code': 'c-1', 'X-redirect-uri': encodeURIComponent(redirect), 'X-code-verifier': 'v' };
  expect(await entry('code', headers)).toMatchObject({ value: 'authorization_code-token', refresh_token: 'r-next' });
  expect(form()).toMatchObject({ code: 'c-1', redirect_uri: redirect, code_verifier: 'v' });
});

test('a subject token and an actor', async () => {
  const headers = {
    'X-subject-token': 's',
    'X-subject-token-type': accessToken,
    'X-actor-token': 'a',
    'X-actor-token-type': accessToken,
  };
  expect(await entry('exchange', headers)).toMatchObject({
    value: 'token-exchange-token',
    issued_token_type: accessToken,
  });
  expect(form()).toMatchObject({ subject_token: 's', actor_token: 'a' });
});

test('a SAML assertion, unchanged', async () => {
  expect(await entry('saml-brought', { 'X-samlAssertion': 'PHhtbC8-' })).toMatchObject({ value: 'saml2-bearer-token' });
  expect(form()['assertion']).toBe('PHhtbC8-');
});

test('a client assertion, or the destination that gives one', async () => {
  await entry('proofless', { 'X-client-assertion': 'ca', 'X-client-assertion-type': jwtType });
  expect(form()).toMatchObject({ client_assertion: 'ca', client_assertion_type: jwtType });
  await entry('proven');
  expect(form()).toMatchObject({ client_assertion: 'client_credentials-token', client_assertion_type: jwtType });
  await entry('proofless', { 'X-client-assertion-destination-name': 'prover' });
  expect(form()).toMatchObject({ client_assertion: 'client_credentials-token' });
  const mixed = await service.call('/v1/destinations/proofless', {
    headers: {
      'X-client-assertion': 'ca',
      'X-client-assertion-type': jwtType,
      'X-client-assertion-destination-name': 'prover',
    },
  });
  expect([mixed.status, mixed.body.ErrorMessage]).toEqual([400, expect.stringMatching(/^Cannot mix header /)]);
});

test('a tenant, where the token service has an address for each', async () => {
  expect(await entry('tenants', { 'X-tenant': 'acme' })).toMatchObject({ value: 'client_credentials-token' });
  expect(issuer.paths.at(-1)).toBe('/t/acme/token');
  expect((await entry('tenants')).error).toBe(
    `${prefix}You must send the X-tenant header when the tokenServiceURLType property is Common`,
  );
  expect((await entry('client', { 'X-tenant': 'acme' })).error).toMatch(/^Retrieval/);
  expect((await entry('tenants', { 'X-tenant': 'a.evil/' })).error).toMatch(/^Retrieval/);
  const both = await service.call('/v1/destinations/tenants', {
    headers: { 'X-tenant': 'a', 'X-user-token': 'b.c.d' },
  });
  expect(both.status).toBe(400);
});

test('a technical user is named to the Cloud Connector, and an OAuth token behind one is not to be had', async () => {
  expect((await entry('technical')).http_header).toEqual({
    key: 'SAP-Connectivity-Technical-Authentication',
    value: 'Bearer client_credentials-token',
  });
  expect((await entry('on-premise')).error).toMatch(/Cloud Connector/);
  expect(await find('principal')).not.toHaveProperty('authTokens');
  expect(await find('mail')).not.toHaveProperty('authTokens');
});

describe('a user token', () => {
  test('is verified with the keys of the destination, then handed on', async () => {
    const token = await user();
    expect(await entry('bearer', { 'X-user-token': token })).toMatchObject({ value: 'jwt-bearer-token' });
    expect(form()['assertion']).toBe(token);
  });

  test.each([
    ['signed by another', async () => issuer.forge({ sub: 'mara', exp: Math.floor(Date.now() / 1000) + 600 })],
    ['that has expired', () => user({ exp: Math.floor(Date.now() / 1000) - 600 })],
    ['without an end', () => issuer.sign({ sub: 'mara' }, { typ: 'JWT' })],
    ['of another typ', () => issuer.sign({ sub: 'm', exp: Math.floor(Date.now() / 1000) + 600 }, { typ: 'at+jwt' })],
    [
      'without a signature',
      async () =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"sub":"m"}').toString('base64url')}.`,
    ],
    ['that is none', async () => 'nonsense'],
  ])('%s goes nowhere', async (_, make) => {
    const before = issuer.requests.length;
    const token = await make();
    const { error, value } = await entry('bearer', { 'X-user-token': token });
    expect([value, error]).toEqual(['', expect.stringMatching(/The user token was not accepted/)]);
    expect(error).not.toContain(token);
    expect(issuer.requests).toHaveLength(before);
  });

  test('goes nowhere where nobody can tell whose it is', async () => {
    const before = issuer.requests.length;
    const { error } = await entry('bearer-of-nobody', { 'X-user-token': await user() });
    expect(error).toMatch(/^Retrieval.*The user token was not accepted.*x_user_token\.jwks_uri/);
    expect(issuer.requests).toHaveLength(before);
  });

  test('that is missing is told in the words that clients know', async () => {
    expect((await entry('saml')).error).toBe(
      `${prefix}Cannot determine user to propagate for OAuth2SAMLBearerAssertion destination. Either provide user_token JWT token (https://docs.cloudfoundry.org/api/uaa/version/4.7.1/index.html#user-token-grant) when retrieving the destination or configure it with SystemUser.`,
    );
  });

  test('of one user never gets what was got for another', async () => {
    let count = 0;
    issuer.answerWith(async () => ({ body: { access_token: `t-${++count}`, token_type: 'Bearer', expires_in: 3600 } }));
    const [one, other] = [await user({ sub: 'one' }), await user({ sub: 'other' })];
    const values = [];
    for (const token of [one, other, one]) values.push((await entry('bearer', { 'X-user-token': token })).value);
    expect(values[0]).toBe(values[2]);
    expect(values[0]).not.toBe(values[1]);
  });
});

describe('a chain', () => {
  const chain = (name: string, variables: Record<string, string>) => ({
    'X-chain-name': `com.sap.${name}`,
    ...Object.fromEntries(Object.entries(variables).map(([key, value]) => [`X-chain-var-${key}`, value])),
  });

  test('hands the token of the first destination to the second as that of the user', async () => {
    issuer.answerWith(async ({ form: sent }) => ({
      body: { access_token: `${sent.get('assertion')?.slice(0, 3)}-x`, token_type: 'Bearer', expires_in: 60 },
    }));
    const variables = { tokenTransformationDestinationName: 'bearer', userToken: await user() };
    const { value } = await entry('bearer-of-nobody', chain('sequentialUserPropagation', variables));
    expect(value).toBe('eyJ-x');
    const [first, second] = issuer.requests.slice(-2).map((request) => request.form.get('assertion'));
    expect([first, second]).toEqual([variables.userToken, 'eyJ-x']);
  });

  test('hands the assertion that an exchange brought to a SAML bearer request', async () => {
    const variables = { samlProviderDestinationName: 'exchange', subjectToken: 's', subjectTokenType: accessToken };
    const { value } = await entry('saml-brought', chain('iasGeneratedOAuth2SamlBearerAssertion', variables));
    expect(value).toBe('saml2-bearer-token');
    expect(form()['assertion']).toBe('token-exchange-token');
  });

  test('that there is not, or that lacks a variable, is 400', async () => {
    for (const headers of [{ 'X-chain-name': 'toString' }, chain('sequentialUserPropagation', { userToken: 'x' })])
      expect((await service.call('/v1/destinations/bearer', { headers })).status).toBe(400);
  });
});

describe('what is mandatory and missing is said', () => {
  test.each([
    ['code', /X-code is missing/],
    ['refresh', /X-refresh-token is missing/],
    ['exchange', /X-subject-token/],
    ['saml-brought', /X-samlAssertion is missing/],
    ['unknown', /unknown authentication type/],
  ])('%s', async (name, reason) => {
    const before = issuer.requests.length;
    expect(await entry(name)).toEqual({ type: '', value: '', error: expect.stringMatching(reason), expires_in: '0' });
    expect(issuer.requests).toHaveLength(before);
  });
});

test('tokens and credentials are left out on demand', async () => {
  const before = issuer.requests.length;
  const found = await find('client', {}, '?%24skipTokenRetrieval=true&$skipCredentials=true');
  expect(found).not.toHaveProperty('authTokens');
  expect(found.destinationConfiguration).toMatchObject({ clientId: 'us' });
  expect(JSON.stringify(found)).not.toContain('hush');
  expect(issuer.requests).toHaveLength(before);
});

test('an ETag says that nothing but tokens has changed', async () => {
  const { headers } = await service.call('/v1/destinations/client');
  const etag = headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
  expect((await service.call('/v1/destinations/client', { headers: { 'if-none-match': etag } })).status).toBe(304);
});
