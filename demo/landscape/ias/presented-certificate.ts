import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Request } from 'express';
import { thumbprintsOf } from '../keys/thumbprint.ts';

/** The certificate a client showed during the TLS handshake. */
export interface PresentedCertificate {
  /** Issued by the tenant's authority and in its validity period, as TLS found. */
  readonly trusted: boolean;
  /** One attribute a line, as node:crypto writes distinguished names. */
  readonly subject: string;
  readonly issuer: string;
  readonly x5tS256: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** undefined when the connection has no client certificate, or is not TLS at all. */
export function presentedCertificate(request: Request): PresentedCertificate | undefined {
  const socket = request.socket as Partial<TLSSocket>;
  const raw = socket.getPeerCertificate?.().raw;
  if (!raw) return undefined;
  const certificate = new X509Certificate(raw);
  return {
    trusted: socket.authorized === true,
    subject: certificate.subject,
    issuer: certificate.issuer,
    x5tS256: thumbprintsOf(raw).x5tS256,
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
  };
}
