import * as oidc from 'openid-client';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { loginFailed, outOfReach, refusedByProvider } from '../../../src/login/login-failed.ts';

/** Errors of the library as it throws them: by running it against a provider that answers so. */
async function answeredWith(status: number, body: unknown): Promise<unknown> {
  const config = new oidc.Configuration(
    { issuer: 'https://login.example', token_endpoint: 'https://login.example/token' },
    'client',
    undefined,
    oidc.None(),
  );
  config[oidc.customFetch] = async () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json' },
    });
  return oidc.refreshTokenGrant(config, 'the-refresh-token').catch((cause: unknown) => cause);
}

describe('a login that fails is never a 500: nothing broke here (xs-app.md 12)', () => {
  test.each([
    ['invalid_grant', 400, 401],
    ['invalid_request', 400, 401],
    ['interaction_required', 400, 401],
    ['invalid_client', 401, 502],
    ['unauthorized_client', 400, 502],
  ])('the token endpoint says %s with %i: %i', async (error, status, expected) => {
    const failure = loginFailed(await answeredWith(status, { error, error_description: 'AADSTS1: the-secret-value' }));
    expect(failure).toMatchObject({ code: 'ERR_LOGIN_FAILED', status: expected, members: { error } });
  });

  test.each([
    ['500 server_error', 500, { error: 'server_error' }],
    ['503 temporarily_unavailable', 503, { error: 'temporarily_unavailable' }],
    ['500 without an error code', 500, {}],
    ['a page of its load balancer', 502, '<html>maintenance</html>'],
  ])('the provider is down, not the user at fault: %s is 502', async (_, status, body) => {
    expect(loginFailed(await answeredWith(status, body)).status).toBe(502);
  });

  test('a page where a token should be is nobody’s login, whoever is at fault', async () => {
    expect([401, 502]).toContain(loginFailed(await answeredWith(200, '<html>maintenance</html>')).status);
  });

  test('an answer of the wrong shape is a login that could not be verified', async () => {
    expect(loginFailed(await answeredWith(200, { token: 'x' })).status).toBe(401);
  });

  test.each([
    [
      'an answer that does not belong to this attempt',
      { name: 'ClientError', code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' },
      401,
    ],
    ['a timeout', { code: 'OAUTH_TIMEOUT' }, 502],
    ['a refused connection', { code: 'ECONNREFUSED' }, 502],
    ['something without a code', {}, 502],
    ['nothing', undefined, 502],
    ['a text', 'no', 502],
  ])('%s: %s', (_, cause, status) => {
    expect(loginFailed(cause)).toMatchObject({ code: 'ERR_LOGIN_FAILED', status });
  });

  test('what is told already stays as it was told', () => {
    const told = new AppError({ code: 'ERR_LOGIN_FAILED', status: 403 });
    expect(loginFailed(told)).toBe(told);
  });

  test('the description, in which providers quote what they were sent, is not repeated', async () => {
    const cause = await answeredWith(400, { error: 'invalid_grant', error_description: 'code the-secret-value used' });
    const { message, detail, hint, members } = loginFailed(cause);
    expect(JSON.stringify({ message, detail, hint, members })).not.toContain('the-secret-value');
  });
});

describe('out of reach is told with why, and what its owner can do', () => {
  const fetchFailed = (code: string) =>
    new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code} 10.1.2.3:443`), { code }) });
  const answered = (status: number) =>
    Object.assign(new Error('unexpected', { cause: new Response('', { status }) }), {
      code: 'OAUTH_RESPONSE_IS_NOT_CONFORM',
    });

  test.each([
    ['an unknown host', fetchFailed('ENOTFOUND'), /host name cannot be resolved/, /OIDC_ISSUER/],
    ['a closed port', fetchFailed('ECONNREFUSED'), /nothing listens there/, /port/],
    ['an authority nobody knows', fetchFailed('SELF_SIGNED_CERT_IN_CHAIN'), /not trusted/, /XS_CACERT_PATH/],
    ['plain http on that port', fetchFailed('ERR_SSL_WRONG_VERSION_NUMBER'), /TLS handshake/, /scheme and port/],
    ['a proxy that wants a password', new Error('Proxy response (407) !== 200'), /user and password/, /HTTPS_PROXY/],
    [
      'no answer in time',
      Object.assign(new Error('x', { cause: new DOMException('x', 'TimeoutError') }), { code: 'OAUTH_TIMEOUT' }),
      /does not answer in time/,
      /later/,
    ],
    ['no metadata at that address', answered(404), /answers with status 404/, /OIDC_ISSUER/],
    ['a page at that address', answered(200), /something else answers/, /OIDC_ISSUER/],
  ])('%s', (_, cause, detail, hint) => {
    const failure = outOfReach(cause);
    expect(failure).toMatchObject({ status: 502, detail: expect.stringMatching(detail) });
    expect(failure.hint).toMatch(hint);
    expect(`${failure.detail} ${failure.hint}`).not.toContain('10.1.2.3');
  });

  test('behind a proxy it is the proxy that is out of reach', () => {
    expect(outOfReach(fetchFailed('ECONNREFUSED'), true).detail).toMatch(
      /the proxy on the way to it cannot be reached/,
    );
  });

  test('what it is that failed is not guessed', () => {
    expect(outOfReach(new Error('x'))).toMatchObject({
      detail: 'The identity provider cannot be reached.',
      hint: undefined,
    });
  });
});

describe('the provider said no (RFC 6749 4.1.2.1)', () => {
  test('403, with its word', () => {
    expect(refusedByProvider('access_denied')).toMatchObject({
      code: 'ERR_LOGIN_FAILED',
      status: 403,
      members: { error: 'access_denied' },
    });
  });

  test.each(['<script>alert(1)</script>', 'x'.repeat(61), 'Access Denied', 'a\nb', '', 'évil'])(
    'a word that is none is not repeated: %j',
    (error) => {
      const refusal = refusedByProvider(error);
      expect(refusal.members).toEqual({ error: 'an error' });
      if (error !== '') expect(`${refusal.message} ${refusal.hint}`).not.toContain(error);
    },
  );

  test('by the library’s own error', () => {
    const cause = new oidc.AuthorizationResponseError('x', { cause: new URLSearchParams('error=access_denied') });
    expect(loginFailed(cause)).toMatchObject({ status: 403, members: { error: 'access_denied' } });
  });
});
