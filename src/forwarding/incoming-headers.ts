import type { KeptCookie } from '../session/session-data.ts';
import { fateOf } from './backend-cookies.ts';
import { connectionIn, hopByHopTest } from './hop-by-hop.ts';

export interface IncomingRules {
  /** Whether a cookie name is the router's own. */
  readonly isOwnCookie: (name: string) => boolean;
  /** Path of the request that is answered, as the upstream saw it. */
  readonly path: string;
  /** Session cookies go to the client unchanged (`setBackendSessionCookies`). */
  readonly passSessionCookies: boolean;
  /** Lower-case names of headers that are ours in this answer, whatever the upstream says. */
  readonly ours: ReadonlySet<string>;
}

export interface Incoming {
  /** Name, value, name, value… */
  readonly headers: string[];
  readonly keep: readonly KeptCookie[];
  /** Kept cookies that the upstream has ended. */
  readonly ended: readonly KeptCookie[];
}

/**
 * The upstream's answer headers → the client's. Pure. Hop-by-hop headers stay here; `Location`, `ETag`, `Server` and
 * everything else pass as they are (xs-app.md 8.2).
 * @param raw name, value, name, value… as undici got them
 */
export function incomingHeaders(raw: readonly string[], rules: IncomingRules): Incoming {
  const isHopByHop = hopByHopTest(connectionIn(raw));
  const headers: string[] = [];
  const keep: KeptCookie[] = [];
  const ended: KeptCookie[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    const lower = name.toLowerCase();
    if (isHopByHop(lower) || rules.ours.has(lower)) continue;
    if (lower === 'set-cookie') {
      const fate = fateOf(value, rules.isOwnCookie, rules.path);
      if (fate.kind !== 'drop' && fate.ended) ended.push(fate.cookie);
      const passes = rules.passSessionCookies && fate.kind !== 'drop' && !rules.isOwnCookie(fate.cookie.name);
      if (fate.kind === 'keep' && !rules.passSessionCookies) keep.push(fate.cookie);
      if (fate.kind !== 'to-client' && !passes) continue;
    }
    headers.push(name, value);
  }
  return { headers, keep, ended };
}
