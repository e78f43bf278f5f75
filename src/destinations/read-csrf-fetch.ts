import { joinPath } from '../routing/rewrite-path.ts';
import type { Properties } from './properties.ts';

/** The router gets the CSRF tokens that this target demands (docs/decisions/0018). */
export interface CsrfFetch {
  /** Path and query at the target's host where tokens are given out; undefined: it follows from the request. */
  readonly path: string | undefined;
}

/**
 * Reads `csrfToken.fetch` and `csrfToken.fetchPath`. The credential goes where the token is fetched, so that is always the
 * target's own host.
 * @param url the target's
 */
export function readCsrfFetch(p: Properties, url: URL): CsrfFetch | undefined {
  const isOn = p.flag('csrfToken.fetch', false);
  const given = p.text('csrfToken.fetchPath')?.trim();
  if (given === undefined) return isOn ? { path: undefined } : undefined;
  if (!isOn) p.warn('csrfToken.fetchPath', 'has no effect without csrfToken.fetch = true');
  const path = pathOf(given, url);
  if (path === undefined)
    p.problem(
      'csrfToken.fetchPath',
      'must be a path behind the URL of the destination, such as /$metadata, or a URL of the same host, without blanks and fragment',
    );
  return isOn ? { path } : undefined;
}

function pathOf(given: string, url: URL): string | undefined {
  if (!/^[\x21\x22\x24-\x7e]+$/.test(given)) return undefined;
  if (given.startsWith('/')) return joinPath(url, given);
  const whole = URL.parse(given);
  if (whole === null || whole.origin !== url.origin || whole.username !== '' || whole.password !== '') return undefined;
  return whole.pathname + whole.search;
}
