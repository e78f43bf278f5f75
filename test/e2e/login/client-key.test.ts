import { decodeProtectedHeader, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { openBrowser } from '../support/browser.ts';
import { openHarbour } from '../support/harbour.ts';
import { logIn } from '../support/log-in.ts';
import { openLandscape, tokenCalls } from '../support/open-landscape.ts';

let landscape: Landscape;
beforeAll(async () => {
  landscape = await openLandscape();
});

/** A router that has a key store in place of a secret. */
function openWithKeyStore(password: string, told: object = {}) {
  const keyStore = { OIDC_CLIENT_KEYSTORE: 'entra-client.p12', OIDC_CLIENT_KEYSTORE_PASSWORD: password };
  const env = { OIDC_CLIENT_SECRET: '', SESSION_TIMEOUT: '600', ...keyStore, ...told };
  return openHarbour({ landscape, withDestinations: true, env });
}

describe('a login of a client that signs (private_key_jwt, OIDC_CLIENT_KEYSTORE)', () => {
  test('works, and each request carries an assertion of its own as Entra ID wants it (token-flows.md A5)', async () => {
    const { at } = await openWithKeyStore(landscape.entra.client.certificate.password);
    const browser = openBrowser();
    landscape.calls.clear();
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      expect((await logIn(browser, at('/quay/7'), users.everywhere)).url.href).toBe(at('/quay/7'));
      vi.advanceTimersByTime(56 * 60_000);
      expect((await browser.fetch(at('/quay/7'))).status).toBe(200);
    } finally {
      vi.useRealTimers();
    }
    const forms = [...tokenCalls(landscape, 'authorization_code'), ...tokenCalls(landscape, 'refresh_token')].map(
      ({ full }) => new URLSearchParams(full.body),
    );
    expect(forms).toHaveLength(2);
    const { keys, thumbprints } = landscape.entra.client.certificate;
    const ids = new Set<string | undefined>();
    for (const form of forms) {
      expect(form.get('client_secret')).toBeNull();
      expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
      const assertion = form.get('client_assertion') ?? '';
      const { id } = landscape.entra.client;
      const { payload } = await jwtVerify(assertion, keys.publicKey, {
        issuer: id,
        subject: id,
        audience: landscape.entra.tokenUrl,
        algorithms: ['PS256'],
        currentDate: new Date(),
        clockTolerance: 4_000,
        requiredClaims: ['jti', 'iat', 'exp', 'nbf'],
      });
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(600);
      expect(decodeProtectedHeader(assertion)).toMatchObject({ 'x5t#S256': thumbprints.x5tS256 });
      ids.add(payload.jti);
    }
    expect(ids.size).toBe(2);
  });

  test('signs with RS256 and x5t, for whom it is told (token-flows.md A5, C2)', async () => {
    const told = { OIDC_CLIENT_ASSERTION_ALGORITHM: 'RS256', OIDC_CLIENT_ASSERTION_AUDIENCE: landscape.entra.issuer };
    const { at } = await openWithKeyStore(landscape.entra.client.certificate.password, told);
    landscape.calls.clear();
    const browser = openBrowser();
    // Entra ID wants its token URL as audience, and says so.
    expect((await logIn(browser, at('/quay/7'), users.everywhere)).status).toBe(502);
    const [call] = tokenCalls(landscape, 'authorization_code');
    const assertion = new URLSearchParams(call?.full.body).get('client_assertion') ?? '';
    const { keys, thumbprints } = landscape.entra.client.certificate;
    const { payload, protectedHeader } = await jwtVerify(assertion, keys.publicKey, { algorithms: ['RS256'] });
    expect(payload.aud).toBe(landscape.entra.issuer);
    expect(protectedHeader).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      kid: Buffer.from(thumbprints.x5t, 'base64url').toString('hex').toUpperCase(),
      x5t: thumbprints.x5t,
    });
  });

  test('is not begun with a key store that cannot be opened: the start is refused, and no password is told', async () => {
    await expect(openWithKeyStore('not-the-password')).rejects.toMatchObject({
      problems: [{ file: 'OIDC_CLIENT_KEYSTORE', message: expect.stringContaining('cannot be opened') }],
    });
    await expect(openWithKeyStore('not-the-password')).rejects.toThrow(/^((?!not-the-password).)*$/);
  });
});
