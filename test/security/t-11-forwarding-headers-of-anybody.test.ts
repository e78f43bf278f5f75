import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { ask } from '../e2e/support/ask.ts';
import { startTokenIssuer, type TokenIssuer } from '../support/token-issuer.ts';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';

/**
 * T-11. oauth2-proxy believed `X-Forwarded-Uri` of anybody, for its trusted range was 0.0.0.0/0 unless somebody narrowed it
 * (CVE-2026-40575, 9.1; CVE-2026-76835); Spring Cloud Gateway the same (CVE-2025-41235).
 *
 * What must hold: fail closed. Nobody is believed unless the owner or the platform says so: by no setting, no forwarding
 * header of a client changes redirect URI, cookie, route, identity provider or what a backend gets. `cloudfoundry` and `kyma` believe the
 * platform's own way in; a list believes exactly the peers in it.
 */
let gate: Gate;
/** The provider of the host that the spoofed headers name. */
let evil: TokenIssuer;
const routers = new Map<string, string>();
beforeAll(async () => {
  evil = await startTokenIssuer();
  const login = { OIDC_ISSUER: evil.origin, OIDC_CLIENT_ID: 'harbour', OIDC_CLIENT_SECRET: 'hush' };
  const files = { 'identity-providers.json': [{ name: 'evil', ...login }] };
  const ofHost = { PORTUNUS_PROVIDER_OF_HOST: '{"evil.example":"evil"}' };
  gate = await openGate((backend) => {
    const { xsApp, env } = usualRoutes(backend);
    return { xsApp, files, env: { ...env, ...ofHost } };
  });
  const settings: Record<string, Record<string, string>> = {
    none: { PORTUNUS_TRUSTED_PROXIES: 'none', VCAP_APPLICATION: '{}' },
    elsewhere: { PORTUNUS_TRUSTED_PROXIES: '10.0.0.0/8, 192.168.1.1' },
    'a list with us': { PORTUNUS_TRUSTED_PROXIES: '127.0.0.0/8 ::1' },
    kyma: { PORTUNUS_TRUSTED_PROXIES: 'kyma' },
    cloudfoundry: { PORTUNUS_TRUSTED_PROXIES: 'cloudfoundry' },
    'on Cloud Foundry': { VCAP_APPLICATION: '{}' },
  };
  routers.set('nothing', gate.origin);
  for (const [name, variables] of Object.entries(settings)) {
    const router = await gate.beside((backend) => {
      const { xsApp, env } = usualRoutes(backend);
      return { xsApp, files, env: { ...env, ...ofHost, ...variables } };
    });
    routers.set(name, router.origin);
  }
});
beforeEach(() => gate.backend.forget());

const spoofed = {
  forwarded: 'for=6.6.6.6;host=evil.example;proto=https',
  'x-forwarded-for': '6.6.6.6',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-scheme': 'https',
  'x-forwarded-ssl': 'on',
  'front-end-https': 'on',
  'x-forwarded-uri': '/public/x',
  'x-forwarded-prefix': '/evil',
  'x-forwarded-path': '/evil',
  'x-forwarded-port': '666',
  'x-custom-host': 'evil.example',
  'x-real-ip': '6.6.6.6',
  'x-request-id': 'evil-request-id',
};
/** The cookie of somebody logged in at XSUAA. */
async function sessionAt(origin: string): Promise<string> {
  const client = openClient(origin);
  await client.logIn('/quay/');
  return [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

describe.each(['nothing', 'none', 'elsewhere'])('where %s is said', (name) => {
  test('a login leads back to where the client is, without a Secure cookie that it could not return', async () => {
    const origin = routers.get(name) ?? '';
    const { status, headers } = await ask(origin, '/quay/1', { headers: { ...spoofed, accept: 'text/html' } });
    expect(status).toBe(302);
    const redirectUri = new URL(headers.location ?? '').searchParams.get('redirect_uri');
    expect(redirectUri).toBe(
      `http://${new URL(origin).hostname === 'localhost' ? `127.0.0.1:${new URL(origin).port}` : ''}/login/callback`,
    );
    expect(headers['set-cookie']?.join()).not.toMatch(/secure/i);
    expect(headers['x-request-id']).not.toBe('evil-request-id');
  });

  test('and to the provider of that host, not to that of a host which a header names', async () => {
    const origin = routers.get(name) ?? '';
    const loginAt = async (headers: Record<string, string>) =>
      new URL((await ask(origin, '/quay/1', { headers: { ...headers, accept: 'text/html' } })).headers.location ?? '')
        .origin;
    expect(await loginAt(spoofed)).toBe(gate.xsuaa.origin);
    expect(await loginAt({ host: 'evil.example' })).toBe(evil.origin);
    const session = { cookie: await sessionAt(origin), accept: 'application/json' };
    expect((await ask(origin, '/quay/1', { headers: { ...spoofed, ...session } })).status).toBe(200);
    expect((await ask(origin, '/quay/1', { headers: { ...session, host: 'evil.example' } })).status).toBe(401);
    const hidden = { ...spoofed, ...session, host: 'evil.example', 'x-forwarded-host': 'harbour.example' };
    expect((await ask(origin, '/quay/1', { headers: hidden })).status).toBe(401);
  });

  test('a backend gets our values and none of theirs', async () => {
    expect((await ask(routers.get(name) ?? '', '/public/x', { headers: spoofed })).status).toBe(200);
    const { headers, rawHeaders } = gate.backend.last();
    expect(rawHeaders.join('\n')).not.toMatch(/evil\.example|6\.6\.6\.6|\/evil|666/);
    expect(headers['x-forwarded-proto']).toBe('http');
    expect(headers['x-forwarded-path']).toBe('/public/x');
    expect(headers['x-forwarded-for']).toBe('127.0.0.1');
  });
});

describe.each(['a list with us', 'kyma', 'cloudfoundry', 'on Cloud Foundry'])('with %s', (name) => {
  test('the proxy in front of us is believed', async () => {
    const { headers } = await ask(routers.get(name) ?? '', '/quay/1', { headers: { ...spoofed, accept: 'text/html' } });
    expect(new URL(headers.location ?? '').searchParams.get('redirect_uri')).toBe(
      'https://evil.example/login/callback',
    );
    expect(headers['set-cookie']?.join()).toMatch(/secure/i);
    expect(new URL(headers.location ?? '').origin).toBe(evil.origin);
  });

  test('a host that is none is refused all the same, and what is unknown stays here', async () => {
    for (const host of ['evil.example/x', 'a@b', 'a b', '[', 'evil.example#', 'x\\y', '<script>'])
      expect((await ask(routers.get(name) ?? '', '/public/x', { headers: { 'x-forwarded-host': host } })).status).toBe(
        400,
      );
    await ask(routers.get(name) ?? '', '/public/x', { headers: spoofed });
    expect(gate.backend.last().headers.forwarded).toBeUndefined();
  });
});
