/** What an Authorization header says about the client: RFC 6749 2.3.1 form-encodes both parts before base64 (vector G13). */
export type BasicCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'basic'; readonly id: string; readonly secret: string };

/** Reads client_secret_basic; another scheme counts as malformed, since a token endpoint has no use for it. */
export function readBasicCredentials(header: string | undefined): BasicCredentials {
  if (header === undefined) return { kind: 'none' };
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (!encoded) return { kind: 'malformed' };
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) return { kind: 'malformed' };
  try {
    return { kind: 'basic', id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) };
  } catch {
    return { kind: 'malformed' };
  }
}

function formDecode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
