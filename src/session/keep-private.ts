import type { ServerResponse } from 'node:http';

declare module 'http' {
  interface ServerResponse {
    /** The answer carries something that is one visitor's alone. */
    isPrivate?: true;
  }
}

/**
 * An answer with a cookie or a token of ours is for one visitor only, whatever a backend or a file says of itself: a shared
 * cache that kept it would log others in (RFC 9111 7.3).
 */
export function keepPrivate(response: ServerResponse): void {
  response.isPrivate = true;
  response.setHeader('Cache-Control', 'private, no-store');
}
