import { describe, expect, test } from 'vitest';
import type { ClientAuthentication, TokenService } from '../../../src/destinations/token-service.ts';
import { buildTokenRequest, type TokenRequestExtras } from '../../../src/tokens/build-token-request.ts';

const service: TokenService = {
  url: new URL('https://login.example/oauth2/v2.0/token'),
  endpoint: 'https://login.example/oauth2/v2.0/token',
  clientId: 'sb-app!t1',
  clientAuthentication: { method: 'none' },
  scope: undefined,
  body: {},
  headers: {},
  tls: { verify: true, trust: [], hostNames: 'strict', clientCertificate: undefined },
  proxy: undefined,
  tenancy: undefined,
  connectTimeout: 1000,
  readTimeout: 1000,
};
const nothing: TokenRequestExtras = { clientAssertion: undefined, bearer: undefined, claims: undefined };
const grant = { grant_type: 'client_credentials' };

function formOf(changes: Partial<TokenService>, fields: { grant_type: string } = grant, extras = nothing) {
  return Object.fromEntries(new URLSearchParams(buildTokenRequest({ ...service, ...changes }, fields, extras).body));
}

describe('client authentication, one way a request', () => {
  test.each<[ClientAuthentication, object]>([
    [{ method: 'none' }, { client_id: 'sb-app!t1' }],
    [{ method: 'tls_client_auth' }, { client_id: 'sb-app!t1' }],
    [
      { method: 'client_secret_post', secret: 'a+b&c%' },
      { client_id: 'sb-app!t1', client_secret: 'a+b&c%' },
    ],
    [{ method: 'client_secret_basic', user: 'u', secret: 'p' }, {}],
  ])('%j', (clientAuthentication, fields) => {
    expect(formOf({ clientAuthentication })).toEqual({ ...grant, ...fields });
  });

  test('an assertion goes with its type and the client id', () => {
    const clientAuthentication = { method: 'private_key_jwt' } as ClientAuthentication;
    const clientAssertion = {
      token: 'a.b.c',
      type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    };
    expect(formOf({ clientAuthentication }, grant, { ...nothing, clientAssertion })).toEqual({
      ...grant,
      client_id: 'sb-app!t1',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'a.b.c',
    });
  });
});

describe('an assertion that stands in tokenService.body.*', () => {
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const body = { client_assertion: 'fixed' };

  test('gets its type, where that is not written', () => {
    expect(formOf({ body })).toEqual({
      ...grant,
      client_id: 'sb-app!t1',
      client_assertion: 'fixed',
      client_assertion_type: type,
    });
    expect(formOf({ body: { ...body, client_assertion_type: 'urn:own' } })).toMatchObject({
      client_assertion_type: 'urn:own',
    });
  });

  test('wins over one that is made here, not over one that the caller hands in (destination-service.md 2.6)', () => {
    const clientAssertion = { token: 'theirs', type: 'urn:theirs' };
    expect(formOf({ body }, grant, { ...nothing, clientAssertion })).toMatchObject({ client_assertion: 'fixed' });
    expect(formOf({ body }, grant, { ...nothing, clientAssertion, isHandedIn: true })).toMatchObject({
      client_assertion: 'theirs',
      client_assertion_type: 'urn:theirs',
    });
  });
});

