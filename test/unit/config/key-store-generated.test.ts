import { createPrivateKey, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKeyStores, type KeyPair, type KeyStores } from '../../../src/config/key-store.ts';
import { makeKeyStores } from '../tokens/support/openssl.ts';

/** token-flows.md E7: SuccessFactors hands its key pairs out in a form of its own, and nobody quite agrees which. */
const maker = makeKeyStores();
let keyStores: KeyStores;
let parts: { readonly key: string; readonly certificate: string };

beforeAll(() => {
  maker.selfSigned('quay', { commonName: 'quay-generated' });
  const read = (name: string) => readFileSync(path.join(maker.directory, name), 'utf8');
  const body = (pem: string) => pem.replace(/-----[A-Z ]+-----|\s/g, '');
  parts = { key: body(read('quay.key.pem')), certificate: body(read('quay.crt.pem')) };
  keyStores = createKeyStores(maker.workingDirectory);
});
afterAll(() => maker.remove());

const again = (text: string) => Buffer.from(text).toString('base64');
const framed = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

function fits({ privateKey, certificate, commonName }: KeyPair): boolean {
  const data = Buffer.from('ahoy');
  const signed = verify('sha256', data, certificate.publicKey, sign('sha256', data, privateKey));
  return signed && commonName === 'quay-generated';
}

describe('a generated key pair is read', () => {
  test.each<[string, () => string]>([
    [
      'with a tag behind each part',
      () => [parts.key, parts.certificate].map((part) => `${part}###1a2b3c4d`).join('\n'),
    ],
    [
      'each part with its tag encoded once more',
      () => [parts.key, parts.certificate].map((part) => again(`${part}###1a2b3c4d`)).join('\n'),
    ],
    [
      'the same between lines of PEM, the key called encrypted though it is not',
      () =>
        framed('ENCRYPTED PRIVATE KEY', again(`${parts.key}###1a2b3c4d`)) +
        framed('CERTIFICATE', again(`${parts.certificate}###1a2b3c4d`)),
    ],
    [
      'PEM with tags inside',
      () => framed('PRIVATE KEY', `${parts.key}###1a2b3c4d`) + framed('CERTIFICATE', `${parts.certificate}###1a2b3c4d`),
    ],
    [
      'the whole file encoded once more',
      () => again(framed('PRIVATE KEY', `${parts.key}###x`) + framed('CERTIFICATE', `${parts.certificate}###x`)),
    ],
    ['without tags, the certificate first', () => `${parts.certificate}\r\n${parts.key}\r\n`],
    [
      'with words before each part',
      () => `Private Key: ${parts.key}###x\nX.509 Certificate: ${parts.certificate}###x\n`,
    ],
  ])('%s', async (_, write) => {
    maker.write('generated.pem', write());
    maker.write('generated.txt', write());
    for (const name of ['generated.pem', 'generated.txt']) {
      expect(fits(await createKeyStores(maker.workingDirectory).keyPair(name, undefined)), name).toBe(true);
    }
  });

  test('a key that really is encrypted still wants its password', async () => {
    const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' } as const;
    const key = createPrivateKey(framed('PRIVATE KEY', parts.key)).export(options).toString();
    const text = framed('ENCRYPTED PRIVATE KEY', `${key.replace(/-----[A-Z ]+-----/g, '').trim()}###x`);
    maker.write('encrypted-generated.pem', text + framed('CERTIFICATE', parts.certificate));
    expect(fits(await keyStores.keyPair('encrypted-generated.pem', 'p'))).toBe(true);
    await expect(keyStores.keyPair('encrypted-generated.pem', undefined)).rejects.toThrow(/no password is given/);
  });
});

describe('what is something else is said to be', () => {
  test.each([
    ['nothing', '', /is not PEM/],
    ['a letter', 'Dear Sir or Madam, '.repeat(50), /is not PEM/],
    ['a long word', 'x'.repeat(2000), /is not PEM/],
    ['half of a pair', () => `${parts.key}###x`, /holds no certificate/],
    ['the other half', () => `${parts.certificate}###x`, /holds no private key/],
  ])('%s', async (_, text, message) => {
    const name = `other-${String(message).length}-${_.replaceAll(' ', '-')}.pem`;
    maker.write(name, typeof text === 'string' ? text : text());
    await expect(keyStores.keyPair(name, undefined)).rejects.toThrow(message);
  });
});
