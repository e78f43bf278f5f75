import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anonymous } from '../../../src/authorization/principal.ts';
import { createKeyStores, type KeyStores } from '../../../src/config/key-store.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import { createPools } from '../../../src/forwarding/pools.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { destinationOf } from '../../unit/tokens/support/destination-of.ts';
import { makeKeyStores } from '../../unit/tokens/support/openssl.ts';

/** ClientCertificateAuthentication against a real TLS server that insists on a certificate it knows. */
const maker = makeKeyStores();
const pools = createPools(4, true);
let keyStores: KeyStores;
let server: Server;
let origin: string;

beforeAll(async () => {
  for (const name of ['server', 'ship', 'barge', 'stranger']) {
    maker.selfSigned(name);
    const from = ['-inkey', `${name}.key.pem`, '-in', `${name}.crt.pem`];
    maker.openssl('pkcs12', '-export', ...from, '-out', `${name}.p12`, '-passout', 'pass:x');
  }
  keyStores = createKeyStores(maker.workingDirectory);
  const read = (name: string) => readFileSync(path.join(maker.directory, name));
  const own = { key: read('server.key.pem'), cert: read('server.crt.pem') };
  const known = [read('ship.crt.pem'), read('barge.crt.pem')];
  server = createServer({ ...own, ca: known, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN as string);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await pools.close();
  server.closeAllConnections();
  server.close();
  maker.remove();
});

const trust = { TrustStoreLocation: 'server.crt.pem' };

function destination(name: string): Promise<Destination> {
  const raw = {
    Authentication: 'ClientCertificateAuthentication' as const,
    URL: origin,
    KeyStoreLocation: `${name}.p12`,
  };
  return destinationOf({ ...raw, KeyStorePassword: 'x', ...trust }, { keyStores });
}

async function call(target: Destination): Promise<string> {
  const { body } = await pools.of(target).request({ origin, path: '/', method: 'GET' });
  return body.text();
}

describe('the target', () => {
  test("sees the destination's certificate, and no header", async () => {
    const target = await destination('ship');
    expect(createTokens().obtain(target, anonymous)).toEqual({ kind: 'none' });
    expect(await call(target)).toBe('ship');
  });

  test('never sees one destination on the connection of another', async () => {
    const [ship, barge] = [await destination('ship'), await destination('barge')];
    const names = await Promise.all(Array.from({ length: 20 }, (_, n) => call(n % 2 === 0 ? ship : barge)));
    expect(names).toEqual(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'ship' : 'barge')));
  });

  test.each([
    ['a stranger', () => destination('stranger')],
    ['nobody', () => destinationOf({ Authentication: 'NoAuthentication', URL: origin, ...trust }, { keyStores })],
  ])('does not let %s in', async (_, make) => {
    await expect(call(await make())).rejects.toThrow();
  });
});
