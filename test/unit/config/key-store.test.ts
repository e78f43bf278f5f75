import { execFileSync } from 'node:child_process';
import { createPublicKey, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyStores, type KeyPair, type KeyStores } from '../../../src/config/key-store.ts';
import { KeyStoreError } from '../../../src/config/key-store-error.ts';
import { keyPairFromPem } from '../../../src/config/key-store-pem.ts';
import { makeKeyStores } from '../tokens/support/openssl.ts';

const maker = makeKeyStores();
const { openssl } = maker;
const read = (name: string) => readFileSync(path.join(maker.directory, name), 'utf8');
let stores: KeyStores;

beforeAll(() => {
  maker.selfSigned('ship', { commonName: 'https://cfapps.example/acme' });
  maker.selfSigned('other');
  const ship = ['-inkey', 'ship.key.pem', '-in', 'ship.crt.pem'];
  openssl('pkcs12', '-export', ...ship, '-out', 'modern.p12', '-passout', 'pass:open sesame');
  openssl('pkcs12', '-export', ...ship, '-out', 'umlaut.pfx', '-passout', 'pass:Schlüssel');
  openssl('pkcs12', '-export', '-legacy', ...ship, '-out', 'legacy.p12', '-passout', 'pass:Schlüssel');
  openssl(
    'pkcs12',
    '-export',
    ...ship,
    '-keypbe',
    'AES-128-CBC',
    '-certpbe',
    'NONE',
    '-out',
    'aes128.p12',
    '-passout',
    'pass:x',
  );
  openssl('pkcs12', '-export', ...ship, '-out', 'no-password.p12', '-passout', 'pass:');
  openssl('pkcs12', '-export', '-nokeys', '-in', 'ship.crt.pem', '-out', 'no-key.p12', '-passout', 'pass:x');

  openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', 'ec.key.pem');
  openssl('req', '-x509', '-new', '-key', 'ec.key.pem', '-out', 'ec.crt.pem', '-subj', '/CN=curve', '-days', '9');
  openssl('pkcs12', '-export', '-inkey', 'ec.key.pem', '-in', 'ec.crt.pem', '-out', 'ec.p12', '-passout', 'pass:x');

  // A leaf issued by `other`, which stands before it in the file.
  openssl('req', '-new', '-key', 'ship.key.pem', '-subj', '/CN=leaf', '-out', 'leaf.csr');
  const issuer = ['-CA', 'other.crt.pem', '-CAkey', 'other.key.pem', '-CAcreateserial'];
  openssl('x509', '-req', '-in', 'leaf.csr', ...issuer, '-days', '30', '-out', 'leaf.crt.pem');
  maker.write('chain.pem', read('other.crt.pem') + read('ec.crt.pem') + read('leaf.crt.pem') + read('ship.key.pem'));

  openssl('req', '-new', '-key', 'ship.key.pem', '-subj', '/CN=ended', '-out', 'ended.csr');
  openssl('x509', '-req', '-in', 'ended.csr', '-signkey', 'ship.key.pem', '-days', '-1', '-out', 'ended.crt.pem');
  maker.write('renewed.pem', read('ended.crt.pem') + read('ship.crt.pem') + read('ship.key.pem'));
  maker.write('ended.pem', read('ended.crt.pem') + read('ship.key.pem'));

  maker.write('plain.pem', read('ship.key.pem') + read('ship.crt.pem'));
  openssl('pkcs8', '-topk8', '-in', 'ship.key.pem', '-out', 'enc.key.pem', '-passout', 'pass:p', '-v2', 'aes-256-cbc');
  maker.write('encrypted.pem', read('enc.key.pem') + read('ship.crt.pem'));
  openssl('rsa', '-in', 'ship.key.pem', '-traditional', '-aes128', '-passout', 'pass:p', '-out', 'pkcs1.key.pem');
  maker.write('pkcs1-encrypted.pem', read('pkcs1.key.pem') + read('ship.crt.pem'));
  maker.write('mismatch.pem', read('other.key.pem') + read('ship.crt.pem'));
  maker.write('only-certificate.pem', read('ship.crt.pem'));
  maker.write('only-key.pem', read('ship.key.pem'));
  maker.write('words.pem', 'no PEM at all');
  maker.write('broken.p12', 'no PKCS#12 at all');
  maker.write('old.jks', 'x');
  maker.write('binding.json', '{}');
  openssl('x509', '-in', 'ship.crt.pem', '-outform', 'DER', '-out', 'ship.der');
  stores = createKeyStores(maker.workingDirectory);
});
afterAll(() => maker.remove());

