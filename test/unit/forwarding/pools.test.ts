import { rootCertificates } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { KeyPair } from '../../../src/config/key-store.ts';
import type { Target } from '../../../src/destinations/read-target.ts';
import { createPools } from '../../../src/forwarding/pools.ts';
import { targetOf } from '../../support/target-of.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const pools = createPools(10, true);
afterAll(() => pools.close());

const plain = targetOf({ url: new URL('http://127.0.0.1:9/api') });
const tls = (told: Partial<Target['tls']>): Partial<Target> => ({ tls: { ...plain.tls, ...told } });
const like = (told: Partial<Target> = {}): Target => ({ ...plain, ...told });
const proxyAt = (port: number, authorization?: string) => ({ host: '127.0.0.1', port, secure: false, authorization });
/** Empty key and certificate: a context is made of them, and no handshake. */
const certificate = (fingerprint: string) => ({ fingerprint, pem: { key: '', certificate: '' } }) as unknown as KeyPair;

describe('connections are shared by destinations that connect in the same way', () => {
  test('the same origin, whatever path, name and headers', () => {
    const other = like({ url: new URL('http://127.0.0.1:9/other'), name: 'other', headers: { a: '1' } });
    expect(pools.of(other)).toBe(pools.of(plain));
  });

  test('the same destination always', () => {
    expect(pools.of(plain)).toBe(pools.of(plain));
  });
});

describe('and by no others: a connection once trusted is trusted for all that travels on it', () => {
  test.each<[string, Partial<Target>]>([
    ['another host', { url: new URL('http://127.0.0.2:9/api') }],
    ['another port', { url: new URL('http://127.0.0.1:10/api') }],
    ['another scheme', { url: new URL('https://127.0.0.1:9/api') }],
    ['certificates not verified', tls({ verify: false })],
    ['further certificates trusted', tls({ trust: rootCertificates.slice(0, 1) })],
    ['host names checked otherwise', tls({ hostNames: 'browser-compatible' })],
    ['a client certificate', tls({ clientCertificate: certificate('one') })],
    ['another client certificate', tls({ clientCertificate: certificate('two') })],
    ['a proxy', { proxy: proxyAt(3128) }],
    ['another proxy', { proxy: proxyAt(3129) }],
    ['a proxy that is shown something', { proxy: proxyAt(3128, 'Basic eA==') }],
  ])('%s', (_, told) => {
    expect(pools.of(like(told))).not.toBe(pools.of(plain));
  });

  test('two that both differ from the first differ from each other', () => {
    const [one, two] = [like({ proxy: proxyAt(1) }), like({ proxy: proxyAt(2) })];
    expect(pools.of(one)).not.toBe(pools.of(two));
  });
});

test('those of destinations that are no more go with them: a bound service may bring any number (T-28)', async () => {
  const coming = createPools(1, true);
  const origins = () => coming.use(() => 0).map(({ origin }) => origin);
  const stays = like();
  const pool = coming.of(stays);
  for (let port = 1; port <= 100; port++) coming.of(like({ url: new URL(`http://127.0.0.1:1${port}/`) }));
  expect(origins().length).toBeGreaterThan(1);
  await vi.waitFor(
    () => {
      collectGarbage();
      expect(origins()).toEqual(['http://127.0.0.1:9']);
    },
    { timeout: 10_000, interval: 20 },
  );
  expect(coming.of(like())).toBe(pool);
  expect(coming.of(stays)).toBe(pool);
  await coming.close();
});
