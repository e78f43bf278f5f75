import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { destinationServiceBinding } from '../../../src/config/destination-service-binding.ts';
import { makeCertificate } from '../../../src/config/key-store-forge.ts';
import { houseName } from '../../../src/config/subject-name.ts';
import { clientDestination } from '../../../src/destinations/bound-service/client-destination.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';

const secret = {
  clientid: 'sb-1',
  clientsecret: 'hush',
  uri: 'https://destination-configuration.cfapps.eu10.example',
  url: 'https://provider.authentication.eu10.example',
  identityzone: 'provider',
  tenantid: 't-1',
};

function read(credentials: Record<string, unknown>, label = 'destination', tags: string[] = []) {
  const problems = new Problems();
  const binding = destinationServiceBinding([{ label, name: 'dest', tags, credentials, plan: 'lite' }], problems);
  return { binding, told: problemLines(problems) };
}

async function clientOf(credentials: Record<string, unknown>, tenant?: { id: string; subdomain: string | undefined }) {
  const { binding } = read(credentials);
  if (binding === undefined) throw new Error('no binding');
  const destination = await clientDestination(binding, tenant, () => undefined);
  if (!('tokenService' in destination)) throw new Error('no token service');
  return destination.tokenService;
}

describe('the bound Destination service (destination-service.md 1.1)', () => {
  test('is found by label or tag', () => {
    expect(read(secret).binding?.clientId).toBe('sb-1');
    expect(read(secret, 'user-provided', ['destination']).binding?.clientId).toBe('sb-1');
    expect(read(secret, 'xsuaa').binding).toBeUndefined();
  });

  test.each([
    ['uri', undefined, /uri: is missing; the Destination service stands there/],
    ['uri', 'http://destination.example', /uri: must begin with https/],
    ['url', 'http://login.example', /url: must begin with https/],
    ['clientid', undefined, /clientid: is missing/],
    ['clientsecret', undefined, /has neither clientsecret nor certificate and key/],
  ])('with %s = %s is a problem that says so', (name, value, why) => {
    const { binding, told } = read({ ...secret, [name]: value });
    expect(binding).toBeUndefined();
    expect(told).toEqual([expect.stringMatching(why)]);
    expect(told[0]).not.toContain('hush');
  });
});

describe('its own token (destination-service.md 1.2)', () => {
  test('comes from the subaccount it is bound in', async () => {
    const { url, clientAuthentication, headers } = await clientOf(secret);
    expect(url.href).toBe('https://provider.authentication.eu10.example/oauth/token');
    expect(clientAuthentication).toMatchObject({ method: 'client_secret_post', secret: 'hush' });
    expect(headers).toEqual({});
  });

  test("for a subscriber from the subscriber's host", async () => {
    const { url, headers } = await clientOf(secret, { id: 't-2', subdomain: 'acme' });
    expect([url.href, headers['x-zid']]).toEqual(['https://acme.authentication.eu10.example/oauth/token', undefined]);
  });

  test.each([
    ['the subscriber’s subdomain', secret, undefined],
    ['where the provider’s stands in the host', { ...secret, identityzone: undefined }, 'acme'],
  ])('or, not knowing %s, from the same host with x-zid', async (_, credentials, subdomain) => {
    const { url, headers } = await clientOf(credentials, { id: 't-2', subdomain });
    expect([url.hostname, headers['x-zid']]).toEqual(['provider.authentication.eu10.example', 't-2']);
  });

  test('with a certificate over mutual TLS at certurl, line breaks escaped or not', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const certificate = await makeCertificate({
      privateKey,
      subject: houseName('us'),
      notBefore: new Date(Date.now() - 1000),
      notAfter: new Date(Date.now() + 86_400_000 * 90),
    });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const x509 = { ...secret, clientsecret: undefined, certurl: 'https://provider.authentication.cert.eu10.example' };
    for (const escaped of [false, true]) {
      const shown = (text: string) => (escaped ? text.replaceAll('\n', '\\n') : text);
      const { url, clientAuthentication, tls } = await clientOf({
        ...x509,
        key: shown(key),
        certificate: shown(certificate),
      });
      expect(url.href).toBe('https://provider.authentication.cert.eu10.example/oauth/token');
      expect(clientAuthentication.method).toBe('tls_client_auth');
      expect(tls.clientCertificate?.commonName).toBe('us');
    }
  });
});
