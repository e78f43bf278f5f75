import { KeyObject, X509Certificate } from 'node:crypto';

/** A certificate of ours that ends some day. */
export interface OwnCertificate {
  /** The destination or provider that it belongs to. */
  readonly owner: string;
  /** CN, or the whole subject. */
  readonly subject: string;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
}

/**
 * The certificates that a parsed configuration holds beside a private key, wherever in it they stand: what is added to a
 * destination is watched without anybody thinking of it.
 * @param owners name and parsed object of each
 */
export function ownCertificates(owners: Iterable<readonly [name: string, parsed: unknown]>): readonly OwnCertificate[] {
  const found = new Map<string, OwnCertificate>();
  for (const [owner, parsed] of owners) {
    for (const certificate of pairedCertificates(parsed, new Set())) {
      const subject = /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject ?? '')?.[1] ?? certificate.subject ?? '';
      const endsAt = Date.parse(certificate.validTo);
      const known = found.get(`${owner}\0${subject}`);
      // Of two with one name, the one that ends first is what somebody must act on.
      if (known === undefined || endsAt < known.endsAt) found.set(`${owner}\0${subject}`, { owner, subject, endsAt });
    }
  }
  return [...found.values()];
}

function* pairedCertificates(value: unknown, seen: Set<object>): Generator<X509Certificate> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  if (value instanceof KeyObject || value instanceof URL || ArrayBuffer.isView(value)) return;
  seen.add(value);
  const { certificate, privateKey } = value as { certificate?: unknown; privateKey?: unknown };
  if (certificate instanceof X509Certificate && privateKey instanceof KeyObject) {
    yield certificate;
    return;
  }
  for (const part of Object.values(value)) yield* pairedCertificates(part, seen);
}
