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
  const pairs = lastElement(header);
  const [cert, hash] = [pairs?.get('cert'), pairs?.get('hash')];
  if (cert !== undefined) return thumbprintOf(decoded(cert));
  return hash !== undefined && /^[0-9a-f]{64}$/i.test(hash)
    ? Buffer.from(hash, 'hex').toString('base64url')
    : undefined;
}

/**
 * Pairs of the last element, by lower-case key; of a key that comes twice the first. Step by step: an expression that looks
 * ahead for the end of quotes takes seconds for a long header (T-27), and a subject may hold quotes of its own, escaped,
 * behind which it could go on as another element (T-41).
 * @returns undefined where it is not written as Envoy writes it
 */
function lastElement(header: string): ReadonlyMap<string, string> | undefined {
  const pair = /\s*([a-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^",;]*))(;|,|$)/iy;
  let pairs = new Map<string, string>();
  for (;;) {
    const [found, key = '', quoted, plain = '', end] = pair.exec(header) ?? [];
    if (found === undefined) return undefined;
    const name = key.toLowerCase();
    if (!pairs.has(name)) pairs.set(name, quoted?.replace(/\\(.)/g, '$1') ?? plain);
    if (end === '') return pairs;
    if (end === ',') pairs = new Map();
  }
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
