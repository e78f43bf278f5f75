import { decodeJwt } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openKeyPairs } from '../../unit/tokens/support/key-pairs.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';
import { openStrictXsuaa, type StrictXsuaa } from '../support/open-strict-xsuaa.ts';

/** Every grant and every proof of the client at an XSUAA that refuses what the specifications let it (token-flows.md D). */
const { read } = openKeyPairs({ server: {}, ship: {}, stranger: {}, signer: {} });
const id = 'sb-app!t1|odd+name';
const secret = 'a+b/c=$d%25:ü &';
const byCertificate = 'sb-x509!t1';
let xsuaa: StrictXsuaa;
let backend: Backend;
let router: Router;
let browser: Browser;

beforeAll(async () => {
  const pem = (name: string) => read(name).toString();
  const pair = (name: string) => pem(`${name}.key.pem`) + pem(`${name}.crt.pem`);
  [xsuaa, backend] = await Promise.all([
    openStrictXsuaa({
      clients: {
        [id]: { secret },
        [byCertificate]: { certificate: pem('ship.crt.pem') },
        'sb-login': { secret: 'hush', grants: ['authorization_code', 'refresh_token'] },
      },
      tls: { key: pem('server.key.pem'), cert: pem('server.crt.pem') },
      samlCertificate: pem('signer.crt.pem'),
    }),
    openBackend(),
  ]);
  const tokenUrl = `${xsuaa.origin}/acme/oauth/token`;
  const proofs = {
    form: { clientId: id, clientSecret: secret, tokenServiceURL: tokenUrl },
    basic: {
      clientId: id,
      clientSecret: secret,
      tokenServiceURL: tokenUrl,
      'tokenService.addClientCredentialsInBody': 'false',
    },
    certificate: {
      clientId: byCertificate,
      tokenServiceURL: `${xsuaa.certOrigin}/acme/oauth/token`,
      'tokenService.KeyStoreLocation': 'ship.pem',
      TrustStoreLocation: 'server.pem',
    },
  };
  const wrong = { ...proofs.form, Authentication: 'OAuth2ClientCredentials' };
  const saml = {
    Authentication: 'OAuth2SAMLBearerAssertion',
    clientKey: id,
    tokenServiceUser: id,
    tokenServicePassword: secret,
    tokenServiceURL: `${tokenUrl}/alias/acme.local`,
    audience: 'saml-of-acme',
    KeyStoreLocation: 'signer.pem',
  };
  const common = {
    ...proofs.form,
    tokenServiceURLType: 'Common',
    tokenServiceURL: `${xsuaa.origin}/{tenant}/oauth/token`,
  };
  const destinations: Record<string, object> = {
    ...Object.fromEntries(
      Object.entries(proofs).flatMap(([proof, properties]) => [
        [`technical-${proof}`, { Authentication: 'OAuth2ClientCredentials', ...properties }],
        [`password-${proof}`, { Authentication: 'OAuth2Password', User: 'mara', Password: 'pö+w&d %', ...properties }],
        [`bearer-${proof}`, { Authentication: 'OAuth2JWTBearer', ...properties }],
        [`exchange-${proof}`, { Authentication: 'OAuth2UserTokenExchange', ...properties }],
      ]),
    ),
    saml,
    'bearer-common': { Authentication: 'OAuth2JWTBearer', ...common },
    'technical-common': { Authentication: 'OAuth2ClientCredentials', ...common, 'tokenServiceURL.tenant': 'other' },
    'wrong-secret': { ...wrong, clientSecret: 'another-secret' },
    'wrong-grant': { ...wrong, clientId: 'sb-login', clientSecret: 'hush' },
    'wrong-host': { ...wrong, clientId: byCertificate },
    'wrong-zone': { ...wrong, tokenServiceURL: `${xsuaa.origin}/nowhere/oauth/token` },
    'other-zone': {
      ...proofs.form,
      Authentication: 'OAuth2JWTBearer',
      tokenServiceURL: `${xsuaa.origin}/other/oauth/token`,
    },
    'no-certificate': {
      ...proofs.certificate,
      ...wrong,
      tokenServiceURL: proofs.certificate.tokenServiceURL,
      'tokenService.KeyStoreLocation': '',
    },
    'wrong-certificate': {
      ...proofs.certificate,
      Authentication: 'OAuth2ClientCredentials',
      'tokenService.KeyStoreLocation': 'stranger.pem',
    },
    'wrong-signer': { ...saml, KeyStoreLocation: 'stranger.pem' },
    'wrong-audience': { ...saml, audience: 'another' },
    'wrong-recipient': { ...saml, assertionRecipient: 'https://elsewhere.example/' },
  };
  router = await openRouter({
    xsApp: {
      routes: Object.keys(destinations).map((name) => ({
        source: `^/${name}/`,
        target: '/',
        destination: name,
        csrfProtection: false,
      })),
    },
    files: {
      'destinations.json': Object.entries(destinations).map(([Name, properties]) => ({
        Name,
        Type: 'HTTP',
        ProxyType: 'Internet',
        URL: backend.origin,
        ...properties,
      })),
      'keystores/ship.pem': pair('ship'),
      'keystores/stranger.pem': pair('stranger'),
      'keystores/signer.pem': pair('signer'),
      'keystores/server.pem': pem('server.crt.pem'),
    },
    env: {
      VCAP_SERVICES: {
        xsuaa: [
          {
            name: 'uaa',
            label: 'xsuaa',
            tags: ['xsuaa'],
            credentials: {
              clientid: 'sb-login',
              clientsecret: 'hush',
              url: `${xsuaa.origin}/acme`,
              xsappname: 'app!t1',
              identityzone: 'acme',
            },
          },
        ],
      },
    },
  });
});
beforeEach(async () => {
  Object.assign(xsuaa, { mayExchange: true, tokenLife: 600 });
  browser = openBrowser();
  expect((await browser.open(`${router.origin}/technical-form/`)).status).toBe(200);
  backend.forget();
  for (const told of [xsuaa.refused, xsuaa.granted]) told.splice(0);
});

