/** Reads a part of a JWT without judging it (RFC 7519 7.2). @returns undefined when the text is no JWT */
export function jwtPart(token: string, part: 'header' | 'claims'): Readonly<Record<string, unknown>> | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const text = Buffer.from(parts[part === 'header' ? 0 : 1] ?? '', 'base64url').toString('utf8');
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
