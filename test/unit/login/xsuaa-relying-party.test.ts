import { createHmac } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { XsuaaProvider } from '../../../src/config/identity-provider.ts';
import { AppError } from '../../../src/errors/app-error.ts';
import { beginPendingLogin, codeChallenge } from '../../../src/login/pending-login.ts';
import type { RelyingParty } from '../../../src/login/relying-party.ts';
import { xsuaaRelyingParty } from '../../../src/login/xsuaa-relying-party.ts';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';

const seconds = () => Math.floor(Date.now() / 1000);
const login = { provider: 'xsuaa', returnUrl: '/', redirectUri: 'https://harbour.example/login/callback' };
const { pending } = beginPendingLogin(login, Buffer.alloc(32));

let issuer: TokenIssuer;
let provider: XsuaaProvider;
let party: RelyingParty;

beforeAll(async () => {
  issuer = await startTokenIssuer();
});

beforeEach(() => {
  provider = {
    kind: 'xsuaa',
    name: 'xsuaa',
    url: new URL(issuer.origin),
    certUrl: undefined,
    clientId: 'sb-harbour!t7',
    clientAuthentication: { method: 'client_secret', secret: 'hush=&+%' },
    xsappname: 'harbour!t7',
    zone: 'zone',
  };
  party = xsuaaRelyingParty(provider);
});

const claims = (told: Record<string, unknown> = {}) => ({
  aud: ['sb-harbour!t7', 'openid'],
  cid: 'sb-harbour!t7',
  user_name: 'ada',
  sub: 'ada-id',
  scope: ['openid', 'harbour!t7.Pilot'],
  iat: seconds(),
  exp: seconds() + 3_600,
  ...told,
});

const callback = (more: Record<string, string> = {}) =>
  new URLSearchParams({ code: 'code-1', state: pending.state, ...more });

const answerToken = (make: () => Promise<string>, more: object = {}) =>
  issuer.answerWith(async () => ({
    body: { access_token: await make(), token_type: 'bearer', expires_in: 3_599, refresh_token: 'refresh-1', ...more },
  }));

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const cause = await work.then(
    () => new Error('it worked'),
    (error: unknown) => error,
  );
  if (!(cause instanceof AppError)) throw cause;
  return cause;
}