const ask = (name: string) => browser.fetch(`${router.origin}/${name}/`);
/** What the backend was shown. */
const shown = () => decodeJwt(backend.last().headers.authorization?.replace(/^Bearer /, '') ?? '');

describe('every grant with every proof of the client', () => {
  const proofs = [
    ['form', id],
    ['basic', id],
    ['certificate', byCertificate],
  ] as const;

  test.each(proofs)('a technical user (%s)', async (proof, client) => {
    expect((await ask(`technical-${proof}`)).status).toBe(200);
    expect(shown()).toMatchObject({ cid: client, sub: client });
    expect(xsuaa.refused).toEqual([]);
  });

  test.each(
    proofs.flatMap(([proof, client]) => ['password', 'bearer', 'exchange'].map((grant) => [grant, proof, client])),
  )('the user: %s (%s)', async (grant, proof, client) => {
    expect((await ask(`${grant}-${proof}`)).status).toBe(200);
    expect(shown()).toMatchObject({ cid: client, user_name: 'mara' });
    expect(xsuaa.refused).toEqual([]);
  });

  test('a SAML assertion, a new one each time, for the alias of the zone', async () => {
    for (let login = 0; login < 2; login += 1) {
      browser = openBrowser();
      await browser.open(`${router.origin}/technical-form/`);
      expect((await ask('saml')).status).toBe(200);
      expect(shown()).toMatchObject({ cid: id, user_name: 'mara' });
    }
    expect(xsuaa.granted.filter((form) => form.has('assertion'))).toHaveLength(2);
    expect(xsuaa.refused).toEqual([]);
  });

  test.each([
    ['bearer-common', 'zone-acme'],
    ['technical-common', 'zone-other'],
  ])('%s: at the address of the tenant %s', async (name, zid) => {
    expect((await ask(name)).status).toBe(200);
    expect(shown()).toMatchObject({ zid });
  });

  test('a refresh token is shown once, however many requests there are: a second time would withdraw all', async () => {
    xsuaa.tokenLife = 0; // each request wants another one
    await ask('exchange-form');
    xsuaa.granted.splice(0);
    for (let round = 0; round < 2; round += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask('exchange-form')));
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    }
    expect(new Set(xsuaa.granted.map((form) => form.get('grant_type')))).toEqual(new Set(['refresh_token']));
    expect(xsuaa.refused).toEqual([]);
  });
});

describe('what it refuses is told with its cause, and reaches no backend', () => {
  test.each([
    ['wrong-secret', 'client id or secret is wrong', 'Bad credentials'],
    ['wrong-grant', 'may not use this grant', 'Unauthorized grant type'],
    ['wrong-host', 'used the host for secrets', 'Unsupported instance credential'],
    ['wrong-zone', 'subdomain in tokenServiceURL is unknown', 'does not map'],
    ['other-zone', 'does not accept the token handed on', 'of another zone'],
    ['no-certificate', 'gives no token', undefined],
    // Node's server may break the connection off before its alert is read (client-certificate.test.ts).
    ['wrong-certificate', 'gives no token', undefined],
    ['wrong-signer', 'does not accept the assertion', 'signature'],
    ['wrong-audience', 'does not accept the assertion', 'audience'],
    ['wrong-recipient', 'does not accept the assertion', 'recipient'],
  ])('%s: %s', async (name, cause, said) => {
    const answer = await ask(name);
    expect([answer.status, answer.json['code']]).toEqual([502, 'ERR_TOKEN_SERVICE']);
    expect(answer.json['detail']).toContain(cause);
    expect(answer.json['hint']).toBeTruthy();
    if (said !== undefined) expect(xsuaa.refused.join()).toContain(said);
    expect(backend.received).toEqual([]);
    for (const hidden of [secret, 'another-secret', 'eyJ']) expect(answer.text).not.toContain(hidden);
  });

  test('a user whose token lacks uaa.user cannot be exchanged', async () => {
    xsuaa.mayExchange = false;
    browser = openBrowser();
    await browser.open(`${router.origin}/technical-form/`);
    backend.forget();
    const answer = await ask('exchange-form');
    expect([answer.status, answer.json['detail']]).toEqual([502, expect.stringContaining('uaa.user')]);
    expect(backend.received).toEqual([]);
  });
});
