/**
 * The claims that an API asks for when a token no longer satisfies it (Microsoft continuous access evaluation;
 * token-flows.md A10): parameter `claims` of a Bearer challenge with error insufficient_claims, base64 of JSON.
 * @param challenge value of WWW-Authenticate
 * @returns the JSON text, or undefined when there is no such challenge
 */
export function claimsOf(challenge: string | undefined): string | undefined {
  // A quoted-string is read as one: splitting at `=` and `,` would corrupt base64 padding.
  const encoded = challenge?.match(/\bclaims="((?:[^"\\]|\\.)*)"/i)?.[1]?.replace(/\\(.)/g, '$1');
  if (encoded === undefined || !/\bbearer\b/i.test(challenge ?? '')) return undefined;
  const text = encoded.trim().startsWith('{') ? encoded : Buffer.from(encoded, 'base64').toString('utf8');
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? text : undefined;
  } catch {
    return undefined;
  }
}
