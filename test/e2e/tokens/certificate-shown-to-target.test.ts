import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anonymous } from '../../../src/authorization/principal.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import { createPools } from '../../../src/forwarding/pools.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { destinationOf } from '../../unit/tokens/support/destination-of.ts';
import { openKeyPairs } from '../../unit/tokens/support/key-pairs.ts';

/** ClientCertificateAuthentication against a real TLS server that insists on a certificate it knows. */
const { keyStores, read } = openKeyPairs({ server: {}, ship: {}, barge: {}, stranger: {} });
const pools = createPools(4, true);
let server: Server;
let origin: string;

beforeAll(async () => {
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
