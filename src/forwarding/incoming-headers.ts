import type { KeptCookie } from '../session/session-data.ts';
import { fateOf } from './backend-cookies.ts';
import { hopByHopTest } from './hop-by-hop.ts';

export interface IncomingRules {
  /** Whether a cookie name is the router's own. */
  readonly isOwnCookie: (name: string) => boolean;
  /** Session cookies go to the client unchanged (`setBackendSessionCookies`). */
  readonly passSessionCookies: boolean;
  /** Lower-case names of headers that are ours in this answer, whatever the upstream says. */
  readonly ours: ReadonlySet<string>;
}

export interface Incoming {
  /** Name, value, name, value… */
  readonly headers: string[];
  readonly keep: readonly KeptCookie[];
}

/**
 * The upstream's answer headers → the client's. Pure. Hop-by-hop headers stay here; `Location`, `ETag`, `Server` and
 * everything else pass as they are (xs-app.md 8.2).
 * @param raw name, value, name, value… as undici got them
 */
export function incomingHeaders(raw: readonly string[], rules: IncomingRules): Incoming {
  const isHopByHop = hopByHopTest(connectionOf(raw));
  const headers: string[] = [];
  const keep: KeptCookie[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    const lower = name.toLowerCase();
    if (isHopByHop(lower) || rules.ours.has(lower)) continue;
    if (lower === 'set-cookie' && !rules.passSessionCookies) {
      const fate = fateOf(value, rules.isOwnCookie);
      if (fate.kind === 'keep') keep.push(fate.cookie);
      if (fate.kind !== 'to-client') continue;
    }
    headers.push(name, value);
  }
  return { headers, keep };
}

function connectionOf(raw: readonly string[]): string | undefined {
  for (let i = 0; i + 1 < raw.length; i += 2) if ((raw[i] as string).toLowerCase() === 'connection') return raw[i + 1];
  return undefined;
}
