import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { OidcProvider } from '../../../src/config/identity-provider.ts';
import { AppError } from '../../../src/errors/app-error.ts';
import { oidcRelyingParty } from '../../../src/login/oidc-relying-party.ts';
import { beginPendingLogin, codeChallenge } from '../../../src/login/pending-login.ts';
import type { RelyingParty } from '../../../src/login/relying-party.ts';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';

const seconds = () => Math.floor(Date.now() / 1000);
const login = { provider: 'oidc', returnUrl: '/', redirectUri: 'https://harbour.example/login/callback' };
const { pending } = beginPendingLogin(login, Buffer.alloc(32));

let issuer: TokenIssuer;
let party: RelyingParty;

const providerAt = (origin: string, told: Partial<OidcProvider> = {}): OidcProvider => ({
  kind: 'oidc',
  name: 'oidc',
  issuer: new URL(origin),
  clientId: 'harbour',
  clientAuthentication: { method: 'client_secret', secret: 'hush' },
  scopes: 'openid profile offline_access',
  userToken: 'auto',
  audiences: ['harbour', 'api://harbour'],
  ...told,
});

beforeAll(async () => {
  issuer = await startTokenIssuer();
});
beforeEach(() => {
  party = oidcRelyingParty(providerAt(issuer.origin));
});

const idClaims = (told: Record<string, unknown> = {}) => ({
  iss: issuer.origin,
  aud: 'harbour',
  sub: 'ada',
  nonce: pending.nonce,
  iat: seconds(),
  exp: seconds() + 600,
  given_name: 'Ada',
  sid: 'sid-1',
  ...told,
});
const accessClaims = (told: Record<string, unknown> = {}) => ({
  iss: issuer.origin,
  aud: 'api://harbour',
  sub: 'ada',
  scp: 'Orders.Read Orders.Write',
  roles: ['Pilot'],
  iat: seconds(),
  exp: seconds() + 3_600,
  ...told,
});

const callback = (more: Record<string, string> = {}) =>
  new URLSearchParams({ code: 'code-1', state: pending.state, ...more });

interface Told {
  readonly id?: () => Promise<string>;
  readonly access?: () => Promise<string>;
  readonly more?: object;
}

const answer = ({ id, access, more }: Told = {}) =>
  issuer.answerWith(async () => ({
    body: {
      access_token: access ? await access() : 'opaque-access-token',
      id_token: id ? await id() : await issuer.sign(idClaims()),
      token_type: 'Bearer',
      expires_in: 3_599,
      refresh_token: 'refresh-1',
      scope: 'openid profile',
      ...more,
    },
  }));

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const cause = await work.then(
    () => new Error('it worked'),
    (error: unknown) => error,
  );
  if (!(cause instanceof AppError)) throw cause;
  return cause;
}

describe('the authorization request', () => {
  test('always with state, nonce and S256 challenge', async () => {
    const url = await party.authorizationUrl(pending, { identityProvider: 'corporate' });
    expect(url.origin + url.pathname).toBe(`${issuer.origin}/authorize`);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'harbour',
      scope: 'openid profile offline_access',
      redirect_uri: login.redirectUri,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: codeChallenge(pending.codeVerifier),
      code_challenge_method: 'S256',
      idp: 'corporate',
    });
  });

  test('the provider’s metadata is read once, at the first login, however many begin at once', async () => {
    const fresh = await startTokenIssuer();
    const first = oidcRelyingParty(providerAt(fresh.origin));
    expect(fresh.paths).toEqual([]);
    await Promise.all(Array.from({ length: 20 }, () => first.authorizationUrl(pending, {})));
    expect(fresh.paths).toEqual(['/.well-known/openid-configuration']);
  });

  test('a provider that was down is asked again by the next login', async () => {
    const down = oidcRelyingParty(providerAt('http://127.0.0.1:9'));
    for (let i = 0; i < 2; i++) expect((await failureOf(down.authorizationUrl(pending, {}))).status).toBe(502);
  });

  test('metadata of another issuer is refused (T-72)', async () => {
    const liar = await startTokenIssuer({ issuer: 'https://evil.example' });
    const failure = await failureOf(oidcRelyingParty(providerAt(liar.origin)).authorizationUrl(pending, {}));
    expect([401, 502]).toContain(failure.status);
  });
});

