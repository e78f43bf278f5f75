import type { KeyPair } from '../../config/key-store.ts';

const excC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/**
 * Signs an assertion: enveloped, over its ID, RSA-SHA256 with a SHA-256 digest and exclusive canonicalization, placed
 * after the Issuer as the schema wants it (SAML core 5.4). xml-crypto has no defaults for these, and its relatives'
 * defaults are SHA-1 (token-flows.md E2). Loaded on first need, for start-up time.
 * @param includeCertificate puts the leaf into KeyInfo; otherwise there is no KeyInfo
 */
export async function signAssertion(xml: string, keyPair: KeyPair, includeCertificate: boolean): Promise<string> {
  const { SignedXml } = await import('xml-crypto');
  const signer = new SignedXml({
    privateKey: keyPair.privateKey,
    publicCert: keyPair.chain[0] ?? '',
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: excC14n,
    getKeyInfoContent: includeCertificate ? SignedXml.getKeyInfoContent : () => null,
  });
  signer.addReference({
    xpath: '/*',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', excC14n],
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
  });
  signer.computeSignature(xml, { prefix: 'ds', location: { reference: '/*/*[1]', action: 'after' } });
  return signer.getSignedXml();
}
