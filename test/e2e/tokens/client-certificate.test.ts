import { spawn } from 'node:child_process';
import type { ServerOptions } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { anonymous } from '../../../src/authorization/principal.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { lineTo } from '../../../src/tokens/token-service-pool.ts';
import { destinationOf } from '../../unit/tokens/support/destination-of.ts';
import { openKeyPairs } from '../../unit/tokens/support/key-pairs.ts';
import { countingTokens, startTokenServer, type TokenServer } from '../../unit/tokens/support/token-server.ts';

/** RFC 8705: a token service over TLS that asks for a certificate, and one that is trusted only by its own. */
const { maker, keyStores, read } = openKeyPairs({ server: {}, ship: {}, stranger: {} });
let server: TokenServer;

beforeAll(async () => {
  const tls: ServerOptions = {
    key: read('server.key.pem'),
    cert: read('server.crt.pem'),
    ca: read('ship.crt.pem'),
    requestCert: true,
  };
  server = await startTokenServer(countingTokens(), tls);
});
afterAll(async () => {
  await server.close();
});

const certificate = { 'tokenService.KeyStoreLocation': 'ship.p12', 'tokenService.KeyStorePassword': 'x' };
const trust = { TrustStoreLocation: 'server.crt.pem' };

/** openssl as a server that insists on a certificate of `ship`: a second opinion on how such a refusal looks. */
async function startStrictServer(): Promise<{ readonly url: string; stop(): void }> {
  const own = ['-cert', 'server.crt.pem', '-key', 'server.key.pem'];
  const wanted = ['-Verify', '1', '-verify_return_error', '-CAfile', 'ship.crt.pem'];
  const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', '-www', ...own, ...wanted], {
    cwd: maker.directory,
  });
  const port = await new Promise<string>((resolve, reject) => {
    let told = '';
    child.once('exit', () => reject(new Error(told)));
    child.stdout.on('data', (chunk: Buffer) => {
      told += chunk;
      const found = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(told)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return { url: `https://127.0.0.1:${port}/token`, stop: () => void child.kill() };
}

async function obtain(properties: object) {
  const destination = await destinationOf(
    { Authentication: 'OAuth2ClientCredentials' as const, clientId: 'c', tokenServiceURL: server.url, ...properties },
    { keyStores },
  );
  return await createTokens().obtain(destination, anonymous);
}

describe('a token service over TLS', () => {
  test('sees our certificate and our client id, and no secret (token-flows.md C2)', async () => {
    await expect(obtain({ ...certificate, ...trust, clientSecret: 'unused' })).resolves.toMatchObject({
      kind: 'header',
    });
    const received = server.received.at(-1);
    expect(received?.clientName).toBe('ship');
    expect(Object.fromEntries(received?.form ?? [])).toEqual({ grant_type: 'client_credentials', client_id: 'c' });
    expect(received?.headers['authorization']).toBeUndefined();
  });

  test("is shown the certificate of a service key as it is: XSUAA's certurl, IAS's own host", async () => {
    const credentials = { certificate: read('ship.crt.pem').toString(), key: read('ship.key.pem').toString() };
    maker.write('xsuaa.json', JSON.stringify({ credentials: { 'credential-type': 'x509', ...credentials } }));
    const certUrl = `${server.origin}/oauth/token`;
    await obtain({ ...trust, 'tokenService.KeyStoreLocation': 'xsuaa.json', tokenServiceURL: certUrl });
    const received = server.received.at(-1);
    expect([received?.clientName, received?.path]).toEqual(['ship', '/oauth/token']);
    expect(Object.fromEntries(received?.form ?? [])).toEqual({ grant_type: 'client_credentials', client_id: 'c' });
  });

  test('sees certificate and minted assertion together', async () => {
    const minted = { 'clientAssertion.KeyStoreLocation': 'ship.p12', 'clientAssertion.KeyStorePassword': 'x' };
    await obtain({ ...certificate, ...minted, ...trust });
    const received = server.received.at(-1);
    expect(received?.clientName).toBe('ship');
    expect(received?.form.get('client_assertion')?.split('.')).toHaveLength(3);
  });

  test.each([
    ['without a certificate', {}],
    [
      'with a certificate it does not know',
      { 'tokenService.KeyStoreLocation': 'stranger.p12', 'tokenService.KeyStorePassword': 'x' },
    ],
  ])('that ends the handshake %s is understood, with openssl at the other end', async (_, shown) => {
    const strict = await startStrictServer();
    try {
      await expect(obtain({ ...trust, ...shown, tokenServiceURL: strict.url })).rejects.toMatchObject({
        status: 502,
        detail: expect.stringContaining('wants a client certificate, or does not accept ours'),
        hint: expect.stringContaining('tokenService.KeyStoreLocation'),
      });
    } finally {
      strict.stop();
    }
    // Node's own server may just close the connection; then it is at least suspected.
    await expect(obtain({ ...trust, ...shown })).rejects.toMatchObject({
      status: 502,
      hint: expect.stringContaining('tokenService.KeyStoreLocation'),
    });
  });

  test('that we do not trust gets nothing', async () => {
    const before = server.received.length;
    await expect(obtain(certificate)).rejects.toMatchObject({
      status: 502,
      detail: expect.stringContaining('an issuer that is not trusted'),
      hint: expect.stringContaining('TrustStoreLocation'),
    });
    await expect(obtain({ ...certificate, strictSSL: 'false' }), 'strictSSL is about the target').rejects.toMatchObject(
      {
        status: 502,
      },
    );
    expect(server.received).toHaveLength(before);
  });

  test('is accepted untrusted with TrustAll', async () => {
    await expect(obtain({ ...certificate, TrustAll: 'true' })).resolves.toMatchObject({ kind: 'header' });
  });

  test('is connected to with what was made once, roots and certificates included: to make it takes milliseconds', async () => {
    const properties = { clientId: 'c', tokenServiceURL: server.url, ...certificate, ...trust };
    const { tokenService } = await destinationOf(
      { Authentication: 'OAuth2ClientCredentials' as const, ...properties },
      { keyStores },
    );
    const made = vi.spyOn(process.getBuiltinModule('node:tls'), 'createSecureContext');
    onTestFinished(() => made.mockRestore());
    const { pool } = lineTo(tokenService);
    const { host } = new URL(server.url);
    const before = server.connections;
    const ask = () => pool.request({ origin: `https://${host}`, path: '/token', method: 'POST' });
    const answers = await Promise.all(Array.from({ length: 4 }, ask));
    await Promise.all(answers.map(({ body }) => body.dump()));
    expect(server.connections - before).toBe(4);
    expect(made).not.toHaveBeenCalled();
  });

  test('beside one that is trusted by name, the well-known ones are', async () => {
    const known = getCACertificates('default');
    setDefaultCACertificates([read('server.crt.pem').toString()]);
    onTestFinished(() => setDefaultCACertificates(known));
    await expect(obtain({ ...certificate, TrustStoreLocation: 'stranger.crt.pem' })).resolves.toMatchObject({
      kind: 'header',
    });
  });
});
