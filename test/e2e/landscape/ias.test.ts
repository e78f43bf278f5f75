import { decodeJwt, type JWTPayload, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import { type CertifiedKey, certify } from '../../../demo/landscape/keys/make-keys.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { startLandscape } from '../../../demo/landscape/start-landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { type Answer, basic, type Fields } from './post-form.ts';
import { signIn, type Tokens } from './sign-in.ts';
import { makeTlsClient, type TlsClient } from './tls.ts';

let landscape: Landscape;
/** A key of another service: nobody here has it registered. */
let stranger: RsaKeyPair;
let tokens: Tokens;
/** Without a client certificate; with the registered one. */
let plain: TlsClient;
let mutual: TlsClient;
const others: TlsClient[] = [];

beforeAll(async () => {
  landscape = await startLandscape();
  stranger = landscape.keys.successFactorsSigning.keys;
  tokens = await signIn(landscape, users.everywhere);
  plain = makeTlsClient(landscape.ias.certificateAuthority);
  mutual = clientWith(landscape.ias.client.certificate);
});
afterAll(async () => {
  await Promise.all([plain, mutual, ...others].map((client) => client.close()));
  await landscape.stop();
});
afterEach(() => landscape.hooks.reset());

function clientWith({ certificate, keys }: CertifiedKey): TlsClient {
  const client = makeTlsClient(landscape.ias.certificateAuthority, { certificate, privateKey: keys.privatePem });
  others.push(client);
  return client;
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Client credentials by mutual TLS; the seed's `response_type=token` is ignored as at the live service. */
const technical = (change: Fields = {}): Fields => ({
  grant_type: 'client_credentials',
  client_id: landscape.ias.client.id,
  response_type: 'token',
  resource: landscape.ias.client.costCentersResource,
  ...change,
});

const named = (change: Fields = {}) =>
  technical({ grant_type: jwtBearer, assertion: tokens.id_token, token_format: 'jwt', ...change });

const ask = (fields: Fields, client: TlsClient = mutual, headers: Record<string, string> = {}) =>
  client.post(landscape.ias.tokenUrl, fields, headers);

const secret = () => landscape.ias.client.secret;
const now = () => Math.floor(Date.now() / 1000);

/** A certificate of the tenant's own authority, unlike the registered one in one respect. */
const issued = (change: { commonName?: string; notBefore?: Date; notAfter?: Date }) =>
  certify(stranger, { use: 'client', commonName: 'ias-client', ...change }, landscape.keys.authority);

function directoryToken(
  change: Readonly<Record<string, unknown>>,
  keys = landscape.keys.directory.keys,
): Promise<string> {
  const claims = { ...decodeJwt(tokens.id_token), ...change } as JWTPayload;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: landscape.keys.directory.thumbprints.x5t })
    .sign(keys.privateKey);
}

interface Row {
  readonly row: string;
  readonly defect: string;
  readonly send: () => Promise<Answer>;
  readonly refusal: readonly [status: number, error: string];
}

