import { constants, createHash, verify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FlowInput } from '../../../src/tokens/flow-input.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { destinationOf } from './support/destination-of.ts';
import { openKeyPairs } from './support/key-pairs.ts';
import { userWith } from './support/principal-of.ts';
import { json, type Received, startTokenServer, type TokenServer } from './support/token-server.ts';

/** Each OAuth type of destination-service.md 2.5 with each way of 2.3 and 2.6 to show who the client is. */
const { maker, keyStores } = openKeyPairs({ ship: {} }, 'sesame');
let server: TokenServer;
let received: Received[];
beforeAll(async () => {
  server = await startTokenServer((request, response) => {
    received.push(request);
    json(response, 200, {
      access_token: 'token',
      refresh_token: 'refreshed',
      token_type: 'bearer',
      expires_in: '3599',
      issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
  });
});
beforeEach(() => {
  received = [];
});
afterAll(async () => {
  await server.close();
});

const grants = 'urn:ietf:params:oauth:grant-type:';
const keyStore = { KeyStoreLocation: 'ship.p12', KeyStorePassword: 'sesame' };

interface Kind {
  readonly grant: string;
  readonly properties?: object;
  readonly input?: FlowInput;
  /** The parameter that carries what the grant is about, and what it must be. */
  readonly about?: readonly [string, RegExp];
}

const kinds: Readonly<Record<string, Kind>> = {
  OAuth2ClientCredentials: { grant: 'client_credentials' },
  OAuth2Password: {
    grant: 'password',
    properties: { User: 'u', Password: 'p &+%ü' },
    about: ['password', /^p &\+%ü$/],
  },
  OAuth2JWTBearer: { grant: `${grants}jwt-bearer`, about: ['assertion', /^token-of-alice$/] },
  OAuth2RefreshToken: {
    grant: 'refresh_token',
    input: { refreshToken: 'r-1' },
    about: ['refresh_token', /^r-1$/],
  },
  OAuth2AuthorizationCode: {
    grant: 'authorization_code',
    input: { authorizationCode: { code: 'c-1', redirectUri: 'https://app.example/cb?x=1', codeVerifier: 'v-1' } },
    about: ['code', /^c-1$/],
  },
  OAuth2TokenExchange: { grant: `${grants}token-exchange`, about: ['subject_token', /^token-of-alice$/] },
  OAuth2SAMLBearerAssertion: {
    grant: `${grants}saml2-bearer`,
    properties: { audience: 'aud', ...keyStore },
    about: ['assertion', /^[\w-]+$/],
  },
  OAuth2UserTokenExchange: { grant: 'refresh_token', about: ['refresh_token', /^refreshed$/] },
};

interface Proof {
  readonly properties?: object;
  readonly input?: FlowInput;
  readonly check: (request: Received) => void;
}

const jwtBearerType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

function expectMinted(request: Received, algorithm: string, hash: string, audience = server.url) {
  const [header = '', claims = '', signature = ''] = (request.form.get('client_assertion') ?? '').split('.');
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  const certificate = new X509Certificate(readFileSync(path.join(maker.directory, 'ship.crt.pem')));
  const digest = createHash(hash === 'x5t' ? 'sha1' : 'sha256')
    .update(certificate.raw)
    .digest('base64url');
  expect(decode(header)).toMatchObject({ alg: algorithm, typ: 'JWT', [hash]: digest });
  expect(decode(claims)).toMatchObject({ iss: 'c-id', sub: 'c-id', aud: audience, jti: expect.any(String) });
  const padding = algorithm === 'RS256' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_PSS_PADDING;
  const key = { key: certificate.publicKey, padding, saltLength: 32 };
  expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
}

const proofs: Readonly<Record<string, Proof>> = {
  'a secret in the body': {
    properties: { clientSecret: 's=&+% ü' },
    check: ({ form }) => expect(form.get('client_secret')).toBe('s=&+% ü'),
  },
  'a secret as Basic': {
    properties: { clientSecret: 's:1', 'tokenService.addClientCredentialsInBody': 'false' },
    check: ({ headers }) => expect(headers.authorization).toBe(basic('c-id:s%3A1')),
  },
  'tokenServiceUser, before everything else': {
    properties: { clientSecret: 'unused', tokenServiceUser: 'tu', tokenServicePassword: 'tp' },
    check: ({ headers }) => expect(headers.authorization).toBe(basic('tu:tp')),
  },
  'an assertion made here': {
    properties: { 'clientAssertion.KeyStoreLocation': 'ship.p12', 'clientAssertion.KeyStorePassword': 'sesame' },
    check: (request) => expectMinted(request, 'PS256', 'x5t#S256'),
  },
  'an assertion made here, for the issuer, RS256': {
    properties: {
      'clientAssertion.KeyStoreLocation': 'ship.p12',
      'clientAssertion.KeyStorePassword': 'sesame',
      'clientAssertion.algorithm': 'RS256',
      'clientAssertion.audience': 'https://issuer.example',
    },
    check: (request) => expectMinted(request, 'RS256', 'x5t', 'https://issuer.example'),
  },
  'an assertion fetched from another destination': {
    properties: { 'clientAssertion.destinationName': 'provider' },
    check: ({ form }) => expect(form.get('client_assertion')).toBe('token'),
  },
  'an assertion written into the destination': {
    properties: { 'tokenService.body.client_assertion': 'fixed', clientSecret: 'unused' },
    check: ({ form }) => expect(form.get('client_assertion')).toBe('fixed'),
  },
  'an assertion handed in': {
    properties: { clientSecret: 'unused' },
    input: { clientAssertion: { token: 'handed', type: jwtBearerType } },
    check: ({ form }) => expect(form.get('client_assertion')).toBe('handed'),
  },
  'an assertion handed in, in place of one made here': {
    properties: { 'clientAssertion.KeyStoreLocation': 'ship.p12', 'clientAssertion.KeyStorePassword': 'sesame' },
    input: { clientAssertion: { token: 'handed', type: jwtBearerType } },
    check: ({ form }) => expect(form.get('client_assertion')).toBe('handed'),
  },
};

/** What RFC 6749 2.3, 3.2 and 4 want of any token request, and strict servers insist on. */
function expectWellFormed({ method, headers, rawBody, form }: Received) {
  expect(method).toBe('POST');
  expect(headers['content-type']).toBe('application/x-www-form-urlencoded');
  const names = [...form.keys()];
  expect(names, 'a parameter stands once').toEqual([...new Set(names)]);
  expect([...form.values()], 'none is empty').not.toContain('');
  expect(rawBody).not.toContain('undefined');
  const ways = [headers.authorization, form.get('client_secret'), form.get('client_assertion')].filter(Boolean);
  expect(ways, 'one way to show who we are').toHaveLength(1);
  expect(form.has('client_assertion')).toBe(form.has('client_assertion_type'));
  if (!headers.authorization) expect(form.get('client_id')).toBe('c-id');
}

describe.each(Object.entries(kinds))('%s', (Authentication, { grant, properties, input, about }) => {
  const idProperty = Authentication === 'OAuth2SAMLBearerAssertion' ? 'clientKey' : 'clientId';

  test.each(Object.entries(proofs))('with %s', async (_, proof) => {
    const provider = await destinationOf({
      Name: 'provider',
      Authentication: 'OAuth2ClientCredentials',
      clientId: 'p',
      clientSecret: 'p',
      tokenServiceURL: server.url,
      'clientAssertion.type': jwtBearerType,
    });
    const raw = { [idProperty]: 'c-id', tokenServiceURL: server.url, scope: 'a b', ...properties, ...proof.properties };
    const destination = await destinationOf(
      { Authentication: Authentication as 'OAuth2ClientCredentials', ...raw },
      { keyStores },
    );
    const tokens = createTokens({ find: (name) => (name === 'provider' ? provider : undefined) });
    const user = userWith('token-of-alice', { user_name: 'alice' });
    const issued = await tokens.issue(destination, user, { input: { ...input, ...proof.input } });
    expect(issued.credential).toMatchObject({ kind: 'header', name: 'authorization', value: 'Bearer token' });
    const request = received.at(-1) as Received;
    // Its own provider is asked before it, and of two steps the first is one, too.
    for (const one of received.filter(({ form }) => form.get('client_id') !== 'p')) expectWellFormed(one);
    expect(request.form.get('grant_type')).toBe(grant);
    expect(request.form.get('scope')).toBe('a b');
    if (about) expect(request.form.get(about[0])).toMatch(about[1]);
    proof.check(request);
  });
});
