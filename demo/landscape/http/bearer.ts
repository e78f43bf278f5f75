/** What an Authorization header offers a resource server (RFC 6750 2.1). */
export type Bearer =
  | { readonly kind: 'none' }
  | { readonly kind: 'other' }
  | { readonly kind: 'bearer'; readonly token: string };

export function readBearer(header: string | undefined): Bearer {
  if (header === undefined || header.trim() === '') return { kind: 'none' };
  const match = /^Bearer(?: +(.*))?$/i.exec(header.trim());
  if (!match) return { kind: 'other' };
  const token = match[1]?.trim() ?? '';
  return token === '' ? { kind: 'none' } : { kind: 'bearer', token };
}