describe('G13: Basic client authentication form-encodes both parts', () => {
  const headersFor = (user: string, secret: string, url: string) =>
    buildTokenRequest(
      { ...service, url: new URL(url), clientAuthentication: { method: 'client_secret_basic', user, secret } },
      grant,
      nothing,
    ).headers;

  test.each([
    ['sb-app!t1', 'a+b/c=$d', 'c2ItYXBwJTIxdDE6YSUyQmIlMkZjJTNEJTI0ZA=='],
    ['s6BhdRkqt3', 'gX1fBat3bV', 'czZCaGRSa3F0MzpnWDFmQmF0M2JW'],
  ])('%s with %s', (user, secret, expected) => {
    expect(headersFor(user, secret, 'https://ias.example/oauth2/token')['authorization']).toBe(`Basic ${expected}`);
  });

  test.each([
    ['https://acme.authentication.eu10.hana.ondemand.com/oauth/token', 'true'],
    ['https://acme.authentication.cert.eu10.hana.ondemand.com/oauth/token/alias/x', 'true'],
    ['http://localhost:8080/oauth/token', 'true'],
    ['http://localhost:8080/uaa/oauth/token', 'true'],
    ['https://xsuaa.example/acme/oauth/token/alias/acme.local?a=b', 'true'],
    ['https://idp.example/oauth/tokens', undefined],
    ['https://ias.example/oauth2/token', undefined],
    ['https://login.microsoftonline.com/t/oauth2/v2.0/token', undefined],
  ])('a UAA is told so: %s', (url, expected) => {
    expect(headersFor('u', 'p', url)['x-cf-encoded-credentials']).toBe(expected);
  });
});

test('an ABAP system is shown its communication user as HTTP has it, and nothing encoded (destination-service.md 2.8)', () => {
  const { headers } = buildTokenRequest(
    {
      ...service,
      url: new URL('https://my300-api.s4hana.ondemand.com/sap/bc/sec/oauth2/token'),
      clientAuthentication: { method: 'client_secret_basic', user: 'COMM_USER', secret: 'a+b/c:ü%$d' },
    },
    grant,
    nothing,
  );
  expect(headers['authorization']).toBe(`Basic ${Buffer.from('COMM_USER:a+b/c:ü%$d').toString('base64')}`);
});

describe('the form', () => {
  test('carries scope when there is one, and leaves out what is undefined', () => {
    const fields = { ...grant, assertion: undefined };
    expect(formOf({ scope: 'a b' }, fields)).toEqual({ ...grant, scope: 'a b', client_id: 'sb-app!t1' });
  });

  test('takes tokenService.body.* over every generated field, client_id and assertions included', () => {
    const body = {
      client_id: 'other',
      client_assertion: 'fixed',
      assertion: 'fixed',
      scope: 's',
      grant_type: 'g',
      more: 'm',
    };
    const clientAuthentication = { method: 'private_key_jwt' } as ClientAuthentication;
    const fields = { ...grant, assertion: 'generated' };
    const extras = { ...nothing, clientAssertion: { token: 'minted', type: 'urn:x' } };
    expect(formOf({ body, scope: 'x', clientAuthentication }, fields, extras)).toMatchObject(body);
  });

  test('names no field twice', () => {
    const { body } = buildTokenRequest(
      { ...service, scope: 'a', body: { scope: 'b', client_id: 'c' } },
      grant,
      nothing,
    );
    const names = [...new URLSearchParams(body).keys()];
    expect(names).toEqual([...new Set(names)]);
  });

  test('cannot be broken out of', () => {
    const { body } = buildTokenRequest({ ...service, scope: 'a&client_id=evil\r\nx: y' }, grant, nothing);
    expect(new URLSearchParams(body).getAll('client_id')).toEqual(['sb-app!t1']);
    expect(body).not.toMatch(/[\r\n]/);
  });

  test('joins a challenge with the capabilities that are configured', () => {
    const body = { claims: '{"access_token":{"xms_cc":{"values":["CP1"]}}}' };
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
    expect(JSON.parse(formOf({ body }, grant, { ...nothing, claims })['claims'] ?? '')).toEqual({
      access_token: { xms_cc: { values: ['CP1'] }, nbf: { essential: true, value: '1604106651' } },
    });
  });
});

test('configured headers win, but the form stays a form', () => {
  const headers = { accept: '*/*', 'x-zid': 't', 'content-type': 'text/plain' };
  expect(buildTokenRequest({ ...service, headers }, grant, nothing).headers).toEqual({
    accept: '*/*',
    'x-zid': 't',
    'content-type': 'application/x-www-form-urlencoded',
  });
});
