import type { KeptCookie } from '../../session/session-data.ts';
import { fateOf } from '../backend-cookies.ts';
import { headerIn } from '../header-in.ts';

/** What an answer to the question for a token brings. */
export interface FetchAnswer {
  readonly token: string | undefined;
  /** Session cookies: for the jar that all requests of this caller share. */
  readonly keep: readonly KeptCookie[];
  /** Cookies that would be the client's, but belong to the token: sent along with it, and nowhere else. */
  readonly own: readonly KeptCookie[];
  /** Kept ones that the backend takes back. */
  readonly ended: readonly KeptCookie[];
}

export interface FetchAnswerRules {
  readonly isOwnCookie: (name: string) => boolean;
  /** Path that was asked, for cookies that name none. */
  readonly path: string;
  /** Session cookies go into the jar. */
  readonly fillsJar: boolean;
}

/** Visible, and no longer than a header of a token may be; `Required` and an echo of the question are none. */
const isToken = (text: string) => /^[\x21-\x7e]{1,4096}$/.test(text) && !/^(?:fetch|required)$/i.test(text);

/**
 * Pure. A token counts whatever the status: SAP's systems give it out with 404 and 405 as well.
 * @param raw name, value, name, value…
 */
export function readFetchAnswer(
  raw: readonly string[],
  { isOwnCookie, path, fillsJar }: FetchAnswerRules,
): FetchAnswer {
  const shown = headerIn(raw, 'x-csrf-token')?.trim() ?? '';
  const [keep, own, ended] = [[] as KeptCookie[], [] as KeptCookie[], [] as KeptCookie[]];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if ((raw[i] as string).toLowerCase() !== 'set-cookie') continue;
    const fate = fateOf(raw[i + 1] as string, isOwnCookie, path);
    if (fate.kind === 'drop') continue;
    if (fate.ended) ended.push(fate.cookie);
    else if (fate.kind === 'keep' && fillsJar) keep.push(fate.cookie);
    else own.push(fate.cookie);
  }
  return { token: isToken(shown) ? shown : undefined, keep, own, ended };
}
