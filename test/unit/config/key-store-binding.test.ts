import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyStores, type KeyStores } from '../../../src/config/key-store.ts';
import { makeKeyStores } from '../tokens/support/openssl.ts';

const maker = makeKeyStores();
let keyStores: KeyStores;
let credentials: { readonly certificate: string; readonly key: string };

beforeAll(() => {
  maker.selfSigned('ias', { commonName: 'ias-binding' });
  const read = (name: string) => readFileSync(path.join(maker.directory, name), 'utf8');
  credentials = { certificate: read('ias.crt.pem'), key: read('ias.key.pem') };
  keyStores = createKeyStores(maker.workingDirectory);
});
afterAll(() => maker.remove());

describe('a service key is a key store as it is (IAS X509_GENERATED, XSUAA x509)', () => {
  const more = { clientid: 'c', 'credential-type': 'X509_GENERATED', url: 'https://acme.accounts.ondemand.com' };

  test.each<[string, () => unknown]>([
    ['with its credentials on top', () => ({ ...more, ...credentials })],
    ['as cf service-key prints it', () => ({ credentials: { ...more, ...credentials } })],
    [
      'with line breaks escaped twice, as environments do it',
      () => ({
        certificate: credentials.certificate.replaceAll('\n', '\\n'),
        key: credentials.key.replaceAll('\n', '\\n'),
      }),
    ],
  ])('%s', async (name, make) => {
    const file = `${name.length}.json`;
    maker.write(file, JSON.stringify(make()));
    expect((await keyStores.keyPair(file, undefined)).commonName).toBe('ias-binding');
  });

  test.each<[string, () => unknown, RegExp]>([
    ['a secret instead', () => ({ clientid: 'c', clientsecret: 'hush' }), /has no certificate; make the binding with/],
    ['X509_PROVIDED', () => ({ certificate: credentials.certificate }), /has no key: it is with whoever provided/],
    ['an array', () => [], /must be a JSON object/],
  ])('%s is explained', async (name, make, message) => {
    const file = `${name.replaceAll(' ', '-')}.json`;
    maker.write(file, JSON.stringify(make()));
    await expect(keyStores.keyPair(file, undefined)).rejects.toThrow(message);
  });

  test('broken JSON is not quoted', async () => {
    maker.write('broken.json', '{"key": hunter2}');
    const error = await keyStores.keyPair('broken.json', undefined).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ fault: 'format', message: 'broken.json is not valid JSON', cause: undefined });
  });
});
