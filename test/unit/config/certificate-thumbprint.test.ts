import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { thumbprint } from '../../../src/config/certificate-thumbprint.ts';

/** Vectors G1, G3, G5 and G14 of token-flows.md. */
describe('a thumbprint is made of the digest bytes', () => {
  test.each([
    ['0d030e76bf484d9c6177a35823b97ccba2c8753c', 'DQMOdr9ITZxhd6NYI7l8y6LIdTw'],
    ['0D:03:0E:76:BF:48:4D:9C:61:77:A3:58:23:B9:7C:CB:A2:C8:75:3C', 'DQMOdr9ITZxhd6NYI7l8y6LIdTw'],
    ['89569B9E426F9C89F6BB112012CC54F92B1ADD9B', 'iVabnkJvnIn2uxEgEsxU-Ssa3Zs'],
    ['cf4dfdcddb05ba2ce905f0552b54e7db940760ed', 'z039zdsFuizpBfBVK1Tn25QHYO0'],
  ])('%s becomes %s', (hex, base64url) => {
    expect(thumbprint(hex).base64url).toBe(base64url);
  });

  test('the hex form is upper case without colons, as kid wants it', () => {
    expect(thumbprint('0d:03:0e:76:bf:48:4d:9c:61:77:a3:58:23:b9:7c:cb:a2:c8:75:3c').hex).toBe(
      '0D030E76BF484D9C6177A35823B97CCBA2C8753C',
    );
  });

  test('the certificate of RFC 8705 has the cnf value the RFC prints', () => {
    const der =
      'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=';
    const certificate = new X509Certificate(Buffer.from(der, 'base64'));
    expect(thumbprint(certificate.fingerprint256).base64url).toBe('A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0');
    expect(thumbprint(certificate.fingerprint).base64url).toBe('T8Qp8fPmVYqb9iHyzQUaAbxBedY');
  });

  test.each(['', 'not hex', '0d030e', `${'ab'.repeat(21)}`])(
    'refuses %j, which is no SHA-1 or SHA-256 digest',
    (text) => {
      expect(() => thumbprint(text)).toThrow(RangeError);
    },
  );
});