/** Signs with the private key and lets the certificate's public key judge. */
function fits({ privateKey, certificate }: KeyPair): boolean {
  const data = Buffer.from('ahoy');
  return verify('sha256', data, certificate.publicKey, sign('sha256', data, privateKey));
}

describe('a key store made by openssl is read', () => {
  test.each([
    ['modern.p12', 'open sesame'],
    ['umlaut.pfx', 'Schlüssel'],
    ['legacy.p12', 'Schlüssel'],
    ['aes128.p12', 'x'],
    ['no-password.p12', undefined],
    ['plain.pem', undefined],
    ['encrypted.pem', 'p'],
    ['pkcs1-encrypted.pem', 'p'],
  ])('%s', async (location, password) => {
    const pair = await stores.keyPair(location, password);
    expect(fits(pair)).toBe(true);
    expect(pair.commonName).toBe('https://cfapps.example/acme');
    const told = openssl('x509', '-in', 'ship.crt.pem', '-noout', '-fingerprint', '-sha1').trim().split('=')[1];
    expect(pair.thumbprints.sha1.hex).toBe(told?.replaceAll(':', ''));
  });

  test('an elliptic-curve key and its certificate, which node-forge itself does not understand', async () => {
    const pair = await stores.keyPair('ec.p12', 'x');
    expect(fits(pair)).toBe(true);
    expect(pair.commonName).toBe('curve');
  });

  test('the leaf is the certificate of the key wherever it stands; strangers are left out of the chain', async () => {
    const pair = await stores.keyPair('chain.pem', undefined);
    expect(pair.commonName).toBe('leaf');
    expect(pair.chain).toHaveLength(2);
    expect(pair.chain[0]).toBe(pair.certificate.toString());
    expect(pair.pem.certificate).toBe(pair.chain.join(''));
  });

  test('a certificate that has been renewed for the same key counts, and the ended one only where it is alone', async () => {
    expect((await stores.keyPair('renewed.pem', undefined)).commonName).toBe('https://cfapps.example/acme');
    expect((await stores.keyPair('ended.pem', undefined)).commonName).toBe('ended');
  });

  test('the PEM forms for TLS hold the same key', async () => {
    const pair = await stores.keyPair('modern.p12', 'open sesame');
    expect(createPublicKey(pair.pem.key).equals(pair.certificate.publicKey)).toBe(true);
  });

  test('the fingerprint depends on the content and not on the wrapping', async () => {
    const [modern, legacy, chain] = await Promise.all([
      stores.keyPair('modern.p12', 'open sesame'),
      stores.keyPair('legacy.p12', 'Schlüssel'),
      stores.keyPair('chain.pem', undefined),
    ]);
    expect(modern.fingerprint).toBe(legacy.fingerprint);
    expect(modern.fingerprint).not.toBe(chain.fingerprint);
  });

  test('once for each password it is asked with', async () => {
    const first = await stores.keyPair('modern.p12', 'open sesame');
    expect(await stores.keyPair('modern.p12', 'open sesame')).toBe(first);
    await expect(stores.keyPair('modern.p12', 'guess')).rejects.toThrow(KeyStoreError);
  });
});

