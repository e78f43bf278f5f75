import { createHash, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { issueCertificate } from '../../../demo/landscape/keys/certificate.ts';
import { makeRsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import { clientThumbprint, forwardedThumbprint } from '../../../src/accept/client-certificate.ts';
import { arrivalOf } from '../../support/arrival-of.ts';

const keys = await makeRsaKeyPair();
const [pem, otherPem] = ['caller', 'other'].map((commonName) =>
  issueCertificate({ use: 'client', commonName, keys }),
) as [string, string];
const raw = (text: string) => new X509Certificate(text).raw;
const thumbprint = (text: string) => createHash('sha256').update(raw(text)).digest('base64url');
const hex = (text: string) => createHash('sha256').update(raw(text)).digest('hex');
const encoded = (text: string) => `Cert="${encodeURIComponent(text)}"`;

describe('the certificate that a front names', () => {
  test.each([
    ['Cloud Foundry: Base64 without frame', raw(pem).toString('base64')],
    ['the same with line breaks taken for blanks', pem.replace(/\n/g, ' ')],
    ['Envoy: the certificate', `By=spiffe://x;Hash=${hex(pem)};${encoded(pem)};Subject="CN=caller, O=a;b";URI=`],
    ['Envoy: the hash alone', `By=spiffe://x;Hash=${hex(pem)};Subject="CN=caller"`],
    ['Envoy: the nearest client is the last', `Hash=${hex(otherPem)};${encoded(otherPem)},Hash=${hex(pem)}`],
    ['a comma in a subject ends no element', `Hash=${hex(otherPem)},Subject="CN=x,Hash=y";${encoded(pem)}`],
  ])('%s', (_, header) => {
    expect(forwardedThumbprint(header)).toBe(thumbprint(pem));
  });

  test.each([
    ['quotes in a subject, escaped as Envoy does', `CN=x\\",Hash=${hex(otherPem)};DNS=\\"y`],
    ['a hash in a subject', `CN=x;Hash=${hex(otherPem)};O=y`],
    ['a certificate in a subject', `CN=x;Cert=\\"${encodeURIComponent(otherPem)}\\";O=y`],
  ])('whoever chose the subject of its certificate is not somebody else: %s (T-41)', (_, subject) => {
    for (const header of [
      `By=x;Hash=${hex(pem)};Subject="${subject}";URI=`,
      `By=x;Subject="${subject}";Hash=${hex(pem)}`,
    ])
      expect(forwardedThumbprint(header)).toBe(thumbprint(pem));
  });

  test.each(['Hash=abc,', 'By="x', 'By=x,Hash=,', 'By=,"', `Hash=${hex(pem)},,`, `Hash=${hex(pem)};x`])(
    'what is not written so is nobody: %j',
    (header) => {
      expect(forwardedThumbprint(header)).toBeUndefined();
    },
  );

  test.each(['', 'x', 'Hash=abc', 'Cert="%zz"', 'Cert=""', '----', 'AAAA', '=', 'By=x'])(
    'nothing of the kind: %j',
    (header) => {
      expect(forwardedThumbprint(header)).toBeUndefined();
    },
  );

  test('is believed of a trusted peer only (T-11)', () => {
    const request = (trusted: boolean) =>
      ({
        arrival: arrivalOf({ trusted }),
        headers: { 'x-forwarded-client-cert': `Hash=${hex(pem)}` },
        socket: {},
      }) as unknown as IncomingMessage;
    expect(clientThumbprint(request(true))).toBe(thumbprint(pem));
    expect(clientThumbprint(request(false))).toBeUndefined();
  });
});
