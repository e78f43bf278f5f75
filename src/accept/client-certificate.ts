import { createHash, X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/**
 * The client certificate of a request: of its own connection, else the one that a trusted peer names, who ended TLS for
 * us. A stranger's header names nothing (T-11).
 * @returns SHA-256 of the certificate, base64url, as in `x5t#S256` (RFC 8705 3.1)
 */
export function clientThumbprint(request: IncomingMessage): string | undefined {
  const { 'x-forwarded-client-cert': forwarded } = request.headers;
  if (request.arrival.trusted && typeof forwarded === 'string') return forwardedThumbprint(forwarded);
  const own = (request.socket as Partial<TLSSocket>).getPeerX509Certificate?.();
  return own && digest(own.raw);
}

/** Cloud Foundry sends the certificate's Base64, Envoy elements `Hash=…;Cert="…"` of which the last is the nearest client. */
export function forwardedThumbprint(header: string): string | undefined {
  if (!/(?:^|[;,])\s*(?:By|Hash|Cert|Chain|Subject|URI|DNS)=/i.test(header)) return thumbprintOf(header);
  const last = header.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).at(-1) ?? '';
  const cert = /(?:^|;)\s*Cert="([^"]*)"/i.exec(last)?.[1];
  if (cert !== undefined) return thumbprintOf(decoded(cert));
  const hash = /(?:^|;)\s*Hash=([0-9a-f]{64})(?:;|$)/i.exec(last)?.[1];
  return hash && Buffer.from(hash, 'hex').toString('base64url');
}

/** PEM, or the Base64 between its lines. */
function thumbprintOf(text: string): string | undefined {
  const body = text.replace(/-----[A-Z ]+-----/g, '').replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return undefined;
  try {
    return digest(new X509Certificate(Buffer.from(body, 'base64')).raw);
  } catch {
    return undefined;
  }
}

function digest(der: Buffer): string {
  return createHash('sha256').update(der).digest('base64url');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
