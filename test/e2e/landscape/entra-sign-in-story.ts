import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose';
import * as client from 'openid-client';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { expectRefusal, type Refusal } from './entra-error.ts';
import { type Fields, postForm, readAnswer } from './post-form.ts';
import {
  type Authorization,
  authorize,
  authorizeRequest,
  codeForm,
  makeBrowser,
  redirectUri,
  signIn,
} from './sign-in.ts';

let landscape: Landscape;

const user = users.everywhere;

function refreshForm(token: string): Fields {
  const { id, secret } = landscape.entra.client;
  return { grant_type: 'refresh_token', client_id: id, client_secret: secret, refresh_token: token };
}

/** Signing in and out, codes and refresh tokens. Part of `entra.test.ts`, which starts the landscape once for all its stories. */
export function tellOfSignIn(running: () => Landscape): void {
  beforeAll(async () => {
    landscape = running();
  });
  afterEach(() => landscape.hooks.reset());

  describe('discovery', () => {
    it('has the members of the live document and lacks those it lacks', async () => {
      const { body } = await readAnswer(await fetch(landscape.entra.discoveryUrl));
      expect(body).toMatchObject({
        issuer: landscape.entra.issuer,
        token_endpoint: landscape.entra.tokenUrl,
        authorization_endpoint: landscape.entra.authorizeUrl,
        end_session_endpoint: landscape.entra.logoutUrl,
        jwks_uri: landscape.entra.keysUrl,
        subject_types_supported: ['pairwise'],
      });
      for (const absent of [
        'code_challenge_methods_supported',
        'introspection_endpoint',
        'revocation_endpoint',
        'backchannel_logout_supported',
      ]) {
        expect(body).not.toHaveProperty(absent);
      }
    });

    it('publishes keys with x5t, x5c and issuer', async () => {
      const { body } = await readAnswer(await fetch(landscape.entra.keysUrl));
      const [key] = (body as unknown as { keys: Record<string, unknown>[] }).keys;
      expect(key).toMatchObject({ kty: 'RSA', use: 'sig', issuer: landscape.entra.issuer, kid: key?.['x5t'] });
      expect(key).not.toHaveProperty('d');
    });

    it('leaves the tenant open at the shared endpoint', async () => {
      const url = landscape.entra.discoveryUrl.replace(landscape.entra.tenant, 'common');
      expect((await readAnswer(await fetch(url))).body['issuer']).toContain('{tenantid}');
    });

    it('H4: refuses an unknown tenant', async () => {
      const url = landscape.entra.discoveryUrl.replace(landscape.entra.tenant, '00000000-1111-4222-8333-444444444444');
      expectRefusal(await readAnswer(await fetch(url)), [400, 'invalid_request', 90002]);
    });
  });

  describe('signing in', () => {
    it('shows an accessible page that lists the users', async () => {
      const browser = makeBrowser();
      const page = await browser.get(
        new URL(
          (await browser.get(authorizeRequest(landscape).url)).headers.get('location') ?? '',
          landscape.entra.origin,
        ).href,
      );
      const html = await page.text();
      expect(page.status).toBe(200);
      expect(html).toContain('<html lang="en">');
      expect(html).toContain('<h1>Sign in</h1>');
      for (const { email, displayName } of landscape.users) {
        expect(html).toContain(`value="${email}"`);
        expect(html).toContain(displayName);
      }
      expect(html).not.toContain('<script');
    });

    it('comes back with code and state, and without iss, as Entra does', async () => {
      const { callback } = await authorize(landscape, user);
      expect([...callback.searchParams.keys()].sort()).toEqual(['code', 'state']);
      expect(callback.searchParams.get('state')).toBe('state-1');
    });

    it('gives an ID token with the claims of Entra v2, verifiable with the published keys', async () => {
      const authorization = await authorize(landscape, user);
      const answer = await postForm(landscape.entra.tokenUrl, codeForm(landscape, authorization));
      expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599 });
      const keys = createRemoteJWKSet(new URL(landscape.entra.keysUrl));
      const { payload, protectedHeader } = await jwtVerify(String(answer.body['id_token']), keys, {
        issuer: landscape.entra.issuer,
        audience: landscape.entra.client.id,
      });
      expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' });
      expect(payload).toMatchObject({
        tid: landscape.entra.tenant,
        oid: user.oid,
        ver: '2.0',
        nonce: authorization.nonce,
        name: 'Mara Lindqvist',
        preferred_username: user.email,
        email: user.email,
        given_name: 'Mara',
        family_name: 'Lindqvist',
      });
      expect(payload.sub).not.toBe(user.oid);
      expect(payload['sid']).toMatch(/^[0-9a-f-]{36}$/);
      expect(payload.nbf).toBe(payload.iat);
    });

    it('gives by default an access token that is for Graph and that nobody else can verify', async () => {
      const { access_token: token } = await signIn(landscape, user);
      expect(decodeJwt(token)).toMatchObject({
        aud: landscape.graph.resource,
        iss: `https://sts.windows.net/${landscape.entra.tenant}/`,
      });
      const keys = createLocalJWKSet((await (await fetch(landscape.entra.keysUrl)).json()) as JSONWebKeySet);
      await expect(jwtVerify(token, keys)).rejects.toMatchObject({ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
    });

    it('gives a verifiable access token for the own API when its scope is asked for', async () => {
      const { access_token: token } = await signIn(landscape, user, {
        scope: `openid ${landscape.entra.client.scope}`,
      });
      const keys = createRemoteJWKSet(new URL(landscape.entra.keysUrl));
      const { payload } = await jwtVerify(token, keys, {
        audience: landscape.entra.client.id,
        issuer: landscape.entra.issuer,
      });
      expect(payload).toMatchObject({ scp: 'access_as_user', ver: '2.0', azp: landscape.entra.client.id, azpacr: '1' });
      expect(decodeProtectedHeader(token)).not.toHaveProperty('nonce');
    });

    it('gives a refresh token with offline_access only', async () => {
      expect(await signIn(landscape, user, { scope: 'openid profile' })).not.toHaveProperty('refresh_token');
      expect(await signIn(landscape, user)).toHaveProperty('refresh_token');
    });

    it('lets a signed-in browser through without asking, and prompt=select_account asks again', async () => {
      const browser = makeBrowser();
      await authorize(landscape, user, {}, browser);
      const again = await browser.get(authorizeRequest(landscape).url);
      expect(again.headers.get('location')).toContain(`${redirectUri}?code=`);
      const asked = await browser.get(authorizeRequest(landscape, { prompt: 'select_account' }).url);
      expect(asked.headers.get('location')).toContain('/sign-in/');
    });

    it('answers prompt=none without a session with login_required', async () => {
      const response = await makeBrowser().get(authorizeRequest(landscape, { prompt: 'none' }).url);
      expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe('login_required');
    });

    it('answers Cancel with access_denied', async () => {
      const browser = makeBrowser();
      const { url } = authorizeRequest(landscape);
      const page = new URL((await browser.get(url)).headers.get('location') ?? '', url).href;
      const resumed = await browser.post(page, { cancel: 'yes' });
      const callback = await browser.get(resumed.headers.get('location') ?? '');
      expect(callback.headers.get('location')).toContain('error=access_denied');
    });

    it.each([
      ['an unregistered redirect URI', { redirect_uri: 'http://localhost:5000/evil' }, 'AADSTS50011'],
      ['an unknown client', { client_id: '99999999-1111-4222-8333-444444444444' }, 'AADSTS700016'],
    ])('shows a page instead of redirecting for %s', async (_name, change, code) => {
      const response = await makeBrowser().get(authorizeRequest(landscape, change).url);
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
      expect(await response.text()).toContain(code);
    });

    it('A3: gives a token for the first of several resources', async () => {
      const scope = `openid offline_access ${landscape.entra.client.scope} User.Read`;
      const tokens = await signIn(landscape, user, { scope });
      expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: landscape.entra.client.id });
    });

    it('explains a sign-in that is over', async () => {
      const response = await fetch(`${landscape.entra.origin}/${landscape.entra.tenant}/sign-in/nothing`);
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('Begin again');
    });

    it('insists on PKCE with S256', async () => {
      for (const change of [{ code_challenge_method: 'plain' }, { code_challenge: '' }]) {
        const response = await makeBrowser().get(authorizeRequest(landscape, change).url);
        expect(new URL(response.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
      }
    });

    it.each([
      ['a permission that does not exist', 'openid Harbour.Read', 'AADSTS70011'],
      ['an unknown resource', 'openid https://nowhere.example.com/Read', 'AADSTS500011'],
    ])('sends %s back as invalid_scope', async (_name, scope, code) => {
      const response = await makeBrowser().get(authorizeRequest(landscape, { scope }).url);
      const callback = new URL(response.headers.get('location') ?? '');
      expect(callback.searchParams.get('error')).toBe('invalid_scope');
      expect(callback.searchParams.get('error_description')).toContain(code);
      expect(callback.searchParams.get('state')).toBe('state-1');
    });

    it('learns redirect URIs while it runs', async () => {
      const later = 'http://localhost:5999/login/callback';
      const url = () => authorizeRequest(landscape, { redirect_uri: later }).url;
      expect((await makeBrowser().get(url())).status).toBe(400);
      landscape.hooks.entra.registerRedirectUri(later);
      expect((await makeBrowser().get(url())).headers.get('location')).toContain('/sign-in/');
    });
  });

  interface Row {
    readonly row: string;
    readonly defect: string;
    readonly change: (form: ReturnType<typeof codeForm>) => Fields;
    readonly refusal: Refusal;
  }

  const wrongCodes: readonly Row[] = [
    {
      row: 'H32',
      defect: 'a wrong code_verifier',
      change: () => ({ code_verifier: 'x'.repeat(43) }),
      refusal: [400, 'invalid_grant', 501481],
    },
    {
      row: 'H32',
      defect: 'no code_verifier',
      change: () => ({ code_verifier: undefined }),
      refusal: [400, 'invalid_grant', 501481],
    },
    {
      row: 'H32',
      defect: 'a code_verifier of a wrong size',
      change: () => ({ code_verifier: 'short' }),
      refusal: [400, 'invalid_request', 501491],
    },
    {
      row: 'H33',
      defect: 'an altered code',
      change: ({ code }) => ({ code: `${code}x` }),
      refusal: [400, 'invalid_grant', 9002313],
    },
    { row: 'H2', defect: 'no code', change: () => ({ code: undefined }), refusal: [400, 'invalid_request', 900144] },
    {
      row: 'H2',
      defect: 'no redirect_uri',
      change: () => ({ redirect_uri: undefined }),
      refusal: [400, 'invalid_request', 900144],
    },
    {
      row: 'H34',
      defect: 'another redirect URI, although registered',
      change: () => ({ redirect_uri: 'http://localhost:5000/second' }),
      refusal: [400, 'invalid_request', 50011],
    },
    {
      row: 'H6',
      defect: 'a wrong secret',
      change: () => ({ client_secret: 'guess' }),
      refusal: [401, 'invalid_client', 7000215],
    },
    {
      row: 'H8',
      defect: 'no secret',
      change: () => ({ client_secret: undefined }),
      refusal: [401, 'invalid_client', 7000218],
    },
    {
      row: 'A9',
      defect: "another client's code",
      change: () => ({ client_id: landscape.entra.otherClient.id, client_secret: landscape.entra.otherClient.secret }),
      refusal: [400, 'invalid_grant', 70000],
    },
  ];

  describe('redeeming a code', () => {
    it.each(wrongCodes)('$row: refuses $defect', async ({ change, refusal }) => {
      const form = codeForm(landscape, await authorize(landscape, user));
      expectRefusal(await postForm(landscape.entra.tokenUrl, { ...form, ...change(form) }), refusal);
    });

    it('H31: refuses a code redeemed before, again and again, and takes the tokens back', async () => {
      const form = codeForm(landscape, await authorize(landscape, user));
      const first = await postForm(landscape.entra.tokenUrl, form);
      expect(first.status).toBe(200);
      expectRefusal(await postForm(landscape.entra.tokenUrl, form), [400, 'invalid_grant', 54005]);
      expectRefusal(await postForm(landscape.entra.tokenUrl, form), [400, 'invalid_grant', 54005]);
      const refreshed = await postForm(landscape.entra.tokenUrl, refreshForm(String(first.body['refresh_token'])));
      expectRefusal(refreshed, [400, 'invalid_grant', 50173]);
    });

    it('answers MSAL its client_info', async () => {
      const form = codeForm(landscape, await authorize(landscape, user));
      const { body } = await postForm(landscape.entra.tokenUrl, { ...form, client_info: '1' });
      const info = JSON.parse(Buffer.from(String(body['client_info']), 'base64url').toString()) as unknown;
      expect(info).toEqual({ uid: user.oid, utid: landscape.entra.tenant });
    });

    it('A9: calls a lack of multi-factor authentication invalid_grant here', async () => {
      const form = codeForm(landscape, await authorize(landscape, user));
      landscape.hooks.entra.setPolicy(() => ({ kind: 'mfa-required', claims: '{}' }));
      const answer = await postForm(landscape.entra.tokenUrl, form);
      landscape.hooks.reset();
      expectRefusal(answer, [400, 'invalid_grant', 50076]);
    });
  });

  describe('refreshing', () => {
    it('gives new tokens, ID token included, and a new refresh token', async () => {
      const { refresh_token: token } = await signIn(landscape, user);
      const answer = await postForm(landscape.entra.tokenUrl, refreshForm(token));
      expect(decodeJwt(String(answer.body['id_token']))).toMatchObject({ oid: user.oid, name: 'Mara Lindqvist' });
      expect(answer.body['refresh_token']).not.toBe(token);
    });

    it('serves any resource consented to', async () => {
      const { refresh_token: token } = await signIn(landscape, user);
      const fields = { ...refreshForm(token), scope: landscape.entra.client.scope };
      const answer = await postForm(landscape.entra.tokenUrl, fields);
      expect(decodeJwt(String(answer.body['access_token']))).toMatchObject({
        aud: landscape.entra.client.id,
        scp: 'access_as_user',
      });
    });

    it('H36: leaves the refresh token alone while it throttles', async () => {
      const { refresh_token: token } = await signIn(landscape, user);
      landscape.hooks.entra.setPolicy(() => ({ kind: 'throttled', retryAfterSeconds: 1 }));
      const throttled = await postForm(landscape.entra.tokenUrl, refreshForm(token));
      expectRefusal(throttled, [429, 'temporarily_unavailable', 90055]);
      landscape.hooks.reset();
      expect((await postForm(landscape.entra.tokenUrl, refreshForm(token))).status).toBe(200);
    });

    it('H33: refuses garbage', async () => {
      expectRefusal(await postForm(landscape.entra.tokenUrl, refreshForm('garbage')), [400, 'invalid_grant', 9002313]);
    });

    it('H35: refuses a token used before, and every later one of that sign-in', async () => {
      const { refresh_token: first } = await signIn(landscape, user);
      const { body } = await postForm(landscape.entra.tokenUrl, refreshForm(first));
      expectRefusal(await postForm(landscape.entra.tokenUrl, refreshForm(first)), [400, 'invalid_grant', 50173]);
      const second = await postForm(landscape.entra.tokenUrl, refreshForm(String(body['refresh_token'])));
      expectRefusal(second, [400, 'invalid_grant', 50173]);
    });

    it('H35: refuses a revoked token', async () => {
      const { refresh_token: token } = await signIn(landscape, user);
      landscape.hooks.entra.revokeRefreshTokens(user);
      expectRefusal(await postForm(landscape.entra.tokenUrl, refreshForm(token)), [400, 'invalid_grant', 50173]);
    });
  });

  describe('for openid-client, which did not grow up with this directory', () => {
    const discover = (authentication: client.ClientAuth) => {
      const { issuer, client: registered } = landscape.entra;
      return client.discovery(new URL(issuer), registered.id, undefined, authentication, {
        execute: [client.allowInsecureRequests],
      });
    };
    const redeem = (config: client.Configuration, { callback, verifier, nonce }: Authorization) =>
      client.authorizationCodeGrant(config, callback, {
        pkceCodeVerifier: verifier,
        expectedNonce: nonce,
        expectedState: 'state-1',
        idTokenExpected: true,
      });

    it('discovers, signs in, reads userinfo and refreshes', async () => {
      const config = await discover(client.ClientSecretBasic(landscape.entra.client.secret));
      const tokens = await redeem(config, await authorize(landscape, user));
      const sub = tokens.claims()?.sub ?? '';
      expect(tokens.claims()).toMatchObject({ email: user.email });
      expect(await client.fetchUserInfo(config, tokens.access_token, sub)).toMatchObject({ name: 'Mara Lindqvist' });
      const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect(refreshed.claims()).toMatchObject({ sub });
    });

    it('H14: refuses its private_key_jwt until the audience is the token endpoint and the key is named', async () => {
      const { certificate, keyId } = landscape.entra.client;
      const key = await crypto.subtle.importKey(
        'pkcs8',
        certificate.keys.privateKey.export({ type: 'pkcs8', format: 'der' }),
        { name: 'RSA-PSS', hash: 'SHA-256' },
        false,
        ['sign'],
      );
      const asItComes = await discover(client.PrivateKeyJwt({ key, kid: keyId }));
      await expect(redeem(asItComes, await authorize(landscape, user))).rejects.toMatchObject({
        error: 'invalid_client',
        error_description: expect.stringContaining('AADSTS700023') as unknown,
      });
      const modifyAssertion = (_header: object, payload: Record<string, unknown>) => {
        payload['aud'] = landscape.entra.tokenUrl;
      };
      const modified = client.PrivateKeyJwt({ key, kid: keyId }, { [client.modifyAssertion]: modifyAssertion });
      const tokens = await redeem(await discover(modified), await authorize(landscape, user));
      expect(tokens.claims()).toMatchObject({ oid: user.oid });
    });
  });

  describe('signing out', () => {
    const signOut = (parameters: Readonly<Record<string, string>>) =>
      `${landscape.entra.logoutUrl}?${new URLSearchParams(parameters)}`;

    it('goes straight back with an ID token hint and a registered URI, and the session is over', async () => {
      const browser = makeBrowser();
      const authorization = await authorize(landscape, user, {}, browser);
      const { body } = await postForm(landscape.entra.tokenUrl, codeForm(landscape, authorization));
      const hint = {
        id_token_hint: String(body['id_token']),
        post_logout_redirect_uri: 'http://localhost:5000/',
        state: 's',
      };
      const response = await browser.get(signOut(hint));
      expect(response.headers.get('location')).toBe('http://localhost:5000/?state=s');
      const asked = await browser.get(authorizeRequest(landscape).url);
      expect(asked.headers.get('location')).toContain('/sign-in/');
    });

    it('does the same when nobody is signed in any more', async () => {
      const { id_token: token } = await signIn(landscape, user);
      const response = await makeBrowser().get(
        signOut({ id_token_hint: token, post_logout_redirect_uri: 'http://localhost:5000/' }),
      );
      expect(response.headers.get('location')).toBe('http://localhost:5000/');
    });

    it('refuses an unregistered URI', async () => {
      const { id_token: token } = await signIn(landscape, user);
      const response = await makeBrowser().get(
        signOut({ id_token_hint: token, post_logout_redirect_uri: 'https://evil.example.com/' }),
      );
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
    });

    it("asks first when the hint is another user's", async () => {
      const browser = makeBrowser();
      await authorize(landscape, user, {}, browser);
      const { id_token: token } = await signIn(landscape, users.withoutEmployeeRecord);
      const page = await browser.get(
        signOut({ id_token_hint: token, post_logout_redirect_uri: 'http://localhost:5000/' }),
      );
      expect(page.status).toBe(200);
      const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(await page.text()) ?? [];
      const confirmed = await browser.post(`${landscape.entra.logoutUrl}/confirm`, { xsrf, logout: 'yes' });
      expect(confirmed.headers.get('location')).toBe('http://localhost:5000/');
    });
  });
}
