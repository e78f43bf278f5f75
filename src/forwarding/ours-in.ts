import type { ServerResponse } from 'node:http';

/** Headers of an answer that are ours, whatever the upstream says. */
const none: ReadonlySet<string> = new Set();

/**
 * Headers that are ours in this answer: the CSRF token, and what `cors` says, of which the upstream may not say half.
 * @param checksCsrf on this route; where we do not, the token that counts is the upstream's, which has been asked, too
 */
export function oursIn(response: ServerResponse, checksCsrf: boolean): ReadonlySet<string> {
  const saysCors = response.hasHeader('access-control-allow-origin');
  const givesToken = checksCsrf && response.hasHeader('x-csrf-token');
  if (!saysCors && !givesToken) return none;
  const names = response.hasHeader('access-control-expose-headers') ? ['access-control-expose-headers'] : [];
  if (givesToken) names.push('x-csrf-token');
  return new Set(saysCors ? [...names, 'access-control-allow-origin', 'access-control-allow-credentials'] : names);
}
