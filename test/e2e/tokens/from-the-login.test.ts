import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anonymous } from '../../../src/authorization/principal.ts';
import type { OidcProvider, XsuaaProvider } from '../../../src/config/identity-provider.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import { createPools } from '../../../src/forwarding/pools.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { parse } from '../../unit/tokens/support/destination-of.ts';
import { openKeyPairs } from '../../unit/tokens/support/key-pairs.ts';
import { userWith } from '../../unit/tokens/support/principal-of.ts';
import { countingTokens, startTokenServer, type TokenServer } from '../../unit/tokens/support/token-server.ts';

/** IASDependencyName and forwardAuthCertificates: what a destination borrows from the binding of the login (xs-app.md 5.1, 10.5). */

const { keyStores, read } = openKeyPairs({ server: {}, binding: {} });
const pools = createPools(4, true);
let plain: TokenServer;
let secure: TokenServer;

beforeAll(async () => {
  const tls = { key: read('server.key.pem'), cert: read('server.crt.pem'), ca: read('binding.crt.pem') };
  plain = await startTokenServer(countingTokens());
  secure = await startTokenServer(countingTokens(), { ...tls, requestCert: true, rejectUnauthorized: true });
});
afterAll(async () => {
  await Promise.all([pools.close(), plain.close(), secure.close()]);
});

function ias(clientAuthentication: OidcProvider['clientAuthentication']): OidcProvider {
  return {
    kind: 'ias',
    name: 'ias',
    issuer: new URL(plain.origin),
    clientId: 'harbour-client',
    clientAuthentication,
    scopes: 'openid',
    userToken: 'auto',
    audiences: ['harbour-client'],
  };
}
const withSecret = () => ias({ method: 'client_secret', secret: 'hush' });
const withCertificate = async () =>
  ias({ method: 'tls_client_auth', keyPair: await keyStores.keyPair('binding.p12', 'x') });

describe('IASDependencyName', () => {
  const raw = { name: 'cargo', url: 'https://cargo.example', IASDependencyName: 'cargo-api' };

  test('the token of the login is exchanged for one of the dependency, with the client of the binding', async () => {
    const { destination, problems, warnings } = await parse(raw, { providers: [withSecret()] });
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    const tokens = createTokens();
    const user = userWith('login-token');
    expect(await tokens.obtain(destination as Destination, user)).toEqual({
      kind: 'header',
      name: 'authorization',
      value: 'Bearer token-1',
    });
    expect(plain.received).toHaveLength(1);
    expect(plain.received[0]?.path).toBe('/oauth2/token');
    expect(Object.fromEntries(plain.received[0]?.form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: 'login-token',
      client_id: 'harbour-client',
      client_secret: 'hush',
      resource: 'urn:sap:identity:application:provider:name:cargo-api',
      token_format: 'jwt',
    });
    await tokens.obtain(destination as Destination, user);
    expect(plain.received).toHaveLength(1);
  });

  test('somebody who has not logged in gets none, and the provider is not asked', async () => {
    const { destination } = await parse(raw, { providers: [withSecret()] });
    const before = plain.received.length;
    await expect(async () => createTokens().obtain(destination as Destination, anonymous)).rejects.toThrow();
    expect(plain.received).toHaveLength(before);
  });

  test('a binding with a certificate shows that one', async () => {
    const provider = { ...(await withCertificate()), issuer: new URL(secure.origin) };
    const { destination } = await parse(raw, { providers: [provider] });
    if (destination?.authentication !== 'OAuth2JWTBearer') throw new Error('no exchange');
    const trusted = { ...destination.tokenService.tls, trust: await keyStores.trust('server.crt.pem') };
    const reachable = { ...destination, tokenService: { ...destination.tokenService, tls: trusted } };
    await createTokens().obtain(reachable, userWith('login-token'));
    expect(secure.received.at(-1)).toMatchObject({ clientName: 'binding' });
    expect(secure.received.at(-1)?.form.has('client_secret')).toBe(false);
  });

  test('two clients never share a token', async () => {
    const [one, other] = await Promise.all([
      parse(raw, { providers: [withSecret()] }),
      parse(raw, { providers: [ias({ method: 'client_secret', secret: 'other' })] }),
    ]);
    expect(one.destination?.fingerprint).not.toBe(other.destination?.fingerprint);
  });

  test.each<[what: string, raw: object, providers: () => readonly OidcProvider[], told: string]>([
    ['without a binding of IAS', raw, () => [], 'd.json/0/IASDependencyName: exchanges the token of a login at IAS'],
    [
      'beside another type',
      { ...raw, User: 'u', Password: 'p' },
      () => [withSecret()],
      'd.json/0/IASDependencyName: goes with NoAuthentication only',
    ],
  ])('%s it is refused', async (_, given, providers, told) => {
    const { destination, problems } = await parse({ ...given }, { providers: providers() });
    expect(destination).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(told)]);
  });
});

