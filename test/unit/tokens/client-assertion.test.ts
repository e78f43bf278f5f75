import { X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, importX509, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { thumbprint } from '../../../src/config/certificate-thumbprint.ts';
import type { KeyPair } from '../../../src/config/key-store.ts';
import { assertionHeader, mintClientAssertion } from '../../../src/tokens/client-assertion.ts';
import { openKeyPairs } from './support/key-pairs.ts';

const { maker, keyStores, read } = openKeyPairs({ ship: {} });
let keyPair: KeyPair;
let pem: string;

beforeAll(async () => {
  pem = read('ship.crt.pem').toString();
  keyPair = await keyStores.keyPair('ship.p12', 'x');
});

const now = 1_700_000_000_500;
const audience = 'https://login.example/t/oauth2/v2.0/token';

describe.each(['PS256', 'RS256'] as const)('a client assertion with %s', (algorithm) => {
  const mint = () => mintClientAssertion('client', { keyPair, algorithm, audience, lifetimeInSeconds: 300 }, now);

  test('verifies with jose against the certificate openssl wrote', async () => {
    const options = {
      algorithms: [algorithm],
      audience,
      issuer: 'client',
      subject: 'client',
      currentDate: new Date(now),
    };
    const { payload } = await jwtVerify(await mint(), await importX509(pem, algorithm), options);
    expect(payload).toEqual({
      iss: 'client',
      sub: 'client',
      aud: audience,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      nbf: 1_700_000_000,
      iat: 1_700_000_000,
      exp: 1_700_000_300,
    });
  });

  test('names the key the ways Entra ID looks for it', async () => {
    const sha1 =
      maker.openssl('x509', '-in', 'ship.crt.pem', '-noout', '-fingerprint', '-sha1').trim().split('=')[1] ?? '';
    const sha256 = new X509Certificate(pem).fingerprint256;
    const bytes = (hex: string) => Buffer.from(hex.replaceAll(':', ''), 'hex').toString('base64url');
    expect(decodeProtectedHeader(await mint())).toEqual({
      alg: algorithm,
      typ: 'JWT',
      kid: sha1.replaceAll(':', ''),
      ...(algorithm === 'PS256' ? { 'x5t#S256': bytes(sha256) } : { x5t: bytes(sha1) }),
    });
  });

  test('is another one each time', async () => {
    expect(await mint()).not.toBe(await mint());
  });
});

test('G2: the header is the vector: x5t is of the bytes, without padding', () => {
  const thumbprints = {
    sha1: thumbprint('0d030e76bf484d9c6177a35823b97ccba2c8753c'),
    sha256: thumbprint('00'.repeat(32)),
  };
  const { kid: _, ...header } = assertionHeader('RS256', thumbprints);
  expect(Buffer.from(JSON.stringify(header)).toString('base64url')).toBe(
    'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsIng1dCI6IkRRTU9kcjlJVFp4aGQ2TllJN2w4eTZMSWRUdyJ9',
  );
});
