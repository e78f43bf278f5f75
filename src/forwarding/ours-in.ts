import type { ServerResponse } from 'node:http';

/** Headers of an answer that are ours, whatever the upstream says. */
const none: ReadonlySet<string> = new Set();

/** Headers that are ours in this answer: the CSRF token, and what `cors` says, of which the upstream may not say half. */
export function oursIn(response: ServerResponse): ReadonlySet<string> {
  const saysCors = response.hasHeader('access-control-allow-origin');
  if (!saysCors && !response.hasHeader('x-csrf-token')) return none;
  const names = ['x-csrf-token', 'access-control-expose-headers'].filter((name) => response.hasHeader(name));
  return new Set(saysCors ? [...names, 'access-control-allow-origin', 'access-control-allow-credentials'] : names);
}