describe('forwardAuthCertificates', () => {
  const raw = () => ({
    Name: 'cargo',
    URL: secure.origin,
    'HTML5.ForwardAuthCertificates': 'true',
    TrustStoreLocation: 'server.crt.pem',
  });

  test('the certificate of the binding is shown to the target', async () => {
    const { destination, problems } = await parse(raw(), { keyStores, providers: [await withCertificate()] });
    expect(problems).toEqual([]);
    const pool = pools.of(destination as Destination);
    const { body } = await pool.request({ origin: secure.origin, path: '/', method: 'GET' });
    await body.text();
    expect(secure.received.at(-1)?.clientName).toBe('binding');
  });

  test("of two bindings that of IAS, which binds its tokens to it (RFC 8705 3): an XSUAA's would not fit them", async () => {
    const keyPair = await keyStores.keyPair('server.p12', 'x');
    const xsuaa: XsuaaProvider = {
      kind: 'xsuaa',
      name: 'xsuaa',
      url: new URL(plain.origin),
      certUrl: new URL(secure.origin),
      clientId: 'sb-harbour',
      clientAuthentication: { method: 'tls_client_auth', keyPair },
      xsappname: 'harbour',
      zone: undefined,
    };
    const both = [xsuaa, await withCertificate()];
    const { destination } = await parse(raw(), { keyStores, providers: both });
    expect(destination?.tls.clientCertificate?.commonName).toBe('binding');
    const { destination: alone } = await parse(raw(), { keyStores, providers: [xsuaa] });
    expect(alone?.tls.clientCertificate?.commonName).toBe('server');
  });

  test('beside a token of its own, too', async () => {
    const basic = { ...raw(), Authentication: 'BasicAuthentication', User: 'u', Password: 'p' };
    const { destination } = await parse(basic, { keyStores, providers: [await withCertificate()] });
    expect(destination?.tls.clientCertificate?.commonName).toBe('binding');
  });

  test('false shows none', async () => {
    const off = { ...raw(), 'HTML5.ForwardAuthCertificates': 'false' };
    const { destination } = await parse(off, { keyStores, providers: [await withCertificate()] });
    expect(destination?.tls.clientCertificate).toBeUndefined();
  });

  test.each<[what: string, change: object, told: string]>([
    ['over http', { URL: 'http://cargo.example' }, 'd.json/0/URL: must be https'],
    [
      'beside a certificate of its own',
      { Authentication: 'ClientCertificateAuthentication', KeyStoreLocation: 'server.p12', KeyStorePassword: 'x' },
      'd.json/0/HTML5.ForwardAuthCertificates: does not go with ClientCertificateAuthentication',
    ],
  ])('%s it is refused', async (_, change, told) => {
    const { problems } = await parse({ ...raw(), ...change }, { keyStores, providers: [await withCertificate()] });
    expect(problems).toEqual([expect.stringContaining(told)]);
  });

  test('without a certificate in any binding it is refused', async () => {
    const { problems } = await parse(raw(), { keyStores, providers: [withSecret()] });
    expect(problems).toEqual([
      expect.stringContaining('d.json/0/HTML5.ForwardAuthCertificates: shows the certificate of the login, but'),
    ]);
  });
});
