import { describe, expect, test } from 'vitest';
import { destinationOf, parse } from '../tokens/support/destination-of.ts';

const target = { Authentication: 'NoAuthentication' as const };
const oauth = { Authentication: 'OAuth2ClientCredentials' as const, clientId: 'c', clientSecret: 's' };
const proxyOf = async (variables: Record<string, string>, URL = 'https://orders.example', more: object = {}) =>
  (await destinationOf({ ...target, URL, ...more }, { variables })).proxy;

describe('the proxy of the environment', () => {
  test.each<[Record<string, string>, string, object | undefined]>([
    [{ HTTPS_PROXY: 'http://proxy.example:8080' }, 'https://orders.example', { host: 'proxy.example', port: 8080 }],
    [{ HTTPS_PROXY: 'proxy.example:8080' }, 'https://orders.example', { host: 'proxy.example', port: 8080 }],
    [{ HTTPS_PROXY: 'http://proxy.example' }, 'https://orders.example', { host: 'proxy.example', port: 80 }],
    [{ HTTPS_PROXY: 'https://proxy.example' }, 'https://orders.example', { port: 443, secure: true }],
    [
      { HTTPS_PROXY: 'http://a.example', https_proxy: 'http://b.example' },
      'https://orders.example',
      { host: 'b.example' },
    ],
    [{ HTTP_PROXY: 'http://proxy.example' }, 'http://orders.example', { host: 'proxy.example' }],
    [{ HTTP_PROXY: 'http://proxy.example' }, 'https://orders.example', undefined],
    [{ HTTPS_PROXY: 'http://proxy.example' }, 'http://orders.example', undefined],
    [{ HTTPS_PROXY: 'http://proxy.example' }, 'https://localhost:4443', undefined],
    [{ HTTPS_PROXY: 'http://proxy.example' }, 'https://127.0.0.1:4443', undefined],
    [{}, 'https://orders.example', undefined],
  ])('%j for %s', async (variables, url, expected) => {
    const proxy = await proxyOf(variables, url);
    if (expected === undefined) expect(proxy).toBeUndefined();
    else expect(proxy).toMatchObject({ secure: false, authorization: undefined, ...expected });
  });

  test('its user and password, whatever characters they have', async () => {
    const { authorization } = (await proxyOf({ HTTPS_PROXY: 'http://us%40er:p%3Aw@proxy.example:8080' })) ?? {};
    expect(authorization).toBe(`Basic ${Buffer.from('us@er:p:w').toString('base64')}`);
  });

  test.each([
    ['orders.example', true],
    ['example', true],
    ['.example', true],
    ['*.example', true],
    ['*', true],
    ['other.test, orders.example', true],
    ['other.test orders.example', true],
    ['ORDERS.EXAMPLE', true],
    ['orders.example:443', true],
    ['orders.example:8443', false],
    ['ders.example', false],
    ['orders.example.test', false],
    ['', false],
  ])('NO_PROXY=%s', async (NO_PROXY, exempt) => {
    const proxy = await proxyOf({ HTTPS_PROXY: 'http://proxy.example', NO_PROXY });
    expect(proxy === undefined).toBe(exempt);
  });

  test('is not for private links, and not for a destination with a proxy of its own', async () => {
    const variables = { HTTPS_PROXY: 'http://proxy.example' };
    expect(await proxyOf(variables, undefined, { ProxyType: 'PrivateLink' })).toBeUndefined();
    expect(await proxyOf(variables, undefined, { proxyHost: 'own.example', proxyPort: 81 })).toMatchObject({
      host: 'own.example',
      port: 81,
    });
  });

  test("is for token services too, whatever proxy the destination's target has", async () => {
    const raw = { ...oauth, tokenServiceURL: 'https://login.example/token', proxyHost: 'own.example', proxyPort: 81 };
    const destination = await destinationOf(raw, { variables: { HTTPS_PROXY: 'http://proxy.example:8080' } });
    expect(destination.tokenService.proxy).toMatchObject({ host: 'proxy.example', port: 8080 });
    expect(destination.proxy?.host).toBe('own.example');
  });

  test.each(['socks5://proxy.example', 'http://proxy.example/path', 'http://', 'http://user:hunter2@ a'])(
    '%s cannot be used, and is not quoted',
    async (HTTPS_PROXY) => {
      const { problems } = await parse({ Name: 'n', URL: 'https://orders.example' }, { variables: { HTTPS_PROXY } });
      expect(problems).toEqual([
        'd.json/0/URL: is reached through HTTPS_PROXY, which must be a URL such as http://proxy.example:8080',
      ]);
    },
  );
});