describe('an issuer that is spelt otherwise in its metadata', () => {
  test.each([
    ['/realm', '/realm/'],
    ['/realm/', '/realm'],
  ])(
    '%s for %s: the slash makes no other address, and tokens are compared with what the metadata says',
    async (configured, named) => {
      const told: Record<string, unknown> = {};
      const there = await startTokenIssuer(told);
      told['issuer'] = there.origin + named;
      const slashed = oidcRelyingParty(providerAt(there.origin + configured));
      const claims = { ...idClaims(), iss: there.origin + named };
      there.answerWith(async () => ({
        body: { access_token: 'opaque', id_token: await there.sign(claims), token_type: 'Bearer' },
      }));
      expect((await slashed.redeem(callback(), pending)).user.claims['iss']).toBe(there.origin + named);
      there.answerWith(async () => ({
        body: {
          access_token: 'opaque',
          id_token: await there.sign({ ...claims, iss: there.origin + configured }),
          token_type: 'Bearer',
        },
      }));
      expect((await failureOf(slashed.redeem(callback(), pending))).status).toBe(401);
    },
  );

  test('another path is another issuer', async () => {
    const told: Record<string, unknown> = {};
    const there = await startTokenIssuer(told);
    told['issuer'] = `${there.origin}/other`;
    const failure = await failureOf(
      oidcRelyingParty(providerAt(`${there.origin}/realm`)).authorizationUrl(pending, {}),
    );
    expect([401, 502]).toContain(failure.status);
  });
});

describe('endpoints that all tenants of Entra ID share (token-flows.md A1)', () => {
  const [ours, theirs] = ['0a6b9d2f-5f0c-4f3a-9a51-1f2d3c4b5a60', '1b7cae30-6a1d-4b4c-8b62-2a3e4d5c6b71'];
  let there: TokenIssuer;
  const shared = (told: Partial<OidcProvider> = {}) =>
    oidcRelyingParty(providerAt(`${there.origin}/common/v2.0`, told));
  const of = (tid: unknown, iss = `${there.origin}/${tid}/v2.0`) => ({ iss, tid });
  const answerOf = (claims: Record<string, unknown>) =>
    there.answerWith(async () => ({
      body: { access_token: 'opaque', id_token: await there.sign(idClaims(claims)), token_type: 'Bearer' },
    }));
  beforeAll(async () => {
    const told: Record<string, unknown> = {};
    there = await startTokenIssuer(told);
    told['issuer'] = `${there.origin}/{tenantid}/v2.0`;
  });

  test('the issuer of a token is that of the tenant it names', async () => {
    const party = shared();
    for (const tid of [ours, theirs]) {
      answerOf(of(tid));
      expect((await party.redeem(callback(), pending)).user.claims).toMatchObject({ tid });
      const caller = await party.verifyToken(await there.sign(accessClaims(of(tid))));
      expect(caller.claims).toMatchObject({ tid });
    }
  });

  test.each<[string, () => Record<string, unknown>]>([
    ['of one tenant in the name of another', () => of(theirs, `${there.origin}/${ours}/v2.0`)],
    ['that names no tenant', () => of(undefined, `${there.origin}/${ours}/v2.0`)],
    ['whose tenant is the placeholder', () => of('{tenantid}')],
    ['whose tenant is a path', () => of('../evil')],
  ])('a token %s is refused', async (_, claims) => {
    const party = shared();
    answerOf(claims());
    expect((await failureOf(party.redeem(callback(), pending))).status).toBe(401);
    expect((await failureOf(party.verifyToken(await there.sign(accessClaims(claims()))))).status).toBe(401);
  });

  test('OIDC_TENANTS says whose people may come in', async () => {
    const party = shared({ tenants: [ours] });
    answerOf(of(ours));
    await party.redeem(callback(), pending);
    answerOf(of(theirs));
    expect((await failureOf(party.redeem(callback(), pending))).status).toBe(403);
    expect((await failureOf(party.verifyToken(await there.sign(accessClaims(of(theirs)))))).status).toBe(403);
  });
});

