import { AppError } from '../errors/app-error.ts';
import type { EndedSession, SessionStore } from '../session/session-store.ts';
import { loginFailed } from './login-failed.ts';
import type { RelyingParty } from './relying-party.ts';

/** Ends the sessions that a logout token names. @returns them. @throws AppError 400, 502 */
export type EndByLogoutToken = (token: string) => Promise<readonly EndedSession[]>;

/** Any configured provider may have made the token; the one whose checks it passes decides whose sessions end. */
export function createEndByLogoutToken(
  parties: ReadonlyMap<string, { readonly party: RelyingParty }>,
  store: Pick<SessionStore, 'removeByLogin'>,
): EndByLogoutToken {
  return async (token) => {
    let refusal: unknown = new AppError({ code: 'ERR_BAD_REQUEST', status: 400 });
    for (const [provider, { party }] of parties) {
      if (party.verifyLogoutToken === undefined) continue;
      try {
        return await store.removeByLogin({ provider, ...(await party.verifyLogoutToken(token)) });
      } catch (cause) {
        refusal = loginFailed(cause);
      }
    }
    throw refusal;
  };
}
