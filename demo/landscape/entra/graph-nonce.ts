import { createHash, type KeyObject, randomBytes, sign, verify } from 'node:crypto';

type Json = Readonly<Record<string, unknown>>;

/**
 * Signs a token only Graph can check: its header carries a nonce, but the signature is made over the header with the
 * nonce's SHA-256 in its place. For everyone else it is a JWT whose signature never verifies (token-flows.md A7 #3).
 */
export function signGraphToken(header: Json, payload: Json, key: KeyObject): string {
  const nonce = randomBytes(32).toString('base64url');
  const body = encode(payload);
  const shown = encode({ typ: 'JWT', nonce, ...header });
  const signed = encode({ typ: 'JWT', nonce: hash(nonce), ...header });
  return `${shown}.${body}.${sign('RSA-SHA256', Buffer.from(`${signed}.${body}`), key).toString('base64url')}`;
}

/** Checks such a token as Graph does; the claims when it is genuine, undefined otherwise. */
export function verifyGraphToken(token: string, key: KeyObject): Json | undefined {
  const [head = '', body = '', signature = ''] = token.split('.');
  const header = decodeJson(head);
  if (header?.['alg'] !== 'RS256' || typeof header['nonce'] !== 'string') return undefined;
  const signed = encode({ ...header, nonce: hash(header['nonce']) });
  const genuine = verify('RSA-SHA256', Buffer.from(`${signed}.${body}`), key, Buffer.from(signature, 'base64url'));
  return genuine ? decodeJson(body) : undefined;
}

/** A JSON object in base64url; undefined for anything else. */
export function decodeJson(part: string): Json | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function encode(value: Json): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function hash(nonce: string): string {
  return createHash('sha256').update(nonce).digest('base64url');
}
