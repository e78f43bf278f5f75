import type { X509Certificate } from 'node:crypto';
import { expiryWarning } from '../config/certificate-expiry.ts';
import { thumbprint } from '../config/certificate-thumbprint.ts';

/** What there is to know of a certificate, for people and for programs (`--json`). All of it is public. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  readonly serialNumber: string;
  /** RFC 3339, UTC. */
  readonly validFrom: string;
  readonly validTo: string;
  /** Whole days from now; negative when it has expired. */
  readonly daysLeft: number;
  readonly key: string;
  readonly subjectAltName: string | undefined;
  /** Of the certificate's bytes (RFC 7515 4.1.7): the hex, its bytes in base64url, and in base64 as Entra ID's manifest has them. */
  readonly sha1: { readonly hex: string; readonly x5t: string; readonly base64: string };
  /** RFC 7515 4.1.8. */
  readonly sha256: { readonly hex: string; readonly 'x5t#S256': string };
  /** What goes into a form that wants a certificate "without BEGIN and END lines". */
  readonly oneLine: string;
}

/** @param now milliseconds since the epoch */
export function certificateFacts(certificate: X509Certificate, now: number): CertificateFacts {
  const sha1 = thumbprint(certificate.fingerprint);
  const sha256 = thumbprint(certificate.fingerprint256);
  const end = Date.parse(certificate.validTo);
  return {
    subject: onOneLine(certificate.subject),
    issuer: onOneLine(certificate.issuer),
    selfSigned: certificate.verify(certificate.publicKey),
    serialNumber: certificate.serialNumber,
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(end).toISOString(),
    daysLeft: Math.floor((end - now) / 86_400_000),
    key: keyKind(certificate),
    subjectAltName: certificate.subjectAltName,
    sha1: { hex: sha1.hex, x5t: sha1.base64url, base64: Buffer.from(sha1.bytes).toString('base64') },
    sha256: { hex: sha256.hex, 'x5t#S256': sha256.base64url },
    oneLine: certificate.raw.toString('base64'),
  };
}

/** For people; what is wrong with its age is told, too. @param now milliseconds since the epoch */
export function tellCertificate(certificate: X509Certificate, now: number): string {
  const facts = certificateFacts(certificate, now);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['subject', facts.subject],
    ['issuer', facts.selfSigned ? 'itself' : facts.issuer],
    ['serial', facts.serialNumber],
    ['valid', `${facts.validFrom.slice(0, 10)} to ${facts.validTo.slice(0, 10)}`],
    ['', expiryWarning(certificate, now)],
    ['key', facts.key],
    ['names', facts.subjectAltName],
    ['SHA-1', facts.sha1.hex],
    ['x5t', facts.sha1.x5t],
    ['SHA-256', facts.sha256.hex],
    ['x5t#S256', facts.sha256['x5t#S256']],
  ];
  return rows.map(([name, value]) => (value === undefined ? '' : `  ${name.padEnd(9)} ${value}\n`)).join('');
}

/** E.g. `RSA 2048`, `EC prime256v1`. */
function keyKind({ publicKey }: X509Certificate): string {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  return [publicKey.asymmetricKeyType?.toUpperCase(), modulusLength ?? namedCurve].filter(Boolean).join(' ');
}

/** Node gives one attribute a line. */
function onOneLine(name: string): string {
  return (name ?? '').split('\n').join(', ');
}
