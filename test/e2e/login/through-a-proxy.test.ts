import { beforeAll, describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { type ConnectProxy, startConnectProxy } from '../../unit/tokens/support/connect-proxy.ts';
import { openBrowser } from '../support/browser.ts';
import { openRouter, type RouterSetup } from '../support/open-router.ts';
import { openTlsFront, type TlsFront } from '../support/open-tls-front.ts';

/** The provider is `https://login.example`, and only the proxy knows where that is. */
const at = (path: string) => `https://login.example${path}`;
let issuer: TokenIssuer;
let front: TlsFront;
let proxy: ConnectProxy;
beforeAll(async () => {
  issuer = await startTokenIssuer({
    issuer: at(''),
    authorization_endpoint: at('/authorize'),
    token_endpoint: at('/token'),
    jwks_uri: at('/keys'),
  });
  front = await openTlsFront('login.example', Number(new URL(issuer.origin).port));
  proxy = await startConnectProxy({ hosts: { 'login.example': front.port } });
  atEnd(() => proxy.close());
});

const setup = (env: object): RouterSetup => ({
  xsApp: { routes: [{ source: '^/me/', target: '/', service: 'sap-approuter-userapi' }] },
  env: { HTTPS_PROXY: proxy.url, XS_CACERT_PATH: front.certificateFile, ...env },
});
const seconds = () => Math.floor(Date.now() / 1000);

async function logIn(
  origin: string,
  claims: object,
  more: (token: string) => object,
): Promise<Readonly<Record<string, unknown>>> {
  const browser = openBrowser();
  const asked = new URL(
    await browser.openUntil(`${origin}/me/currentUser`, ({ hostname }) => hostname === 'login.example'),
  ).searchParams;
  const token = await issuer.sign({
    sub: 'ada',
    nonce: String(asked.get('nonce')),
    iat: seconds(),
    exp: seconds() + 600,
    ...claims,
  });
  issuer.answerWith(async () => ({
    body: { access_token: token, token_type: 'Bearer', expires_in: 600, ...more(token) },
  }));
  await browser.visit(`${asked.get('redirect_uri')}?code=c&state=${encodeURIComponent(asked.get('state') ?? '')}`);
  return (await browser.fetch(`${origin}/me/currentUser`)).json;
}

describe('a login whose provider is behind a proxy (HTTPS_PROXY)', () => {
  test('finds metadata, token and keys through it', async () => {
    const { origin } = await openRouter(
      setup({ OIDC_ISSUER: at(''), OIDC_CLIENT_ID: 'harbour', OIDC_CLIENT_SECRET: 'hush' }),
    );
    const before = proxy.tunnels.length;
    expect(
      await logIn(origin, { iss: at(''), aud: 'harbour', email: 'ada@harbour.example' }, (token) => ({
        id_token: token,
      })),
    ).toMatchObject({
      email: 'ada@harbour.example',
    });
    expect(issuer.paths).toEqual(expect.arrayContaining(['/.well-known/openid-configuration', '/token', '/keys']));
    expect(proxy.tunnels.length).toBeGreaterThan(before);
    expect(new Set(proxy.tunnels.map(({ authority }) => authority))).toEqual(new Set(['login.example:443']));
  });

  test('with XSUAA, too', async () => {
    const credentials = { url: at(''), clientid: 'sb-h!t1', clientsecret: 'hush', xsappname: 'h!t1' };
    const { origin } = await openRouter(
      setup({ VCAP_SERVICES: { xsuaa: [{ name: 'uaa', label: 'xsuaa', tags: ['xsuaa'], credentials }] } }),
    );
    const before = proxy.tunnels.length;
    expect(
      await logIn(
        origin,
        { aud: ['sb-h!t1'], cid: 'sb-h!t1', user_name: 'ada', email: 'ada@harbour.example' },
        () => ({}),
      ),
    ).toMatchObject({ email: 'ada@harbour.example' });
    expect(proxy.tunnels.length).toBeGreaterThan(before);
  });

  test('with a proxy that is no URL does not begin, and its password is not told', async () => {
    const env = { OIDC_ISSUER: at(''), OIDC_CLIENT_ID: 'h', OIDC_CLIENT_SECRET: 's', HTTPS_PROXY: 'http://u:pa55@p/x' };
    const failed = openRouter(setup(env));
    await expect(failed).rejects.toThrow(/identity provider oidc: is reached through HTTPS_PROXY, which must be a URL/);
    await expect(failed).rejects.toThrow(/^((?!pa55).)*$/s);
  });
});