describe('the authorization request (xs-app.md 6.2)', () => {
  test('always with state, nonce and S256 challenge; without scope, which would cut the token down', async () => {
    const url = await party.authorizationUrl(pending, {});
    expect(`${url.origin}${url.pathname}`).toBe(`${issuer.origin}/oauth/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'sb-harbour!t7',
      redirect_uri: login.redirectUri,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: codeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
    });
  });

  test('the identity provider of the route goes along as idp (3.9)', async () => {
    const url = await party.authorizationUrl(pending, { identityProvider: 'sap.custom' });
    expect(url.searchParams.get('idp')).toBe('sap.custom');
  });
});

describe('the code is exchanged', () => {
  test('with verifier and redirect URI, the secret in the body byte for byte', async () => {
    answerToken(() => issuer.sign(claims()));
    await party.redeem(callback(), pending);
    const form = Object.fromEntries(issuer.requests.at(-1)?.form ?? []);
    expect(form).toEqual({
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: login.redirectUri,
      code_verifier: pending.codeVerifier,
      client_id: 'sb-harbour!t7',
      client_secret: 'hush=&+%',
    });
  });

  test('and gives user, scopes and the end of the token', async () => {
    const exp = seconds() + 1_800;
    answerToken(() => issuer.sign(claims({ exp })));
    const tokens = await party.redeem(callback(), pending);
    expect(tokens).toMatchObject({ refreshToken: 'refresh-1', expiresAt: exp * 1_000 });
    expect(tokens.user).toMatchObject({
      provider: 'xsuaa',
      scopes: ['openid', 'harbour!t7.Pilot'],
      claims: { user_name: 'ada' },
    });
  });

  test.each([
    ['the client id', ['sb-harbour!t7']],
    ['the name of the application', ['harbour!t7']],
    ['a scope of the application, cut at its dot', ['harbour!t7.Pilot']],
    ['as a text', 'sb-harbour!t7'],
    ['no audience, but the client id in cid', []],
  ])('a token is meant for us by %s (token-flows.md D4)', async (_, aud) => {
    answerToken(() => issuer.sign(claims({ aud })));
    expect((await party.redeem(callback(), pending)).user.claims['user_name']).toBe('ada');
  });
});

describe('a token that is not good for us is no login: 401 (T-41)', () => {
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each<[string, () => Promise<string>]>([
    ['somebody else’s audience', () => issuer.sign(claims({ aud: ['sb-canal!t8'], cid: 'sb-canal!t8' }))],
    ['an audience that begins like ours', () => issuer.sign(claims({ aud: ['harbour!t77', 'sb-harbour!t7x'] }))],
    ['no audience and another client', () => issuer.sign(claims({ aud: [], cid: 'sb-canal!t8' }))],
    ['no audience and no client', () => issuer.sign(claims({ aud: undefined, cid: undefined }))],
    ['expired', () => issuer.sign(claims({ exp: seconds() - 120 }))],
    ['without an end', () => issuer.sign(claims({ exp: undefined }))],
    ['not yet valid', () => issuer.sign(claims({ nbf: seconds() + 600 }))],
    ['signed with another key', () => issuer.forge(claims())],
    ['not signed', async () => `${base64({ alg: 'none' })}.${base64(claims())}.`],
    [
      'signed with our public key as if it were a secret',
      async () => {
        const text = `${base64({ alg: 'HS256', kid: 'key-1' })}.${base64(claims())}`;
        return `${text}.${createHmac('sha256', issuer.publicPem).update(text).digest('base64url')}`;
      },
    ],
    [
      'with a payload changed afterwards',
      async () => (await issuer.sign(claims())).replace(/\.[^.]+\./, `.${base64(claims({ scope: ['admin'] }))}.`),
    ],
    ['no token', async () => 'opaque'],
    ['with the nonce of another attempt', () => issuer.sign(claims({ nonce: 'another' }))],
  ])('%s', async (_, make) => {
    answerToken(make);
    expect((await failureOf(party.redeem(callback(), pending))).status).toBe(401);
  });

  test('keys come from the binding’s own URL, whatever the token names in jku', async () => {
    const evil = await startTokenIssuer();
    answerToken(() => evil.sign(claims(), { jku: `${evil.origin}/token_keys` }));
    expect((await failureOf(party.redeem(callback(), pending))).status).toBe(401);
    expect(evil.paths).toEqual([]);
  });
});

describe('a token of a caller that says where its keys are (token-flows.md D1, H68)', () => {
  const domain = 'authentication.eu10.hana.example';
  const present = async (jku: unknown, known: string | undefined) => {
    const there = xsuaaRelyingParty({ ...provider, domain: known });
    return there.verifyToken(await issuer.sign(claims({ iss: `${issuer.origin}/oauth/token` }), { jku }));
  };

  test.each([
    ['nowhere', undefined, domain],
    ['at a zone', `https://acme.${domain}/token_keys`, domain],
    ['in upper case', `https://ACME.${domain.toUpperCase()}/token_keys`, domain.toUpperCase()],
    ['at the binding’s own host', 'the issuer', domain],
    ['anywhere, where the domain is not known', 'https://evil.example/token_keys', undefined],
  ])('%s: is taken, with the keys of the binding', async (_, jku, known) => {
    const before = issuer.paths.length;
    const there = jku === 'the issuer' ? `${issuer.origin}/token_keys` : jku;
    await expect(present(there, known)).resolves.toMatchObject({ kind: 'user' });
    expect(issuer.paths.slice(before)).toEqual(['/token_keys']);
  });

  test.each([
    'https://evil.example/token_keys',
    `https://${domain}.evil.example/token_keys`,
    `https://evil${domain}/token_keys`,
    `https://acme.${domain}@evil.example/token_keys`,
    `https://evil.example/acme.${domain}/token_keys`,
    'token_keys',
    '',
    7,
    null,
  ])('at %j: is refused, though its signature is genuine', async (jku) => {
    expect((await failureOf(present(jku, domain))).status).toBe(401);
  });
});

describe('a callback that brings no code', () => {
  test.each([
    ['access_denied', 403],
    ['<script>', 403],
  ])('the provider says %s: %i, and it is not asked for a token', async (error, status) => {
    const before = issuer.requests.length;
    const refused = new URLSearchParams({ error, state: pending.state });
    expect((await failureOf(party.redeem(refused, pending))).status).toBe(status);
    expect(issuer.requests).toHaveLength(before);
  });

  test.each([
    ['no code', { code: '' }],
    ['another state', { state: 'another' }],
  ])('%s', async (_, more) => {
    const before = issuer.requests.length;
    expect((await failureOf(party.redeem(callback(more), pending))).status).toBe(401);
    expect(issuer.requests).toHaveLength(before);
  });
});

describe('renewal', () => {
  test('keeps the refresh token when no new one comes (RFC 6749 section 6)', async () => {
    answerToken(() => issuer.sign(claims()), { refresh_token: undefined });
    const tokens = await party.refresh({ refreshToken: 'refresh-0', idToken: undefined });
    expect(tokens.refreshToken).toBe('refresh-0');
    expect(issuer.requests.at(-1)?.form.get('refresh_token')).toBe('refresh-0');
  });

  test('takes the rotated one', async () => {
    answerToken(() => issuer.sign(claims()), { refresh_token: 'refresh-1' });
    expect((await party.refresh({ refreshToken: 'refresh-0', idToken: undefined })).refreshToken).toBe('refresh-1');
  });

  test('a token that is not good for us is none here either', async () => {
    answerToken(() => issuer.forge(claims()));
    expect((await failureOf(party.refresh({ refreshToken: 'r', idToken: undefined }))).status).toBe(401);
  });
});

describe('logout (xs-app.md 6.7)', () => {
  test('at logout.do, bare without a page', async () => {
    const url = await party.endSessionUrl({ idToken: undefined, returnTo: undefined });
    expect(url?.href).toBe(`${issuer.origin}/logout.do`);
  });

  test('with the absolute page and our client id', async () => {
    const returnTo = new URL('https://harbour.example/bye?port=9&x=a b');
    const url = await party.endSessionUrl({ idToken: undefined, returnTo });
    expect(url?.href).toBe(
      `${issuer.origin}/logout.do?redirect=https%3A%2F%2Fharbour.example%2Fbye%3Fport%3D9%26x%3Da%2520b&client_id=sb-harbour!t7`,
    );
  });
});

test('an XSUAA that is down is 502, and says nothing of its address', async () => {
  const provider: XsuaaProvider = {
    kind: 'xsuaa',
    name: 'xsuaa',
    url: new URL('http://127.0.0.1:9'),
    certUrl: undefined,
    clientId: 'c',
    clientAuthentication: { method: 'client_secret', secret: 's' },
    xsappname: 'x',
    zone: undefined,
  };
  const failure = await failureOf(xsuaaRelyingParty(provider).redeem(callback(), pending));
  expect(failure.status).toBe(502);
  expect(`${failure.message} ${failure.hint}`).not.toContain('127.0.0.1');
});
