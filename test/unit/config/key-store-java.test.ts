import { execFileSync, spawnSync } from 'node:child_process';
import { sign, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyStores, type KeyPair, type KeyStores } from '../../../src/config/key-store.ts';
import { makeKeyStores } from '../tokens/support/openssl.ts';

/**
 * Key stores made by the real keytool. Where there is no Java the stories are skipped, visibly; with PORTUNUS_REQUIRE=all
 * that is a failure.
 */
const installed = spawnSync('keytool', ['-help']).status === 0;
const required = process.env['PORTUNUS_REQUIRE'] === 'all';

test.runIf(required)('keytool is installed, as PORTUNUS_REQUIRE=all demands', () => {
  expect(installed).toBe(true);
});

const maker = makeKeyStores();
let keyStores: KeyStores;
const keytool = (...args: string[]) =>
  execFileSync('keytool', args, { cwd: maker.directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Copies a store of openssl's into one of Java's. */
function convert(type: 'JKS' | 'JCEKS' | 'PKCS12', name: string, source = 'ship.p12', password = 'sesame') {
  const from = ['-srckeystore', source, '-srcstoretype', 'pkcs12', '-srcstorepass', 'sesame'];
  const to = ['-destkeystore', name, '-deststoretype', type, '-deststorepass', password];
  // Without its own option the key keeps the password it had.
  const key = type === 'JKS' && password !== 'sesame' ? ['-srcalias', 'ship', '-destkeypass', password] : [];
  keytool('-importkeystore', ...from, ...to, ...key, '-noprompt');
}

function trusted(type: 'JKS' | 'PKCS12', name: string) {
  const certificate = ['-alias', 'ca', '-file', 'other.crt.pem'];
  const store = ['-keystore', name, '-storetype', type, '-storepass', 'sesame'];
  keytool('-importcert', ...certificate, ...store, '-noprompt');
}

beforeAll(() => {
  if (!installed) return;
  maker.selfSigned('ship');
  maker.selfSigned('other');
  const ship = ['-inkey', 'ship.key.pem', '-in', 'ship.crt.pem'];
  maker.openssl('pkcs12', '-export', ...ship, '-name', 'ship', '-out', 'ship.p12', '-passout', 'pass:sesame');
  // A leaf with its issuer behind it.
  maker.openssl('req', '-new', '-key', 'ship.key.pem', '-subj', '/CN=leaf', '-out', 'leaf.csr');
  const issuer = ['-CA', 'other.crt.pem', '-CAkey', 'other.key.pem', '-CAcreateserial'];
  maker.openssl('x509', '-req', '-in', 'leaf.csr', ...issuer, '-days', '30', '-out', 'leaf.crt.pem');
  const chain = ['-inkey', 'ship.key.pem', '-in', 'leaf.crt.pem', '-certfile', 'other.crt.pem'];
  maker.openssl('pkcs12', '-export', ...chain, '-name', 'leaf', '-out', 'leaf.p12', '-passout', 'pass:sesame');
  convert('JKS', 'ship.jks');
  convert('JKS', 'leaf.jks', 'leaf.p12');
  convert('JKS', 'umlaut.jks', 'ship.p12', 'Schlüssel');
  convert('PKCS12', 'modern.jks');
  convert('PKCS12', 'modern.p12');
  convert('JCEKS', 'jceks.jks');
  convert('JKS', 'two-passwords.jks');
  const own = ['-keystore', 'two-passwords.jks', '-storetype', 'JKS', '-storepass', 'sesame'];
  keytool('-keypasswd', '-alias', 'ship', ...own, '-keypass', 'sesame', '-new', 'another');
  keytool(
    '-genkeypair',
    '-alias',
    'java',
    '-keyalg',
    'RSA',
    '-keysize',
    '2048',
    '-dname',
    'CN=java, O=Harbour',
    '-keystore',
    'java.jks',
    '-storetype',
    'JKS',
    '-storepass',
    'sesame',
    '-keypass',
    'sesame',
  );
  trusted('JKS', 'trust.jks');
  trusted('PKCS12', 'trust.p12');
  convert('JKS', 'mixed.jks');
  trusted('JKS', 'mixed.jks');
  keyStores = createKeyStores(maker.workingDirectory);
}, 120_000);
afterAll(() => maker.remove());

function fits({ privateKey, certificate }: KeyPair): boolean {
  const data = Buffer.from('ahoy');
  return verify('sha256', data, certificate.publicKey, sign('sha256', data, privateKey));
}

describe.runIf(installed)('a key store made by keytool is read', () => {
  test.each([
    ['ship.jks', 'sesame', 'ship'],
    ['umlaut.jks', 'Schlüssel', 'ship'],
    ['java.jks', 'sesame', 'java'],
    ['modern.jks', 'sesame', 'ship'],
    ['modern.p12', 'sesame', 'ship'],
    ['mixed.jks', 'sesame', 'ship'],
  ])('%s', async (location, password, commonName) => {
    const pair = await keyStores.keyPair(location, password);
    expect(fits(pair)).toBe(true);
    expect(pair.commonName).toBe(commonName);
  });

  test('with its chain', async () => {
    const { chain, commonName } = await keyStores.keyPair('leaf.jks', 'sesame');
    expect(commonName).toBe('leaf');
    expect(chain[1]?.trim()).toBe(readFileSync(path.join(maker.directory, 'other.crt.pem'), 'utf8').trim());
  });

  test('it is the same pair as in the store it was made from', async () => {
    const [java, openssl] = await Promise.all(
      ['ship.jks', 'ship.p12'].map((name) => keyStores.keyPair(name, 'sesame')),
    );
    expect(java?.fingerprint).toBe(openssl?.fingerprint);
  });
});

describe.runIf(installed)('certificates to trust in a store of keytool', () => {
  test.each([
    ['trust.jks', 'sesame'],
    ['trust.jks', undefined],
    ['trust.p12', 'sesame'],
  ])('%s with password %s', async (location, password) => {
    const certificates = await keyStores.trust(location, password);
    expect(certificates.map((pem) => pem.trim())).toEqual([
      readFileSync(path.join(maker.directory, 'other.crt.pem'), 'utf8').trim(),
    ]);
  });

  test('beside a private key, which stays closed', async () => {
    expect(await keyStores.trust('mixed.jks', undefined)).toHaveLength(2);
  });
});

describe.runIf(installed)('what cannot be opened is explained', () => {
  test.each([
    ['ship.jks', 'wrong', 'password', /cannot be opened with the password given, or is damaged/],
    ['ship.jks', undefined, 'password', /is encrypted, and no password is given/],
    [
      'two-passwords.jks',
      'sesame',
      'password',
      /opens two-passwords\.jks, but not the private key in it; give both the same/,
    ],
    ['jceks.jks', 'sesame', 'format', /is of the type JCEKS, .* keytool -importkeystore .* -srcstoretype jceks/],
    ['trust.jks', 'sesame', 'no-key', /holds no private key/],
  ])('%s with password %s: %s', async (location, password, fault, message) => {
    const error = await keyStores.keyPair(location, password).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ fault, message: expect.stringMatching(message) });
  });

  test('a wrong password for trust', async () => {
    await expect(keyStores.trust('trust.jks', 'wrong')).rejects.toMatchObject({ fault: 'password' });
    await expect(keyStores.trust('trust.p12', 'wrong')).rejects.toMatchObject({ fault: 'password' });
  });

  test('a changed byte anywhere is found by the digest', async () => {
    const good = readFileSync(path.join(maker.directory, 'ship.jks'));
    for (let at = 12; at < good.length; at += 97) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      writeFileSync(path.join(maker.directory, 'bad.jks'), bad);
      const error = await createKeyStores(maker.workingDirectory)
        .keyPair('bad.jks', 'sesame')
        .catch((caught: unknown) => caught);
      expect(error, `byte ${at}`).toMatchObject({ fault: 'password' });
    }
  });

  test('a file cut short, read without its digest, is no store', async () => {
    const good = readFileSync(path.join(maker.directory, 'trust.jks'));
    for (const length of [5, 13, 30, 200, good.length - 40]) {
      writeFileSync(path.join(maker.directory, 'short.jks'), good.subarray(0, length));
      await expect(keyStores.trust('short.jks', undefined), `${length} bytes`).rejects.toMatchObject({
        fault: 'format',
      });
    }
  });
});
