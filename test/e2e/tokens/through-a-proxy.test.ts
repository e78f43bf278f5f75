import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { anonymous } from '../../../src/authorization/principal.ts';
import { createPools } from '../../../src/forwarding/pools.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { type ConnectProxy, type ProxyRules, startConnectProxy } from '../../unit/tokens/support/connect-proxy.ts';
import { destinationOf } from '../../unit/tokens/support/destination-of.ts';
import { openKeyPairs } from '../../unit/tokens/support/key-pairs.ts';
import { countingTokens, startTokenServer, type TokenServer } from '../../unit/tokens/support/token-server.ts';

/** Only the proxy knows where `login.example` is: whatever arrives there has gone through it. */
const { maker, keyStores, read } = openKeyPairs({ ship: {} });
let server: TokenServer;
const port = () => Number(new URL(server.origin).port);

beforeAll(async () => {
  const names = ['-addext', 'subjectAltName=DNS:login.example,DNS:*.deep.example'];
  const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '9', '-subj', '/CN=login.example'];
  maker.openssl(...make, ...names, '-keyout', 'server.key.pem', '-out', 'server.crt.pem');
  server = await startTokenServer(countingTokens(), {
    key: read('server.key.pem'),
    cert: read('server.crt.pem'),
    ca: read('ship.crt.pem'),
    requestCert: true,
    rejectUnauthorized: false,
  });
});
const proxies: ConnectProxy[] = [];
afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
});
afterAll(async () => {
  await server.close();
});

async function proxyWith(rules: ProxyRules): Promise<ConnectProxy> {
  const proxy = await startConnectProxy(rules);
  proxies.push(proxy);
  return proxy;
}

const trust = { TrustStoreLocation: 'server.crt.pem' };

async function obtain(variables: Record<string, string>, more: object = {}) {
  const raw = { Authentication: 'OAuth2ClientCredentials' as const, clientId: 'c', clientSecret: 'hush', ...trust };
  const destination = await destinationOf(
    { ...raw, tokenServiceURL: 'https://login.example/oauth2/token', ...more },
    { keyStores, variables },
  );
  return await createTokens().obtain(destination, anonymous);
}

describe('a token service behind a proxy (HTTPS_PROXY)', () => {
  test('is reached by CONNECT; the proxy sees a name and nothing else', async () => {
    const proxy = await proxyWith({ hosts: { 'login.example': port() } });
    await expect(obtain({ HTTPS_PROXY: proxy.url })).resolves.toMatchObject({ kind: 'header' });
    expect(proxy.tunnels.map(({ authority }) => authority)).toEqual(['login.example:443']);
    expect(JSON.stringify(proxy.tunnels)).not.toContain('hush');
    expect(server.received.at(-1)?.headers.host).toBe('login.example');
    expect(server.received.at(-1)?.headers).not.toHaveProperty('proxy-authorization');
  });

  test('sees our client certificate through the tunnel', async () => {
    const proxy = await proxyWith({ hosts: { 'login.example': port() } });
    const mtls = { 'tokenService.KeyStoreLocation': 'ship.p12', 'tokenService.KeyStorePassword': 'x' };
    await obtain({ HTTPS_PROXY: proxy.url }, mtls);
    expect(server.received.at(-1)?.clientName).toBe('ship');
  });

  test('by a proxy that wants a user and password', async () => {
    const authorization = `Basic ${Buffer.from('user:pa ss').toString('base64')}`;
    const proxy = await proxyWith({ hosts: { 'login.example': port() }, authorization });
    const withUser = proxy.url.replace('://', '://user:pa%20ss@');
    await expect(obtain({ HTTPS_PROXY: withUser })).resolves.toMatchObject({ kind: 'header' });
    await expect(obtain({ HTTPS_PROXY: proxy.url })).rejects.toMatchObject({
      status: 502,
      detail: expect.stringContaining('the proxy on the way to it wants a user and password'),
      hint: expect.stringContaining('HTTPS_PROXY'),
    });
  });

  test('whose certificate is not trusted gets nothing, proxy or not', async () => {
    const proxy = await proxyWith({ hosts: { 'login.example': port() } });
    const before = server.received.length;
    await expect(obtain({ HTTPS_PROXY: proxy.url }, { TrustStoreLocation: '' })).rejects.toMatchObject({
      detail: expect.stringContaining('an issuer that is not trusted'),
    });
    expect(server.received).toHaveLength(before);
  });

  test('that the proxy does not let us reach is told apart from a proxy that is not there', async () => {
    const proxy = await proxyWith({});
    await expect(obtain({ HTTPS_PROXY: proxy.url })).rejects.toMatchObject({
      detail: expect.stringContaining('the proxy on the way to it refuses the connection'),
    });
    await proxy.close();
    await expect(obtain({ HTTPS_PROXY: proxy.url })).rejects.toMatchObject({
      detail: expect.stringContaining('the proxy on the way to it cannot be reached'),
      members: { errorCode: 'ECONNREFUSED' },
    });
  });

  test('is reached directly when NO_PROXY names it', async () => {
    const proxy = await proxyWith({ hosts: { 'login.example': port() } });
    await expect(obtain({ HTTPS_PROXY: proxy.url, NO_PROXY: '.example' })).rejects.toMatchObject({
      detail: expect.stringContaining('its host name cannot be resolved'),
    });
    expect(proxy.tunnels).toHaveLength(0);
  });
});

