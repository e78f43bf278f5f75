import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { type DestinationService, openDestinationService } from '../support/open-destination-service.ts';

let issuer: TokenIssuer;
let service: DestinationService;
const client = { DESTINATION_SERVICE_CLIENT_ID: 'sb-a!b|c', DESTINATION_SERVICE_CLIENT_SECRET: 'p:%2b+ü/=' };

beforeAll(async () => {
  issuer = await startTokenIssuer();
  service = await openDestinationService({
    env: { ...client, OIDC_ISSUER: issuer.origin, OIDC_CLIENT_ID: 'app', OIDC_CLIENT_SECRET: 'x' },
    files: { 'destinations.json': [{ Name: 'a', Type: 'HTTP', URL: 'https://b.example' }] },
  });
});

const [id, secret] = Object.values(client) as [string, string];
const encoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

async function ask(form: Record<string, string> | string, headers: Record<string, string> = {}) {
  const answer = await fetch(`${service.origin}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & { access_token: string } };
}
const grant = { grant_type: 'client_credentials' };

test.each(['GET', 'PUT'])('%s is not how tokens are asked for (token-flows.md D5)', async (method) => {
  const answer = await fetch(`${service.origin}/oauth/token?grant_type=client_credentials&client_id=x`, { method });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  expect(await answer.json()).toMatchObject({ error: 'method_not_allowed' });
});

describe('a token is given to the client', () => {
  test.each([
    ['in the form', { ...grant, client_id: id, client_secret: secret }, {}],
    ['by Basic', grant, { authorization: basic(id, secret) }],
    ['by Basic, form-encoded (RFC 6749 2.3.1)', grant, { authorization: basic(encoded(id), encoded(secret)) }],
  ])('%s', async (_, form, headers) => {
    const { status, body } = await ask(form, headers);
    expect([status, body['token_type'], body['expires_in']]).toEqual([200, 'bearer', 43_199]);
    expect(decodeJwt(body.access_token)).toMatchObject({
      zid: service.key['tenantid'],
      client_id: id,
      ext_attr: { enhancer: 'XSUAA', zdn: 'local' },
    });
  });

  test('of the zone that it names', async () => {
    const { body } = await ask({ ...grant, client_id: id, client_secret: secret }, { 'x-zid': 'other-zone' });
    expect(decodeJwt(body.access_token)['zid']).toBe('other-zone');
    const found = await service.call('/v1/destinations/a', {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(found.status).toBe(200);
  });

  test.each([
    ['a wrong secret', { ...grant, client_id: id, client_secret: 'wrong' }, {}, 401, 'unauthorized'],
    ['no secret', { ...grant, client_id: id }, {}, 401, 'unauthorized'],
    [
      'a wrong header beside a right form',
      { ...grant, client_id: id, client_secret: secret },
      { authorization: basic(id, 'x') },
      401,
      'unauthorized',
    ],
    ['an empty grant', { grant_type: '', client_id: id, client_secret: secret }, {}, 400, 'invalid_request'],
    [
      'another grant',
      { grant_type: 'password', client_id: id, client_secret: secret },
      {},
      400,
      'unsupported_grant_type',
    ],
    ['no grant', { client_id: id, client_secret: secret }, {}, 400, 'invalid_request'],
    ['a parameter twice', 'grant_type=client_credentials&grant_type=password', {}, 400, 'invalid_request'],
  ])('but not with %s', async (_, form, headers, status, error) => {
    const answer = await ask(form as string, headers as Record<string, string>);
    expect([answer.status, answer.body['error']]).toEqual([status, error]);
    expect(JSON.stringify(answer.body)).not.toContain(secret);
  });

  test('and a refusal is worded as XSUAA words it, for those who go by that (token-flows.md D5)', async () => {
    const answer = await fetch(`${service.origin}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ ...grant, client_id: id, client_secret: 'wrong' }),
    });
    expect([answer.status, await answer.json()]).toEqual([
      401,
      { error: 'unauthorized', error_description: 'Bad credentials' },
    ]);
    expect(answer.headers.get('www-authenticate')).toBe(
      'Basic error="unauthorized", error_description="Bad credentials"',
    );
    expect([answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    const proof = { client_id: id, client_secret: secret };
    const told = async (form: Record<string, string>) => {
      const { status, body } = await ask({ ...proof, ...form });
      return [status, body['error_description']];
    };
    expect(await told({})).toEqual([400, 'Missing grant type']);
    expect(await told({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' })).toEqual([
      401,
      'Assertion is missing',
    ]);
  });

  test('for a user whom the provider vouches for', async () => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const assertion = await issuer.sign({ iss: issuer.origin, aud: 'app', sub: 'm', email: 'm@example.com', exp });
    const exchange = (token: string) =>
      ask(
        { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: token },
        { authorization: basic(id, secret) },
      );
    const { status, body } = await exchange(assertion);
    expect(status).toBe(200);
    // As IAS and XSUAA issue to applications with a certificate: the key is the application's (token-flows.md C8).
    const cnf = { 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' };
    const bound = await issuer.sign({ iss: issuer.origin, aud: 'app', sub: 'm', exp, cnf });
    expect((await exchange(bound)).status).toBe(200);
    expect(decodeJwt(body.access_token)).toMatchObject({ user_name: 'm@example.com', sub: 'm' });
    const authorization = `Bearer ${body.access_token}`;
    expect((await service.call('/v1/destinations/a', { headers: { authorization } })).status).toBe(200);
    const write = { method: 'POST', headers: { authorization }, body: { Name: 'b', Type: 'HTTP' } };
    expect((await service.call('/v1/subaccountDestinations', write)).status).toBe(403);
    for (const bad of [
      await issuer.forge({ iss: issuer.origin, aud: 'app', sub: 'm', exp }),
      await issuer.sign({ iss: issuer.origin, aud: 'another', sub: 'm', exp }),
      await issuer.sign({ iss: 'https://elsewhere', aud: 'app', sub: 'm', exp }),
      await issuer.sign({ iss: issuer.origin, aud: 'app', sub: 'm', exp: exp - 2000 }),
    ])
      expect((await exchange(bad)).body['error']).toBe('invalid_grant');
  });
});

