import { randomBytes } from 'node:crypto';
import { type CertificateRequest, issueCertificate } from './certificate.ts';
import { makeRsaKeyPair, type RsaKeyPair } from './key-pair.ts';
import { packPkcs12 } from './pkcs12.ts';
import { type Thumbprints, thumbprintsOf } from './thumbprint.ts';

/** A key pair with its certificate (PEM). */
export interface CertifiedKey {
  readonly keys: RsaKeyPair;
  readonly certificate: string;
  readonly thumbprints: Thumbprints;
}

/** The same, as an administrator would hand it out: a PKCS#12 file and its password. */
export interface KeyStore extends CertifiedKey {
  readonly p12: Buffer;
  readonly password: string;
}

/** Every key of the landscape; made afresh at each start and kept in memory only. */
export interface LandscapeKeys {
  /** The small certificate authority of the IAS-like host and its clients. */
  readonly authority: CertifiedKey;
  /** TLS server certificate for localhost and 127.0.0.1. */
  readonly server: CertifiedKey;
  /** Signs what the directory issues: ID tokens and access tokens. */
  readonly directory: CertifiedKey;
  /** Signs what the IAS-like service issues. */
  readonly ias: CertifiedKey;
  /** Registered at the directory: signs client assertions. */
  readonly entraClient: KeyStore;
  /** Registered at SuccessFactors: signs SAML assertions. */
  readonly successFactorsSigning: KeyStore;
  /** Client certificate for mutual TLS with IAS, issued by `authority`. */
  readonly iasClient: KeyStore;
}

type Certificate = Omit<CertificateRequest, 'keys' | 'issuer'>;

/** Makes all keys in parallel, then wraps them in certificates. */
export async function makeLandscapeKeys(): Promise<LandscapeKeys> {
  const [authorityKeys, serverKeys, directoryKeys, iasKeys, entraKeys, successFactorsKeys, iasClientKeys] =
    await Promise.all([
      makeRsaKeyPair(),
      makeRsaKeyPair(),
      makeRsaKeyPair(),
      makeRsaKeyPair(),
      makeRsaKeyPair(),
      makeRsaKeyPair(),
      makeRsaKeyPair(),
    ]);
  const authority = certify(authorityKeys, { use: 'authority', commonName: 'Portunus demo CA' });
  return Object.freeze({
    authority,
    server: certify(serverKeys, { use: 'server', commonName: 'localhost' }, authority),
    directory: certify(directoryKeys, { use: 'signing', commonName: 'directory signing' }),
    ias: certify(iasKeys, { use: 'signing', commonName: 'ias signing' }),
    entraClient: store(certify(entraKeys, { use: 'signing', commonName: 'entra-client' })),
    successFactorsSigning: store(certify(successFactorsKeys, { use: 'signing', commonName: 'successfactors-signing' })),
    iasClient: store(certify(iasClientKeys, { use: 'client', commonName: 'ias-client' }, authority), authority),
  });
}

/** Wraps a key pair in a certificate, issued by `issuer` or by itself. */
export function certify(keys: RsaKeyPair, certificate: Certificate, issuer?: CertifiedKey): CertifiedKey {
  const pem = issueCertificate({ ...certificate, keys, ...(issuer ? { issuer } : {}) });
  return Object.freeze({ keys, certificate: pem, thumbprints: thumbprintsOf(pem) });
}

/**
 * Gives a certified key a fresh password; its PKCS#12 file, with the issuer's certificate when given, is packed when
 * first asked for, since that takes 50 ms and most tests never ask.
 */
export function store(certified: CertifiedKey, issuer?: CertifiedKey): KeyStore {
  const password = randomBytes(18).toString('base64url');
  const chain = issuer ? [certified.certificate, issuer.certificate] : [certified.certificate];
  let packed: Buffer | undefined;
  return Object.freeze({
    ...certified,
    password,
    get p12() {
      packed ??= packPkcs12(certified.keys.privatePem, chain, password);
      return packed;
    },
  });
}
