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
  /** Cookies not to be kept any longer: the upstream has ended them, or the client has them now (RFC 6265 5.3 step 11). */
  readonly ended: readonly KeptCookie[];
}

/**
 * The upstream's answer headers → the client's. Pure. Hop-by-hop headers stay here; `Location`, `ETag`, `Server` and
 * everything else pass as they are (xs-app.md 8.2).
 * @param raw name, value, name, value… as undici got them
 * @throws an error of the upstream for a body that nobody could read
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
    if (isHopByHop(lower)) {
      if (lower === 'transfer-encoding') refuseOtherThanChunked(value);
      continue;
    }
    if (rules.ours.has(lower)) continue;
    if (lower === 'set-cookie') {
      const fate = fateOf(value, rules.isOwnCookie, rules.path);
      if (fate.kind === 'drop') continue;
      const passes = fate.kind === 'to-client' || (rules.passSessionCookies && !rules.isOwnCookie(fate.cookie.name));
      if (fate.ended || passes) decide(fate.cookie, ended, keep);
      else if (!rules.passSessionCookies) decide(fate.cookie, keep, ended);
      if (!passes) continue;
    }
    headers.push(name, value);
  }
  return { headers, keep, ended };
}

/** We asked for no other coding (RFC 9112 7.4); its name would be lost on the way, and the body would be nonsense. */
function refuseOtherThanChunked(coding: string): void {
  if (coding.toLowerCase() === 'chunked') return;
  throw Object.assign(new Error('an unknown transfer coding'), { code: 'TRANSFER_ENCODING' });
}

/** The last word that an answer has on a cookie counts: backends take back an old one and set the new one behind it. */
function decide(cookie: KeptCookie, to: KeptCookie[], from: KeptCookie[]): void {
  for (const list of [to, from]) {
    const earlier = list.findIndex(({ name, path }) => name === cookie.name && path === cookie.path);
    if (earlier >= 0) list.splice(earlier, 1);
  }
  to.push(cookie);
}