describe('a target behind a proxy', () => {
  const pools = createPools(4, true);
  afterAll(() => pools.close());

  test('over TLS is reached by CONNECT', async () => {
    const proxy = await proxyWith({ hosts: { 'login.example': port() } });
    const target = await destinationOf(
      { Authentication: 'NoAuthentication', URL: 'https://login.example', ...trust },
      { keyStores, variables: { HTTPS_PROXY: proxy.url } },
    );
    const { statusCode, body } = await pools
      .of(target)
      .request({ origin: target.url.origin, path: '/', method: 'GET' });
    await body.dump();
    expect(statusCode).toBe(200);
    expect(proxy.tunnels).toHaveLength(1);
  });

  test('without TLS in absolute form, and headers that come twice stay two', async () => {
    const proxy = await proxyWith({});
    const target = await destinationOf(
      { Authentication: 'NoAuthentication', URL: 'http://plain.example' },
      { variables: { HTTP_PROXY: proxy.url } },
    );
    const headers = ['x-one', 'a', 'x-two', 'b', 'x-one', 'c'];
    const { body } = await pools
      .of(target)
      .request({ origin: target.url.origin, path: '/quay?x=1', method: 'GET', headers });
    const seen = (await body.json()) as { headers: Record<string, string>; names: string[] };
    expect(proxy.forwarded).toEqual(['http://plain.example/quay?x=1']);
    expect(seen.headers).toMatchObject({ host: 'plain.example', 'x-one': 'a, c', 'x-two': 'b' });
    expect(seen.names.filter((name) => name === 'x-one')).toHaveLength(2);
  });
});

describe('HostnameVerifier', () => {
  const reach = (proxy: ConnectProxy, host: string, more: object = {}) =>
    obtain({ HTTPS_PROXY: proxy.url }, { tokenServiceURL: `https://${host}/token`, ...more });

  test('Strict: a wildcard stands for one label', async () => {
    const proxy = await proxyWith({ hosts: { 'a.deep.example': port(), 'a.b.deep.example': port() } });
    await expect(reach(proxy, 'a.deep.example')).resolves.toBeDefined();
    await expect(reach(proxy, 'a.b.deep.example')).rejects.toMatchObject({
      detail: expect.stringContaining('for another host name'),
    });
  });

  test('BrowserCompatible: for any number of them, and still for no other domain', async () => {
    const loose = { HostnameVerifier: 'BrowserCompatible' };
    const proxy = await proxyWith({
      hosts: { 'a.b.deep.example': port(), 'evil.test': port(), 'deep.example': port() },
    });
    await expect(reach(proxy, 'a.b.deep.example', loose)).resolves.toBeDefined();
    for (const host of ['evil.test', 'deep.example'])
      await expect(reach(proxy, host, loose)).rejects.toMatchObject({ status: 502 });
  });
});
