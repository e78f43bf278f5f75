import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { expiryWarning } from '../../../src/config/certificate-expiry.ts';

/** CN=mtls of RFC 8705: 2018-10-18 12:37:09 to 2022-05-02 12:37:09. */
const certificate = new X509Certificate(
  Buffer.from(
    'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=',
    'base64',
  ),
);

describe('a certificate is spoken of when its end is near', () => {
  test.each([
    ['2020-01-01T00:00:00Z', undefined],
    ['2022-04-02T12:00:00Z', undefined],
    ['2022-04-03T00:00:00Z', 'the certificate expires in 29 days (2022-05-02); renew it in time'],
    ['2022-05-01T00:00:00Z', 'the certificate expires in 1 day (2022-05-02); renew it in time'],
    ['2022-05-02T12:37:09Z', 'the certificate expired on 2022-05-02; renew it'],
    ['2018-01-01T00:00:00Z', 'the certificate is not valid before 2018-10-18'],
  ])('on %s: %s', (now, warning) => {
    expect(expiryWarning(certificate, Date.parse(now))).toBe(warning);
  });
});
