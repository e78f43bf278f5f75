import type { Request } from 'express';

/** What a POST to a token endpoint carried. Anything but a form counts as an empty form, as the live services treat it. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  /** Parameters sent more than once (RFC 6749 3.2: invalid_request). */
  readonly repeated: readonly string[];
}

/** Reads `application/x-www-form-urlencoded` from a body that `rawBody` has collected. Empty values count as absent (RFC 6749 3.2). */
export function readForm(request: Request): Form {
  const isForm = request.is('application/x-www-form-urlencoded') !== false && typeof request.body === 'string';
  return parseForm(isForm ? (request.body as string) : '');
}

/** Parses form or query text. */
export function parseForm(text: string): Form {
  const fields = new Map<string, string>();
  const repeated = new Set<string>();
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
    if (value !== '') fields.set(name, value);
  }
  return { fields, repeated: [...repeated] };
}
