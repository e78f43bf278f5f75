import { createHmac, createSecretKey, X509Certificate } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { readAccessToken } from '../../../demo/landscape/successfactors/access-token.ts';
import { thumbprint } from '../../../src/config/certificate-thumbprint.ts';
import { readBasic } from '../../../src/login/caller-proof.ts';
import { checkSender } from '../../../src/login/check-sender.ts';
import { leftHalfHash } from '../../../src/login/left-half-hash.ts';
import { algorithms } from '../../../src/login/oidc-tokens.ts';
import { codeChallenge } from '../../../src/login/pending-login.ts';

/**
 * The vectors of token-flows.md section G that are not of one part alone, byte by byte. The others stand with their part: G2 in
 * client-assertion, G12 in claims-challenge, G13 in build-token-request. G8 (JWK thumbprint) is of something
 * that nothing here computes. G15 says that there are none for RFC 7522 and 7523: their judges are in test/e2e/tokens (node-saml, xmlsec1, msal-node).
 */
describe('thumbprints', () => {
  test.each([
    ['G1', '0d030e76bf484d9c6177a35823b97ccba2c8753c', 'DQMOdr9ITZxhd6NYI7l8y6LIdTw'],
    ['G1', '0D:03:0E:76:BF:48:4D:9C:61:77:A3:58:23:B9:7C:CB:A2:C8:75:3C', 'DQMOdr9ITZxhd6NYI7l8y6LIdTw'],
    ['G3', '89569B9E426F9C89F6BB112012CC54F92B1ADD9B', 'iVabnkJvnIn2uxEgEsxU-Ssa3Zs'],
    ['G14', 'cf4dfdcddb05ba2ce905f0552b54e7db940760ed', 'z039zdsFuizpBfBVK1Tn25QHYO0'],
  ])('%s: %s becomes %s', (_, hex, base64url) => {
    expect(thumbprint(hex).base64url).toBe(base64url);
    expect(Buffer.from(thumbprint(hex).bytes).toString('base64')).toBe(
      Buffer.from(base64url, 'base64url').toString('base64'),
    );
    expect(thumbprint(hex).base64url, 'never of the hex text').not.toBe(Buffer.from(hex).toString('base64url'));
  });

  test('G14: a digest of 21 bytes is none', () => {
    const hex = Buffer.from('gx8tGysyjcRqKjFPnd7RFvwvwZI0', 'base64url').toString('hex');
    expect(hex).toHaveLength(42);
    expect(() => thumbprint(hex)).toThrow(RangeError);
  });

  test('G5: the certificate of RFC 8705', () => {
    const der =
      'MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=';
    const { fingerprint, fingerprint256 } = new X509Certificate(Buffer.from(der, 'base64'));
    expect(thumbprint(fingerprint256).base64url).toBe('A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0');
    expect(thumbprint(fingerprint).base64url).toBe('T8Qp8fPmVYqb9iHyzQUaAbxBedY');
    expect(thumbprint(fingerprint).hex).toBe('4FC429F1F3E6558A9BF621F2CD051A01BC4179D6');
    expect(() =>
      checkSender({ 'x5t#S256': thumbprint(fingerprint256).base64url }, thumbprint(fingerprint256).base64url),
    ).not.toThrow();
  });

  test('G6: a cnf with bits to spare is not read as the one it resembles', () => {
    const sloppy = 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2';
    const exact = 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg0';
    expect(Buffer.from(sloppy, 'base64url').toString('base64url')).toBe(exact);
    expect(() => checkSender({ 'x5t#S256': exact }, exact)).not.toThrow();
    expect(() => checkSender({ 'x5t#S256': sloppy }, exact)).toThrow(expect.objectContaining({ status: 401 }));
  });

  test('G7: both digests of one certificate, each in its length and from its hex', () => {
    const sha256 = Buffer.from('fU-XoQlhMTpQsz9ArXl6zHIpMGuRO4ExLKdLRTc5VjM', 'base64url').toString('hex');
    expect(sha256).toMatch(/^7d4f97a1[\da-f]{52}5633$/);
    expect(thumbprint(sha256).base64url).toBe('fU-XoQlhMTpQsz9ArXl6zHIpMGuRO4ExLKdLRTc5VjM');
    const sha1 = Buffer.from('oMl1g6bxX8v7j4n4EpIP7KBXfIE', 'base64url').toString('hex');
    expect(thumbprint(sha1).base64url).toBe('oMl1g6bxX8v7j4n4EpIP7KBXfIE');
  });
});

test('G4: the token of SuccessFactors has the shape of the stand-in, byte by byte', () => {
  const vector =
    'eyJ0b2tlbkNvbnRlbnQiOnsiYXBpS2V5IjoiWldJME1EQSIsInNmUHJpbmNpcGxlIjoic2ZhZG1pbiNESVYjQUNNRTAxIiwiaXNzdWVkRm9yIjoib2RhdGEiLCJzY29wZSI6IiIsImlzc3VlZEF0IjoxNzAwMDAwMDAwMDAwLCJleHBpcmVzQXQiOjE3MDAwODY0MDAwMDB9LCJzaWduYXR1cmUiOiJjMmxuIn0=';
  const content = {
    apiKey: 'ZWI0MDA',
    sfPrinciple: 'sfadmin#DIV#ACME01',
    issuedFor: 'odata',
    scope: '',
    issuedAt: 1_700_000_000_000,
    expiresAt: 1_700_086_400_000,
  };
  const made = { tokenContent: content, signature: Buffer.from('sig').toString('base64') };
  expect(Buffer.from(JSON.stringify(made)).toString('base64')).toBe(vector);
  expect(readAccessToken(vector, createSecretKey(Buffer.from('k')))).toEqual({ kind: 'forged' });
});

test('G9: the code challenge of RFC 7636', () => {
  expect(codeChallenge('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  );
});

test('G10: the JWS of RFC 7515 A.1 is what it says, and no token for us: HS256 is not among our algorithms', async () => {
  const key = Buffer.from(
    'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
    'base64url',
  );
  const input =
    'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
  const signature = createHmac('sha256', key).update(input).digest('base64url');
  expect(signature).toBe('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk');
  const currentDate = new Date(1_300_819_000_000);
  await expect(jwtVerify(`${input}.${signature}`, key, { algorithms, currentDate })).rejects.toMatchObject({
    code: 'ERR_JOSE_ALG_NOT_ALLOWED',
  });
  expect((await jwtVerify(`${input}.${signature}`, key, { currentDate })).payload.iss).toBe('joe');
});

test.each([
  ['c_hash', 'Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk', 'LDktKdoQak3Pk0cnXxCltA'],
  ['at_hash', 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y', '77QmUPtjPfzWtF2AnpK9RQ'],
])('G11: %s of OpenID Connect Core is the left half of the digest', (_, text, hash) => {
  expect(leftHalfHash('RS256', text)).toBe(hash);
});

test('G13: Basic credentials of a caller are read as they are, without form-decoding (RFC 7617)', () => {
  expect(readBasic('c2ItYXBwIXQxOmErYi9jPSRk')).toEqual({ user: 'sb-app!t1', password: 'a+b/c=$d' });
  expect(readBasic('czZCaGRSa3F0MzpnWDFmQmF0M2JW')).toEqual({ user: 's6BhdRkqt3', password: 'gX1fBat3bV' });
});
