import { createHash } from 'node:crypto';

/** The ETag of what is answered: 64 hex digits (destination-service.md 4.2). */
export function etagOf(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/**
 * What the conditions of a request mean for a resource that there is (RFC 9110 13.2.2).
 * @returns 304, 412, or undefined: go on
 */
export function conditionStatus(
  etag: string,
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): 304 | 412 | undefined {
  if (ifMatch !== undefined && !lists(ifMatch, etag)) return 412;
  return ifNoneMatch !== undefined && lists(ifNoneMatch, etag) ? 304 : undefined;
}

/** Clients send it with quotes and without. */
function lists(header: string, etag: string): boolean {
  return header.split(',').some((one) => {
    const tag = one
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1');
    return tag === '*' || tag === etag;
  });
}