describe('groups stand for scopes where the owner says so', () => {
  const scopesOfClaims = { groups: { crew: ['Sail'] } };
  const claims = { groups: ['crew', 'guests'] };

  test('of the id_token, at a login, beside the scopes that the tokens have', async () => {
    const party = oidcRelyingParty(providerAt(issuer.origin, { scopesOfClaims }));
    answer({ id: () => issuer.sign(idClaims(claims)), access: () => issuer.sign(accessClaims()) });
    const { user } = await party.redeem(callback(), pending);
    expect(user.scopes).toEqual(['Orders.Read', 'Orders.Write', 'Pilot', 'Sail']);
  });

  test('of the token of a program', async () => {
    const party = oidcRelyingParty(providerAt(issuer.origin, { scopesOfClaims }));
    expect((await party.verifyToken(await issuer.sign(accessClaims(claims)))).scopes).toContain('Sail');
  });

  test('and for none at a provider of which it was not said', async () => {
    const party = oidcRelyingParty(providerAt(issuer.origin));
    expect((await party.verifyToken(await issuer.sign(accessClaims(claims)))).scopes).not.toContain('Sail');
  });
});

describe('a tenant of Entra ID has two names', () => {
  const tenant = '0a6b9d2f-5f0c-4f3a-9a51-1f2d3c4b5a60';

  test('a token of version 1.0 for us is good; that of another tenant, signed with the same key, is not', async () => {
    const told: Record<string, unknown> = {};
    const there = await startTokenIssuer(told);
    told['issuer'] = `${there.origin}/${tenant}/v2.0`;
    const party = oidcRelyingParty(providerAt(`${there.origin}/${tenant}/v2.0`));
    const first = (tid: string) =>
      there.sign(accessClaims({ iss: `https://sts.windows.net/${tid}/`, tid, ver: '1.0' }));
    expect((await party.verifyToken(await first(tenant))).claims).toMatchObject({ ver: '1.0' });
    const other = await first('1b7cae30-6a1d-4b4c-8b62-2a3e4d5c6b71');
    expect((await failureOf(party.verifyToken(other))).status).toBe(401);
  });
});

describe('keys that change', () => {
  afterEach(() => void vi.useRealTimers());

  test('are fetched again for a key that is new, but not for each token that names one', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const there = await startTokenIssuer();
    const rotating = oidcRelyingParty(providerAt(there.origin));
    const claims = () => accessClaims({ iss: there.origin });
    const fetched = () => there.paths.filter((path) => path === '/keys').length;
    await rotating.verifyToken(await there.sign(claims()));
    expect(fetched()).toBe(1);
    await there.rotate();
    vi.advanceTimersByTime(61_000);
    await rotating.verifyToken(await there.sign(claims()));
    expect(fetched()).toBe(2);
    for (let i = 0; i < 20; i++)
      await failureOf(rotating.verifyToken(await there.sign(claims(), { kid: `made-up-${i}` })));
    expect(fetched()).toBe(2);
  });

  test('do not end logins', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const there = await startTokenIssuer();
    const rotating = oidcRelyingParty(providerAt(there.origin));
    const logIn = async () => {
      there.answerWith(async () => ({
        body: {
          access_token: 'opaque',
          id_token: await there.sign(idClaims({ iss: there.origin })),
          token_type: 'Bearer',
        },
      }));
      return rotating.redeem(callback(), pending);
    };
    await logIn();
    await there.rotate();
    vi.advanceTimersByTime(61_000);
    expect((await logIn()).user.claims['sub']).toBe('ada');
  });
});

