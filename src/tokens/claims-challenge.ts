/** Longer ones are nobody's policy. */
const maxLength = 16_384;

/**
 * Decodes the `claims` of a challenge: base64 in a WWW-Authenticate header, plain JSON in the error of an On-Behalf-Of
 * request (token-flows.md A10, vector G12).
 * @returns the JSON text of an object, or undefined when it is none
 */
export function decodeClaims(text: string): string | undefined {
  if (text.length > maxLength) return undefined;
  const json = text.trimStart().startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8');
  return parseObject(json) && json;
}

/** Characters; more would not fit into the header of an answer, nor into the address of a login. */
const maxHandedOn = 4_096;

/**
 * Hands the claims of a token service's refusal on to who can meet them (token-flows.md A10): base64, as in any claims challenge.
 * @param claims as the service said them; nothing is handed on that is no JSON object
 */
export function challengeHeaders(claims: string | undefined): Readonly<Record<string, string>> {
  if (claims === undefined || claims.length > maxHandedOn || decodeClaims(claims) === undefined) return {};
  const encoded = Buffer.from(claims).toString('base64');
  return { 'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${encoded}"` };
}

/**
 * The claims that an API asks for when a token no longer satisfies it (Microsoft continuous access evaluation;
 * token-flows.md A10): parameter `claims` of a Bearer challenge.
 * @param challenge value of WWW-Authenticate
 * @returns the JSON text, or undefined when there is no such challenge
 */
export function claimsOf(challenge: string | undefined): string | undefined {
  if (challenge === undefined || !/\bbearer\b/i.test(challenge)) return undefined;
  for (const [, name, quoted, plain] of challenge.matchAll(parameter))
    if (name?.toLowerCase() === 'claims') return decodeClaims(quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
  return undefined;
}

/**
 * One parameter of a challenge (RFC 9110 11.2). A quoted-string is read as one: splitting at `=` and `,` would corrupt base64
 * padding, and what stands in a description is no parameter. It begins where no token goes on, so each character is read once.
 */
const parameter = /(?<![\w!#$%&'*+.^`|~-])([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))/g;

/** Joins two claims parameters: what is configured (client capabilities) and what a challenge demands, which wins. */
export function mergeClaims(configured: string | undefined, demanded: string): string {
  const base = parseObject(configured ?? '');
  const added = parseObject(demanded);
  return base && added ? JSON.stringify(merge(base, added)) : demanded;
}

type Json = Record<string, unknown>;

function merge(base: Json, added: Json): Json {
  const result: Json = { ...base };
  for (const [name, value] of Object.entries(added)) {
    const before = Object.hasOwn(base, name) ? base[name] : undefined;
    result[name] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return result;
}

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
