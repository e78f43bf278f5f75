import forge from 'node-forge';

/** A password-protected PKCS#12 file (AES-256) with the key and its chain, leaf first; all given as PEM. */
export function packPkcs12(privatePem: string, chain: readonly string[], password: string): Buffer {
  const container = forge.pkcs12.toPkcs12Asn1(
    forge.pki.privateKeyFromPem(privatePem),
    chain.map((pem) => forge.pki.certificateFromPem(pem)),
    password,
    { algorithm: 'aes256', friendlyName: 'portunus-demo' },
  );
  return Buffer.from(forge.asn1.toDer(container).getBytes(), 'binary');
}