describe('the API refuses', () => {
  const paths = [
    '/v1/destinations/a',
    '/v1/subaccountDestinations',
    '/v1/saml2Metadata',
    '/v1/instanceCertificates/x.pem',
  ];
  const withToken = (authorization: string, path = '/v1/destinations/a') =>
    service.call(path, { headers: { authorization } });

  test.each(paths)('%s without a token', async (where) => {
    for (const authorization of ['', 'Basic eDp5', 'Bearer', 'Bearer a b', 'Bearer not-a-jwt']) {
      const { status, body, headers } = await withToken(authorization, where);
      expect([status, typeof body.ErrorMessage, headers.get('www-authenticate')]).toEqual([401, 'string', 'Bearer']);
    }
  });

  test('tokens of others, of another audience, and altered ones', async () => {
    const good = await service.token();
    const claims = decodeJwt(good);
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const jwk = await exportJWK(publicKey);
    const sign = (header: object, more: object = {}) =>
      new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'RS256', ...header }).sign(privateKey);
    const [header, payload, signature] = good.split('.') as [string, string, string];
    const altered = Buffer.from(JSON.stringify({ ...claims, zid: 'x' })).toString('base64url');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const hmac = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(
      createHash('sha256')
        .update(service.key['verificationkey'] ?? '')
        .digest(),
    );
    for (const bad of [
      await sign({}),
      await sign({ jwk }),
      await sign({ jku: `${issuer.origin}/keys` }),
      await hmac,
      `${header}.${altered}.${signature}`,
      `${none}.${payload}.`,
      await issuer.sign({ ...claims, aud: id }),
    ])
      expect((await withToken(`Bearer ${bad}`)).status).toBe(401);
    expect((await withToken(`bearer ${good}`)).status).toBe(200);
  });

  test('a token of another service, and keeps its own over a restart', async () => {
    const token = await service.token();
    const other = await openDestinationService({ env: client });
    expect(
      (await other.call('/v1/subaccountDestinations', { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(401);
    const again = await openDestinationService({ directory: service.directory, env: client });
    expect((await again.call('/v1/destinations/a', { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      200,
    );
  });
});

test('what it keeps is for its owner only, and nothing is kept by others on the way', async () => {
  const mode = (file: string) =>
    statSync(path.join(service.directory, '.portunus/destination-service', file)).mode & 0o777;
  expect([mode('identity.json'), mode('tls-key-pair.pem')]).toEqual([0o600, 0o600]);
  const { headers } = await service.call('/v1/destinations/a');
  expect(headers.get('cache-control')).toBe('no-store');
});

test('an unknown resource, a wrong encoding and a path of dots are answered, and nothing is told of the inside', async () => {
  for (const where of [
    '/v1/nothing',
    '/v3/destinations/a',
    '/v1/destinations/..%2f..%2fetc%2fpasswd',
    '/v1/destinations/%',
    '/v1/destinations/__proto__',
    '/v1/subaccountCertificates/..%2fdestinations.json',
  ]) {
    const { status, body } = await service.call(where);
    expect([400, 404]).toContain(status);
    expect(Object.keys(body)).toEqual(['ErrorMessage']);
    expect(body.ErrorMessage).not.toMatch(/\/tmp|at |node:/);
  }
});
