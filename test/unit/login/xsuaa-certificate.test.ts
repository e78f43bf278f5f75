import { readFileSync } from 'node:fs';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyPairFromPem } from '../../../src/config/key-store-pem.ts';
import { beginPendingLogin } from '../../../src/login/pending-login.ts';
import { xsuaaRelyingParty } from '../../../src/login/xsuaa-relying-party.ts';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { makeKeyStores } from '../tokens/support/openssl.ts';
import { json, startTokenServer, type TokenServer } from '../tokens/support/token-server.ts';

/** A binding with a certificate: tokens are asked for on a host of their own, by TLS alone (token-flows.md D1, D2). */
const maker = makeKeyStores();
let issuer: TokenIssuer;
let certHost: TokenServer;
const seconds = () => Math.floor(Date.now() / 1000);

beforeAll(async () => {
  for (const name of ['host', 'ship']) maker.selfSigned(name);
  const read = (name: string) => readFileSync(path.join(maker.directory, name), 'utf8');
  issuer = await startTokenIssuer();
  const claims = { aud: ['sb-h!t1'], cid: 'sb-h!t1', user_name: 'ada', iat: seconds(), exp: seconds() + 600 };
  const token = await issuer.sign(claims);
  certHost = await startTokenServer(
    (_, response) => json(response, 200, { access_token: token, token_type: 'bearer', expires_in: 600 }),
    { key: read('host.key.pem'), cert: read('host.crt.pem'), ca: read('ship.crt.pem'), requestCert: true },
  );
  setDefaultCACertificates([...getCACertificates('default'), read('host.crt.pem')]);
});
afterAll(async () => {
  await certHost.close();
  maker.remove();
});

test('the code is exchanged there with the client id and no secret; people and keys stay where they were', async () => {
  const text = ['ship.key.pem', 'ship.crt.pem'].map((name) => readFileSync(path.join(maker.directory, name), 'utf8'));
  const party = xsuaaRelyingParty({
    kind: 'xsuaa',
    name: 'xsuaa',
    url: new URL(issuer.origin),
    certUrl: new URL(certHost.origin),
    clientId: 'sb-h!t1',
    clientAuthentication: { method: 'tls_client_auth', keyPair: keyPairFromPem('binding', text.join(''), undefined) },
    xsappname: 'h!t1',
    zone: undefined,
  });
  const login = { provider: 'xsuaa', returnUrl: '/', redirectUri: 'https://harbour.example/login/callback' };
  const { pending } = beginPendingLogin(login, Buffer.alloc(32));
  expect((await party.authorizationUrl(pending, {})).origin).toBe(issuer.origin);
  const { user } = await party.redeem(new URLSearchParams({ code: 'c', state: pending.state }), pending);
  expect(user.claims['user_name']).toBe('ada');
  const [request] = certHost.received;
  expect(request).toMatchObject({ path: '/oauth/token', clientName: 'ship' });
  expect(request?.headers).not.toHaveProperty('authorization');
  expect(Object.fromEntries(request?.form ?? [])).toMatchObject({ client_id: 'sb-h!t1', code: 'c' });
  expect(request?.form.has('client_secret')).toBe(false);
  expect(issuer.requests, 'no token is asked for at url').toHaveLength(0);
});
