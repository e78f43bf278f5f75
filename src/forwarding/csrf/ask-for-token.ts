import { keepCookies } from '../backend-cookies.ts';
import { headerIn } from '../header-in.ts';
import { type FetchAnswer, type FetchAnswerRules, readFetchAnswer } from './read-fetch-answer.ts';

/** What came of asking a backend for its CSRF token. */
export interface FetchedToken extends FetchAnswer {
  /** The credential was refused, and with what challenge (WWW-Authenticate). */
  readonly refused: { readonly challenge: string | undefined } | undefined;
  /** What was asked and answered, e.g. `HEAD 405`. */
  readonly asked: readonly string[];
}

export interface TokenAnswer {
  readonly status: number;
  /** Name, value, name, value… */
  readonly raw: readonly string[];
}

/** After these a GET would fare no better than the HEAD did. */
const final: ReadonlySet<number> = new Set([401, 429, 502, 503, 504]);

/**
 * Asks for a token with HEAD, and with GET where that brings none: many refuse HEAD, with 405, 501, 404, 400 or even 403.
 * @param ask sends one question, along with the cookies that came so far
 * @param isRefused whether an answer means that the credential is no good
 * @throws what `ask` throws
 */
export async function askForToken(
  ask: (method: 'HEAD' | 'GET', so: FetchAnswer) => Promise<TokenAnswer>,
  rules: FetchAnswerRules,
  isRefused: (answer: TokenAnswer) => boolean,
): Promise<FetchedToken> {
  const asked: string[] = [];
  let so: FetchAnswer = { token: undefined, keep: [], own: [], ended: [] };
  let refused: FetchedToken['refused'];
  for (const method of ['HEAD', 'GET'] as const) {
    const { status, raw } = await ask(method, so);
    asked.push(`${method} ${status}`);
    const answer = readFetchAnswer(raw, rules);
    so = {
      token: answer.token,
      keep: keepCookies(so.keep, answer.keep, answer.ended),
      own: keepCookies(so.own, answer.own, answer.ended),
      ended: [...so.ended.filter((gone) => !answer.keep.some(sameAs(gone))), ...answer.ended],
    };
    refused =
      so.token === undefined && isRefused({ status, raw })
        ? { challenge: headerIn(raw, 'www-authenticate') }
        : undefined;
    if (so.token !== undefined || refused !== undefined || final.has(status)) break;
  }
  return { ...so, refused, asked };
}

function sameAs({ name, path }: { readonly name: string; readonly path: string }) {
  return (other: { readonly name: string; readonly path: string }) => other.name === name && other.path === path;
}