describe('a key store that gives no key is explained', () => {
  test.each([
    ['modern.p12', 'wrong', 'password', /^modern\.p12 cannot be opened with the password given$/],
    ['modern.p12', undefined, 'password', /^modern\.p12 cannot be opened without a password$/],
    ['legacy.p12', 'wrong', 'password', /with the password given/],
    ['encrypted.pem', 'wrong', 'password', /does not open the private key in encrypted\.pem/],
    ['encrypted.pem', undefined, 'password', /is encrypted, and no password is given/],
    ['pkcs1-encrypted.pem', 'wrong', 'password', /does not open/],
    [
      'mismatch.pem',
      undefined,
      'mismatch',
      /does not fit any certificate in it \(CN=https:\/\/cfapps\.example\/acme, O=Harbour\)/,
    ],
    ['only-certificate.pem', undefined, 'no-key', /holds no private key/],
    ['no-key.p12', 'x', 'no-key', /holds no private key/],
    ['only-key.pem', undefined, 'no-certificate', /holds no certificate/],
    ['words.pem', undefined, 'format', /is not PEM/],
    ['broken.p12', 'x', 'format', /is not a readable PKCS#12 file/],
    ['old.jks', 'x', 'format', /is not a readable PKCS#12 file/],
    ['ship.der', undefined, 'format', /use \.p12, \.pfx, \.jks, \.pem/],
  ])('%s with password %s: %s', async (location, password, fault, message) => {
    const error = await stores.keyPair(location, password).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KeyStoreError);
    expect(error).toMatchObject({ fault, message: expect.stringMatching(message) });
    expect(String(error)).not.toContain('wrong');
  });

  test('a missing file: which directory was looked in, and what lies there', async () => {
    await expect(stores.keyPair('absent.p12', 'x')).rejects.toThrow(
      /absent\.p12 is not in .*keystores, which holds .*modern\.p12/,
    );
    await expect(createKeyStores('/nonexistent').keyPair('a.p12', 'x')).rejects.toThrow(/which does not exist/);
  });

  test.each(['../ship.key.pem', '/etc/passwd', 'a/b.pem', '..\\x.pem', '.hidden.pem', ''])(
    'a path instead of a name is refused: %j',
    async (location) => {
      await expect(stores.keyPair(location, undefined)).rejects.toThrow(/must be the name of a file in keystores\//);
    },
  );
});

describe('certificates to trust', () => {
  test.each(['both.crt', 'both.cer', 'both.key'])('key and certificate in %s are read as PEM (2.3)', async (name) => {
    maker.write(name, read('ship.key.pem') + read('ship.crt.pem'));
    const [pair, packed] = [await stores.keyPair(name, undefined), await stores.keyPair('modern.p12', 'open sesame')];
    expect(pair.fingerprint).toBe(packed.fingerprint);
    await expect(stores.keyPair('ship.crt.pem', undefined)).rejects.toThrow(/no private key/);
  });

  test('of PEM, any number', async () => {
    maker.write('two.crt', read('ship.crt.pem') + read('other.crt.pem'));
    expect(await stores.trust('two.crt')).toHaveLength(2);
  });

  test('of DER', async () => {
    expect((await stores.trust('ship.der')).map((pem) => pem.trim())).toEqual([read('ship.crt.pem').trim()]);
  });

  test.each([
    ['words.pem', /holds no readable certificate/],
    ['only-key.pem', /holds no certificate/],
    ['modern.p12', /cannot be opened without a password/],
    ['binding.json', /use \.pem, \.crt, \.cer, \.der, \.jks or \.p12/],
    ['absent.pem', /is not in/],
  ])('%s is refused', async (location, message) => {
    await expect(stores.trust(location)).rejects.toThrow(message);
  });
});

describe('PEM is read as it comes out of environments', () => {
  const plain = () => read('ship.key.pem') + read('ship.crt.pem');

  test.each<[string, (text: string) => string]>([
    ['line breaks written \\n, as bindings print them', (text) => text.replaceAll('\n', '\\n')],
    ['line breaks written \\r\\n', (text) => text.replaceAll('\n', '\\r\\n')],
    ['line breaks written %0A', (text) => text.replaceAll('\n', '%0A')],
    ['line breaks flattened into blanks', (text) => text.replaceAll('\n', ' ')],
    ['no line breaks in the base64', (text) => text.replace(/(?<=[A-Za-z0-9+/=])\n(?=[A-Za-z0-9+/=])/g, '')],
    ['other text around it', (text) => `Bag Attributes\n  friendlyName: x\n${text}\nthe end`],
  ])('%s', (_, change) => {
    expect(change(plain())).not.toBe(plain());
    expect(fits(keyPairFromPem('x.pem', change(plain()), undefined))).toBe(true);
  });
});

test('a process that reads a key store before all else can still speak TLS', () => {
  const script = `
    import { readFileSync } from 'node:fs';
    const { keyPairFromPem } = await import(${JSON.stringify(import.meta.resolve('../../../src/config/key-store-pem.ts'))});
    keyPairFromPem('plain.pem', readFileSync('plain.pem', 'utf8'), undefined);
    const tls = await import('node:tls');
    process.stdout.write(typeof tls.createSecureContext);
  `;
  const told = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: maker.directory });
  expect(told.toString()).toBe('function');
});