const rows: readonly Row[] = [
  {
    row: 'H42',
    defect: 'a wrong secret',
    send: () => ask(technical({ client_secret: 'guess' }), plain),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H42',
    defect: 'an unknown client',
    send: () => ask(technical({ client_id: 'nobody', client_secret: secret() }), plain),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H42',
    defect: 'a wrong secret by Basic',
    send: () => ask(technical({ client_id: undefined }), plain, basic(landscape.ias.client.id, 'guess')),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H42',
    defect: 'two clients in one request',
    send: () =>
      ask(technical({ client_id: landscape.ias.plainClient.id }), plain, basic(landscape.ias.client.id, secret())),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'F1',
    defect: 'two ways of authenticating',
    send: () => ask(technical({ client_secret: secret() }), plain, basic(landscape.ias.client.id, secret())),
    refusal: [400, 'invalid_request'],
  },
  {
    row: 'H43',
    defect: 'mutual TLS without client_id',
    send: () => ask(technical({ client_id: undefined })),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H43',
    defect: 'neither secret nor certificate',
    send: () => ask(technical(), plain),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H43',
    defect: "a stranger's certificate of the same name",
    send: () => ask(technical(), clientWith(certify(stranger, { use: 'client', commonName: 'ias-client' }))),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H43',
    defect: "a certificate of a false authority that goes by the real one's name",
    send: () => {
      const impostor = certify(stranger, { use: 'authority', commonName: 'Portunus demo CA' });
      return ask(technical(), clientWith(certify(stranger, { use: 'client', commonName: 'ias-client' }, impostor)));
    },
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H43',
    defect: 'an expired certificate',
    send: () =>
      ask(
        technical(),
        clientWith(issued({ notBefore: new Date(Date.now() - 20_000_000), notAfter: new Date(Date.now() - 10_000) })),
      ),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H43',
    defect: 'a certificate that is not yet valid',
    send: () => ask(technical(), clientWith(issued({ notBefore: new Date(Date.now() + 600_000) }))),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H43',
    defect: 'a certificate of the authority with another subject',
    send: () => ask(technical(), clientWith(issued({ commonName: 'someone-else' }))),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H43',
    defect: 'a certificate registered for another client',
    send: () => ask(technical({ client_id: landscape.ias.plainClient.id })),
    refusal: [401, 'invalid_client'],
  },
  {
    row: 'H44',
    defect: 'no grant_type',
    send: () => ask(technical({ grant_type: undefined })),
    refusal: [400, 'invalid_request'],
  },
  {
    row: 'H44',
    defect: 'an empty grant_type',
    send: () => ask(technical({ grant_type: '' })),
    refusal: [400, 'invalid_request'],
  },
  {
    row: 'H44',
    defect: 'jwt-bearer without assertion',
    send: () => ask(named({ assertion: undefined })),
    refusal: [400, 'invalid_request'],
  },
  {
    row: 'C7',
    defect: 'an unknown grant',
    send: () => ask(technical({ grant_type: 'foo' })),
    refusal: [400, 'unsupported_grant_type'],
  },
  {
    row: 'C6',
    defect: 'an unknown token format',
    send: () => ask(technical({ token_format: 'xml' })),
    refusal: [400, 'invalid_request'],
  },
  {
    row: 'C5',
    defect: 'an unknown dependency',
    send: () => ask(technical({ resource: 'urn:sap:identity:application:provider:name:nothing' })),
    refusal: [400, 'invalid_target'],
  },
  {
    row: 'H45',
    defect: 'an assertion of v1, whose issuer is another',
    send: async () =>
      ask(named({ assertion: await directoryToken({ iss: `https://sts.windows.net/${landscape.entra.tenant}/` }) })),
    refusal: [400, 'invalid_grant'],
  },
  {
    row: 'H45',
    defect: 'the Graph token',
    send: () => ask(named({ assertion: tokens.access_token })),
    refusal: [400, 'invalid_grant'],
  },
  {
    row: 'H45',
    defect: 'an assertion for another application',
    send: async () => ask(named({ assertion: await directoryToken({ aud: landscape.entra.otherClient.id }) })),
    refusal: [400, 'invalid_grant'],
  },
  {
    row: 'H45',
    defect: 'an expired assertion',
    send: async () => ask(named({ assertion: await directoryToken({ exp: now() - 1 }) })),
    refusal: [400, 'invalid_grant'],
  },
  {
    row: 'H45',
    defect: "an assertion signed with a stranger's key",
    send: async () => ask(named({ assertion: await directoryToken({}, stranger) })),
    refusal: [400, 'invalid_grant'],
  },
  {
    row: 'H45',
    defect: 'a user nobody knows',
    send: async () => ask(named({ assertion: await directoryToken({ email: 'nobody@example.com' }) })),
    refusal: [400, 'invalid_grant'],
  },
  {
    row: 'H46',
    defect: 'jwt-bearer of a public client',
    send: () => ask(named({ client_id: landscape.ias.publicClient.id }), plain),
    refusal: [400, 'unauthorized_client'],
  },
  {
    row: 'H46',
    defect: 'jwt-bearer where it was not enabled',
    send: () =>
      ask(named({ client_id: landscape.ias.plainClient.id, client_secret: landscape.ias.plainClient.secret }), plain),
    refusal: [400, 'unauthorized_client'],
  },
  {
    row: 'H46',
    defect: 'token exchange, which is off by default',
    send: () => ask(technical({ grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange' })),
    refusal: [400, 'unauthorized_client'],
  },
];

describe('the token endpoint of IAS', () => {
  it.each(rows)('$row: refuses $defect', async ({ send, refusal }) => {
    const answer = await send();
    expect(answer.body).toEqual({ error: refusal[1], error_description: expect.any(String) });
    expect(answer.status).toBe(refusal[0]);
  });

  it('H41: is not at /oauth/token, and does not answer GET', async () => {
    expect((await mutual.post(landscape.ias.tokenUrl.replace('oauth2', 'oauth'), technical())).status).toBe(404);
    expect((await mutual.get(landscape.ias.tokenUrl)).status).toBe(405);
  });

  it('H42: locks a client for an hour after five wrong secrets in a row', async () => {
    const attempt = (client_secret: string) => ask(technical({ client_secret }), plain);
    for (let attempts = 0; attempts < 4; attempts += 1) await attempt('guess');
    expect((await attempt(secret())).status).toBe(200);
    for (let attempts = 0; attempts < 5; attempts += 1) await attempt('guess');
    expect((await attempt(secret())).status).toBe(401);
    landscape.hooks.clock.advance(3599);
    expect((await attempt(secret())).status).toBe(401);
    landscape.hooks.clock.advance(2);
    expect((await attempt(secret())).status).toBe(200);
  });

  it('takes a certificate and binds the token to it', async () => {
    const { status, body } = await ask(technical());
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    const claims = decodeJwt(String(body['access_token']));
    expect(claims).toMatchObject({
      iss: landscape.ias.issuer,
      aud: landscape.costCenters.clientId,
      azp: landscape.ias.client.id,
      sub: landscape.ias.client.id,
      sap_id_type: 'app',
      ias_apis: ['CostCenters'],
      app_tid: landscape.ias.tenantId,
      cnf: { 'x5t#S256': landscape.ias.client.certificate.thumbprints.x5tS256 },
    });
  });

  it.each([
    ['in the form', () => ask(technical({ client_secret: secret() }), plain)],
    [
      'by Basic, form-encoded',
      () => ask(technical({ client_id: undefined }), plain, basic(landscape.ias.client.id, secret())),
    ],
  ])('takes a secret %s, and does not bind the token', async (_name, send) => {
    const { body } = await send();
    expect(decodeJwt(String(body['access_token']))).not.toHaveProperty('cnf');
  });

  it('names the client itself as audience when no resource is asked for', async () => {
    const { body } = await ask(technical({ resource: undefined }));
    expect(decodeJwt(String(body['access_token']))).toMatchObject({ aud: landscape.ias.client.id });
  });

  it('makes an opaque token on demand', async () => {
    const { body } = await ask(technical({ token_format: 'opaque' }));
    expect(String(body['access_token']).split('.')).toHaveLength(1);
  });

  it("exchanges the directory's ID token: opaque by default, a JWT on demand", async () => {
    expect(String((await ask(named({ token_format: undefined }))).body['access_token']).split('.')).toHaveLength(1);
    const { body } = await ask(named());
    expect(decodeJwt(String(body['access_token']))).toMatchObject({
      aud: landscape.costCenters.clientId,
      email: users.everywhere.email,
      user_uuid: users.everywhere.userUuid,
      sap_id_type: 'user',
      cnf: { 'x5t#S256': landscape.ias.client.certificate.thumbprints.x5tS256 },
    });
    expect(decodeJwt(String(body['id_token']))).toMatchObject({ aud: landscape.ias.client.id });
  });

  it('knows no user_uuid of a user it does not have itself', async () => {
    const { id_token: assertion } = await signIn(landscape, users.withoutEmployeeRecord);
    const { body } = await ask(named({ assertion }));
    const claims = decodeJwt(String(body['access_token']));
    expect(claims).toMatchObject({ sub: users.withoutEmployeeRecord.email });
    expect(claims).not.toHaveProperty('user_uuid');
  });

  it('H49: gives its keys, but not to ids of another tenant', async () => {
    const { keysUrl, tenantId, client } = landscape.ias;
    expect((await plain.get(keysUrl)).body['keys']).toHaveLength(1);
    expect((await plain.get(keysUrl, { 'x-app_tid': tenantId, 'x-client_id': client.id })).status).toBe(200);
    expect((await plain.get(keysUrl, { 'x-app_tid': 'other', 'x-client_id': client.id })).status).toBe(400);
    expect((await plain.get(keysUrl, { 'x-app_tid': tenantId, 'x-client_id': 'other' })).status).toBe(400);
  });

  it('says in its discovery document that tokens are bound to certificates', async () => {
    const { body } = await plain.get(`${landscape.ias.origin}/.well-known/openid-configuration`);
    expect(body).toMatchObject({
      issuer: landscape.ias.issuer,
      token_endpoint: landscape.ias.tokenUrl,
      tls_client_certificate_bound_access_tokens: true,
    });
  });

  it('is trusted through its own authority only', async () => {
    await expect(fetch(landscape.ias.keysUrl)).rejects.toThrow('fetch failed');
  });
});

describe('the cost centers API', () => {
  const bearer = (token: unknown) => ({ authorization: `Bearer ${String(token)}` });
  const get = (token: unknown, client: TlsClient = plain) => client.get(landscape.costCenters.url, bearer(token));

  const refused: readonly {
    readonly row: string;
    readonly defect: string;
    readonly send: () => Promise<Answer>;
    readonly outcome: readonly [number, string];
  }[] = [
    { row: 'F9', defect: 'no token', send: () => plain.get(landscape.costCenters.url), outcome: [401, 'Bearer'] },
    {
      row: 'F9',
      defect: 'Basic credentials',
      send: () => plain.get(landscape.costCenters.url, { authorization: 'Basic dTpw' }),
      outcome: [400, 'Bearer error="invalid_request"'],
    },
    { row: 'F9', defect: 'an opaque token', send: () => get('opaque'), outcome: [401, 'Bearer error="invalid_token"'] },
    {
      row: 'F9',
      defect: 'a token of the directory',
      send: () => get(tokens.id_token),
      outcome: [401, 'Bearer error="invalid_token"'],
    },
    {
      row: 'F9',
      defect: 'a token for another audience',
      send: async () => get((await ask(technical({ resource: undefined }))).body['access_token']),
      outcome: [401, 'Bearer error="invalid_token"'],
    },
    {
      row: 'F9',
      defect: 'an expired token',
      send: async () => {
        const { body } = await ask(technical());
        landscape.hooks.clock.advance(3601);
        return get(body['access_token']);
      },
      outcome: [401, 'Bearer error="invalid_token"'],
    },
    {
      row: 'H66',
      defect: 'a token bound to another certificate than the one shown',
      send: async () =>
        get((await ask(technical())).body['access_token'], clientWith(issued({ commonName: 'someone-else' }))),
      outcome: [401, 'Bearer error="invalid_token"'],
    },
  ];

  it.each(refused)('$row: refuses $defect', async ({ send, outcome }) => {
    const answer = await send();
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual(outcome);
  });

  it('serves the bearer of a token that is meant for it, with or without the certificate', async () => {
    const { access_token: token } = (await ask(technical())).body;
    const answer = await get(token);
    expect(answer.body).toMatchObject({ caller: { kind: 'application', clientId: landscape.ias.client.id } });
    expect(answer.body['value']).toHaveLength(3);
    expect((await get(token, mutual)).status).toBe(200);
    expect((await plain.get(`${landscape.costCenters.url}/4100`, bearer(token))).body).toMatchObject({
      name: 'Pilotage',
    });
  });

  it('knows the user of an exchanged token', async () => {
    const { body } = await get((await ask(named())).body['access_token']);
    expect(body).toMatchObject({ caller: { kind: 'user', name: 'Mara Lindqvist', email: users.everywhere.email } });
  });

  it('books for who shows the token and the cookie that were given out together, to the same caller', async () => {
    const bookings = `${landscape.costCenters.url}/4100/bookings`;
    const [mara, machine] = [(await ask(named())).body['access_token'], (await ask(technical())).body['access_token']];
    const fetched = await plain.get(bookings, { ...bearer(mara), 'x-csrf-token': 'Fetch' });
    const token = { 'x-csrf-token': fetched.headers.get('x-csrf-token') ?? '' };
    const cookie = { cookie: fetched.headers.get('set-cookie')?.split(';')[0] ?? '' };
    expect([fetched.status, token['x-csrf-token'].length > 20, cookie.cookie.length > 20]).toEqual([404, true, true]);
    const again = await plain.get(bookings, { ...bearer(mara), ...cookie, 'x-csrf-token': 'fetch' });
    expect([again.headers.get('x-csrf-token'), again.headers.get('set-cookie')]).toEqual([token['x-csrf-token'], null]);
    const refused = [
      bearer(mara),
      { ...bearer(mara), ...token },
      { ...bearer(mara), ...cookie },
      { ...bearer(mara), ...cookie, 'x-csrf-token': 'guessed' },
      { ...bearer(machine), ...token, ...cookie },
    ];
    for (const headers of refused) {
      const answer = await plain.post(bookings, {}, headers);
      expect([answer.status, answer.headers.get('x-csrf-token')]).toEqual([403, 'Required']);
    }
    // A form is no booking, but it was looked at.
    expect((await plain.post(bookings, {}, { ...bearer(mara), ...token, ...cookie })).status).toBe(400);
  });

  it('H66: can demand the certificate on every call', async () => {
    const strict = await startLandscape({ keys: landscape.keys, certificateBinding: 'required' });
    const { ias, costCenters } = strict;
    const { certificate, keys } = ias.client.certificate;
    const without = makeTlsClient(ias.certificateAuthority);
    const withIt = makeTlsClient(ias.certificateAuthority, { certificate, privateKey: keys.privatePem });
    try {
      const fields = {
        grant_type: 'client_credentials',
        client_id: ias.client.id,
        resource: ias.client.costCentersResource,
      };
      const { body } = await withIt.post(ias.tokenUrl, fields);
      expect((await without.get(costCenters.url, bearer(body['access_token']))).status).toBe(401);
      expect((await withIt.get(costCenters.url, bearer(body['access_token']))).status).toBe(200);
      const unbound = await without.post(ias.tokenUrl, { ...fields, client_secret: ias.client.secret });
      expect((await withIt.get(costCenters.url, bearer(unbound.body['access_token']))).status).toBe(401);
    } finally {
      await Promise.all([without.close(), withIt.close()]);
      await strict.stop();
    }
  });
});