describe('which token is handed on (design section 3)', () => {
  test('the access token when it is meant for us, with its scopes and roles', async () => {
    answer({ access: () => issuer.sign(accessClaims()) });
    const { user, expiresAt, idToken, sid } = await party.redeem(callback(), pending);
    expect(user.scopes).toEqual(['Orders.Read', 'Orders.Write', 'Pilot']);
    expect(user.claims).toMatchObject({ aud: 'api://harbour', given_name: 'Ada' });
    expect(expiresAt / 1_000).toBeGreaterThan(seconds() + 3_000);
    expect(idToken).not.toBe(user.token);
    expect(sid).toBe('sid-1');
  });

  test.each([
    [
      'is nobody’s to read here (Entra’s for Graph)',
      () => issuer.sign(accessClaims({ aud: 'https://graph.microsoft.com' })),
    ],
    ['is no JWT', async () => 'opaque'],
    ['looks like one and is none', async () => 'a.b.c'],
  ])('else the id_token: the access token %s', async (_, access) => {
    const id = await issuer.sign(idClaims());
    answer({ access, id: async () => id });
    const { user, expiresAt } = await party.redeem(callback(), pending);
    expect(user.token).toBe(id);
    expect(user.scopes).toEqual(['openid', 'profile']);
    expect(expiresAt / 1_000).toBeLessThan(seconds() + 700);
  });

  test('an at_hash that fits is no hindrance', async () => {
    const id = await issuer.sign(idClaims({ at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }));
    answer({ access: async () => 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y', id: async () => id });
    expect((await party.redeem(callback(), pending)).user.token).toBe(id);
  });

  test('a setting of the provider decides otherwise', async () => {
    const id = await issuer.sign(idClaims());
    answer({ access: () => issuer.sign(accessClaims()), id: async () => id });
    const idTokens = oidcRelyingParty(providerAt(issuer.origin, { userToken: 'id_token' }));
    expect((await idTokens.redeem(callback(), pending)).user.token).toBe(id);
  });
});

describe('a token that is not good for us is no login: 401 (T-41)', () => {
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each<[string, Told]>([
    ['an id_token for another client', { id: () => issuer.sign(idClaims({ aud: 'canal' })) }],
    ['of another issuer', { id: () => issuer.sign(idClaims({ iss: 'https://evil.example' })) }],
    ['with the nonce of another attempt', { id: () => issuer.sign(idClaims({ nonce: 'x' })) }],
    ['without a nonce', { id: () => issuer.sign(idClaims({ nonce: undefined })) }],
    ['expired', { id: () => issuer.sign(idClaims({ exp: seconds() - 300 })) }],
    ['without a subject', { id: () => issuer.sign(idClaims({ sub: undefined })) }],
    ['signed with another key', { id: () => issuer.forge(idClaims()) }],
    ['not signed', { id: async () => `${base64({ alg: 'none' })}.${base64(idClaims())}.` }],
    ['an access token for us, signed by somebody else', { access: () => issuer.forge(accessClaims()) }],
    [
      'an access token for us, not signed',
      { access: async () => `${base64({ alg: 'none' })}.${base64(accessClaims())}.` },
    ],
    ['an access token for us, expired', { access: () => issuer.sign(accessClaims({ exp: seconds() - 300 })) }],
    [
      'an access token that is not the one of the id_token',
      { id: () => issuer.sign(idClaims({ at_hash: 'LDktKdoQak3Pk0cnXxCltA' })) },
    ],
    ['no id_token at all', { more: { id_token: undefined } }],
  ])('%s', async (_, told) => {
    answer(told);
    expect((await failureOf(party.redeem(callback(), pending))).status).toBe(401);
  });
});

describe('a callback that does not fit is refused without a token request', () => {
  test.each([
    ['the provider said no', { error: 'access_denied' }, 403],
    ['another state', { code: 'x', state: 'another' }, 401],
    ['another issuer (RFC 9207)', { code: 'x', iss: 'https://evil.example' }, 401],
  ])('%s', async (_, parameters, status) => {
    const before = issuer.requests.length;
    const query = new URLSearchParams({ state: pending.state, ...parameters });
    expect((await failureOf(party.redeem(query, pending))).status).toBe(status);
    expect(issuer.requests).toHaveLength(before);
  });
});

describe('renewal', () => {
  test('keeps what the answer does not bring: refresh token and id_token', async () => {
    const id = await issuer.sign(idClaims());
    answer({ access: () => issuer.sign(accessClaims()), more: { id_token: undefined, refresh_token: undefined } });
    const tokens = await party.refresh({ refreshToken: 'refresh-0', idToken: id });
    expect(tokens).toMatchObject({ refreshToken: 'refresh-0', idToken: id });
    expect(tokens.user.claims).toMatchObject({ given_name: 'Ada', aud: 'api://harbour' });
  });

  test('a provider that refuses is told as such', async () => {
    issuer.answerWith(async () => ({ status: 400, body: { error: 'invalid_grant' } }));
    expect(await failureOf(party.refresh({ refreshToken: 'r', idToken: undefined }))).toMatchObject({
      status: 401,
      members: { error: 'invalid_grant' },
    });
  });

  test('and cannot put its own words on our page', async () => {
    issuer.answerWith(async () => ({ status: 400, body: { error: 'Call +1 555 0100 <b>now</b>' } }));
    const { detail, members } = await failureOf(party.refresh({ refreshToken: 'r', idToken: undefined }));
    expect(`${detail} ${members['error']}`).not.toMatch(/555|<b>/);
  });
});

describe('logout', () => {
  test('H50: tells the provider who it was, who asks, and where to come back to', async () => {
    const url = await party.endSessionUrl({
      idToken: 'the.id.token',
      returnTo: new URL('https://harbour.example/bye'),
    });
    expect(url?.pathname).toBe('/logout');
    expect(Object.fromEntries(url?.searchParams ?? [])).toMatchObject({
      id_token_hint: 'the.id.token',
      post_logout_redirect_uri: 'https://harbour.example/bye',
      client_id: 'harbour',
    });
  });

  test('a provider without such a place: nowhere to go', async () => {
    const plain = await startTokenIssuer({ end_session_endpoint: undefined });
    const there = oidcRelyingParty(providerAt(plain.origin));
    expect(await there.endSessionUrl({ idToken: undefined, returnTo: undefined })).toBeUndefined();
  });
});

describe('the token of a caller (token-flows.md F9, F12; T-41)', () => {
  test('an access token for us is good', async () => {
    expect(await party.verifyToken(await issuer.sign(accessClaims()))).toMatchObject({ provider: 'oidc' });
  });

  test.each<[string, () => Promise<string>]>([
    ['an id_token of ours', () => issuer.sign(idClaims())],
    ['a token typed otherwise', () => issuer.sign(accessClaims(), { typ: 'logout+jwt' })],
    ['for somebody else', () => issuer.sign(accessClaims({ aud: 'canal' }))],
    ['of another issuer', () => issuer.sign(accessClaims({ iss: 'https://evil.example' }))],
    ['of an issuer whose name begins so', () => issuer.sign(accessClaims({ iss: `${issuer.origin}.evil.example` }))],
    ['without an issuer', () => issuer.sign(accessClaims({ iss: undefined }))],
    ['expired', () => issuer.sign(accessClaims({ exp: seconds() - 300 }))],
    ['without an end', () => issuer.sign(accessClaims({ exp: undefined }))],
    ['not valid yet', () => issuer.sign(accessClaims({ nbf: seconds() + 300 }))],
    ['signed by somebody else', () => issuer.forge(accessClaims())],
    [
      'H69: not signed',
      async () =>
        `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await issuer.sign(accessClaims())).split('.')[1]}.`,
    ],
    ['H69: of a key nobody knows', () => issuer.sign(accessClaims(), { kid: '../../etc/passwd' })],
    ['no JWT', async () => 'opaque'],
  ])('%s: 401', async (_, make) => {
    expect((await failureOf(party.verifyToken(await make()))).status).toBe(401);
  });

  test('keys that a token points to are never fetched', async () => {
    const evil = await startTokenIssuer();
    const header = { jku: `${evil.origin}/keys`, x5u: `${evil.origin}/keys`, kid: 'key-2' };
    expect((await failureOf(party.verifyToken(await evil.sign(accessClaims(), header)))).status).toBe(401);
    expect(evil.paths).toEqual([]);
  });

  test('whose issuer cannot be asked: 502, for it is not the caller’s fault', async () => {
    const down = oidcRelyingParty(providerAt('http://127.0.0.1:9'));
    const theirs = await issuer.sign(accessClaims({ iss: 'http://127.0.0.1:9' }));
    expect((await failureOf(down.verifyToken(theirs))).status).toBe(502);
    const keyless = await startTokenIssuer({ jwks_uri: 'http://127.0.0.1:9/keys' });
    const token = await keyless.sign(accessClaims({ iss: keyless.origin }));
    expect((await failureOf(oidcRelyingParty(providerAt(keyless.origin)).verifyToken(token))).status).toBe(502);
  });

  test('of somebody else is refused even then', async () => {
    const down = oidcRelyingParty(providerAt('http://127.0.0.1:9'));
    expect((await failureOf(down.verifyToken(await issuer.sign(accessClaims())))).status).toBe(401);
  });
});

describe('how we show the provider who we are', () => {
  test('the secret as Basic when the provider says nothing (OpenID Connect Discovery 3)', async () => {
    answer();
    await party.redeem(callback(), pending);
    const { headers, form } = issuer.requests.at(-1) ?? { headers: {}, form: new URLSearchParams() };
    expect(headers['authorization']).toBe(`Basic ${Buffer.from('harbour:hush').toString('base64')}`);
    expect(form.has('client_secret')).toBe(false);
  });

  test('in the body where the provider takes it', async () => {
    const poster = await startTokenIssuer({
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
    });
    await failureOf(oidcRelyingParty(providerAt(poster.origin)).refresh({ refreshToken: 'r', idToken: undefined }));
    const { headers, form } = poster.requests.at(-1) ?? { headers: {}, form: new URLSearchParams() };
    expect(headers['authorization']).toBeUndefined();
    expect(form.get('client_secret')).toBe('hush');
  });
});

describe('IAS', () => {
  const redirectUri = 'https://harbour.example/login/callback?authType=ias';
  const ias = () => oidcRelyingParty(providerAt(issuer.origin, { kind: 'ias', name: 'ias' }));
  const weak = (claims: Record<string, unknown> = {}) =>
    issuer.sign({ iss: issuer.origin, aud: 'harbour', sub: 'app', jti: 'jti-1', exp: seconds() + 600, ...claims });

  test('sees the same redirect URI twice, its query included', async () => {
    const { pending: begun } = beginPendingLogin({ ...login, provider: 'ias', redirectUri }, Buffer.alloc(32));
    const url = await ias().authorizationUrl(begun, {});
    expect(url.searchParams.get('redirect_uri')).toBe(redirectUri);
    answer({ id: () => issuer.sign(idClaims({ nonce: begun.nonce })) });
    await ias().redeem(new URLSearchParams({ authType: 'ias', code: 'code-1', state: begun.state }), begun);
    expect(issuer.requests.at(-1)?.form.get('redirect_uri')).toBe(redirectUri);
  });

  test('exchanges a token of another application for one of ours (xs-app.md section 9)', async () => {
    answer({ access: () => issuer.sign(accessClaims({ aud: 'harbour' })) });
    const token = await weak();
    expect(await ias().exchangeToken?.(token)).toMatchObject({
      provider: 'ias',
      scopes: expect.arrayContaining(['Pilot']),
    });
    expect(Object.fromEntries(issuer.requests.at(-1)?.form ?? [])).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: token,
      token_format: 'jwt',
    });
  });

  test.each<[what: string, claims: Record<string, unknown>]>([
    ['without a jti', { jti: undefined }],
    ['for another audience', { aud: 'other' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['that has ended', { exp: 1_000_000_000 }],
  ])('shows nobody a token %s', async (_, claims) => {
    const before = issuer.requests.length;
    const exchanged = ias().exchangeToken?.(await weak(claims)) ?? Promise.resolve();
    expect((await failureOf(exchanged)).status).toBe(401);
    expect(issuer.requests).toHaveLength(before);
  });

  test('and no other provider', () => {
    expect(party.exchangeToken).toBeUndefined();
  });
});

/** The stand-in's own name without its scheme, as IAS tenants of old write it. */
const bare = () => issuer.origin.replace('http://', '');

describe('an issuer without its scheme (token-flows.md C1)', () => {
  const told = async (
    from: TokenIssuer,
    kind: OidcProvider['kind'],
    iss: string,
    more: Record<string, string> = {},
  ) => {
    from.answerWith(async () => ({
      body: { access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: await from.sign(idClaims({ iss })) },
    }));
    const party = oidcRelyingParty(providerAt(from.origin, { kind }));
    return { party, tokens: await party.redeem(callback(more), pending) };
  };

  test.each(['ias', 'oidc'] as const)('in the id_token alone: %s logs in, and the code is sent once', async (kind) => {
    const before = issuer.requests.length;
    const { tokens } = await told(issuer, kind, bare());
    expect(tokens.user.claims).toMatchObject({ sub: 'ada', iss: bare() });
    expect(issuer.requests).toHaveLength(before + 1);
  });

  test.each(['ias', 'oidc'] as const)(
    'in the metadata, the answer of the browser and the id_token: %s',
    async (kind) => {
      const whole = await startTokenIssuer((origin) => ({ issuer: origin.replace('http://', '') }));
      const own = whole.origin.replace('http://', '');
      const { tokens } = await told(whole, kind, own, { iss: own });
      expect(tokens.user.claims).toMatchObject({ iss: own });
      const other = await startTokenIssuer({ issuer: 'canal.example' });
      const failure = await failureOf(
        oidcRelyingParty(providerAt(other.origin, { kind })).authorizationUrl(pending, {}),
      );
      expect([401, 502], 'metadata of another tenant').toContain(failure.status);
    },
  );

  test('is checked as strictly as any other: key, nonce, audience and end', async () => {
    const party = oidcRelyingParty(providerAt(issuer.origin, { kind: 'ias' }));
    for (const wrong of [
      () => issuer.forge(idClaims({ iss: bare() })),
      () => issuer.sign(idClaims({ iss: bare(), nonce: 'another' })),
      () => issuer.sign(idClaims({ iss: bare(), aud: 'canal' })),
      () => issuer.sign(idClaims({ iss: bare(), exp: seconds() - 300 })),
      () => issuer.sign(idClaims({ iss: `${bare()}.evil.example` })),
    ]) {
      answer({ id: wrong });
      expect((await failureOf(party.redeem(callback(), pending))).status).toBe(401);
    }
  });

  test('in a renewed id_token, too', async () => {
    answer({ id: () => issuer.sign(idClaims({ iss: bare(), nonce: undefined })) });
    const party = oidcRelyingParty(providerAt(issuer.origin, { kind: 'ias' }));
    expect((await party.refresh({ refreshToken: 'r', idToken: undefined })).user.claims).toMatchObject({ iss: bare() });
  });

  test('in the token of a caller', async () => {
    expect(await party.verifyToken(await issuer.sign(accessClaims({ iss: bare() })))).toMatchObject({
      provider: 'oidc',
    });
    expect(await party.isIssuer?.(bare())).toBe(true);
    expect(await party.isIssuer?.('canal.example')).toBe(false);
  });
});

describe('IAS behind a domain of its customer (token-flows.md C8, C9)', () => {
  const ias = (domains: string[] = []) => oidcRelyingParty(providerAt(issuer.origin, { kind: 'ias', domains }));
  const custom = { iss: 'https://login.harbour.example', ias_iss: '' };

  test('ias_iss says who it is: the token of a caller', async () => {
    const token = await issuer.sign(accessClaims({ ...custom, ias_iss: issuer.origin }));
    expect(await ias().verifyToken(token)).toMatchObject({ provider: 'oidc' });
  });

  test('and a login', async () => {
    answer({ id: () => issuer.sign(idClaims({ ...custom, ias_iss: issuer.origin })) });
    expect((await ias().redeem(callback(), pending)).user.claims).toMatchObject({ iss: custom.iss });
  });

  test.each<[what: string, claims: Record<string, unknown>]>([
    ['of another tenant, though iss is ours', { ias_iss: 'https://evil.example' }],
    ['that is no text', { ias_iss: 7 }],
    ['that is empty', { ias_iss: '' }],
  ])('an ias_iss %s: 401', async (_, claims) => {
    expect((await failureOf(ias().verifyToken(await issuer.sign(accessClaims(claims))))).status).toBe(401);
  });

  test('other providers have no such claim: iss decides', async () => {
    const token = await issuer.sign(accessClaims({ ...custom, ias_iss: issuer.origin }));
    expect((await failureOf(party.verifyToken(token))).status).toBe(401);
  });

  const domains = ['accounts.ondemand.com', 'login.harbour.example'];
  test.each([
    'https://login.harbour.example',
    'login.harbour.example',
    'https://harbour.accounts.ondemand.com',
    'harbour.accounts.ondemand.com',
  ])('a trusted domain of the binding, or one label before it: %s, which must say its tenant', async (iss) => {
    const of = (more: object) => issuer.sign(accessClaims({ iss, ...more }));
    expect(await ias(domains).verifyToken(await of({ app_tid: 't' }))).toMatchObject({ provider: 'oidc' });
    expect((await failureOf(ias(domains).verifyToken(await of({})))).status).toBe(401);
  });

  test.each([
    'https://evil.accounts.ondemand.com.attacker.example',
    'https://a.b.accounts.ondemand.com',
    'https://accounts.ondemand.com%2eattacker.example',
    'https://attacker.example%2eaccounts.ondemand.com',
    'https://harbour.accounts.ondemand.com/',
    'https://harbour.accounts.ondemand.com/path',
    'https://harbour.accounts.ondemand.com?x',
    'https://harbour.accounts.ondemand.com#x',
    'https://harbour.accounts.ondemand.com:8443',
    'https://user@harbour.accounts.ondemand.com',
    'http://harbour.accounts.ondemand.com',
    'https://attacker.example\\.accounts.ondemand.com',
    'https://harbour_x.accounts.ondemand.com',
    'https://\u200bharbour.accounts.ondemand.com',
    'https://.accounts.ondemand.com',
    `https://${'a'.repeat(64)}.accounts.ondemand.com`,
    'https://evilaccounts.ondemand.com',
    'ondemand.com',
    ' harbour.accounts.ondemand.com',
    '',
  ])('H67: %j is another issuer: 401', async (iss) => {
    const token = await issuer.sign(accessClaims({ iss, app_tid: 't' }));
    expect((await failureOf(ias(domains).verifyToken(token))).status).toBe(401);
    const named = await issuer.sign(accessClaims({ ias_iss: iss, app_tid: 't' }));
    expect((await failureOf(ias(domains).verifyToken(named))).status).toBe(401);
  });
});
