import { AppError } from '../errors/app-error.ts';
import type { EndedSession, SessionStore } from '../session/session-store.ts';
import { loginFailed } from './login-failed.ts';
import { believedFor } from './logout-token-age.ts';
import type { RelyingParty } from './relying-party.ts';
import type { LogoutSubject } from './verify-logout-token.ts';

/** Ends the sessions that a logout token names. @returns them. @throws AppError 400, 502, 503 */
export type EndByLogoutToken = (token: string) => Promise<readonly EndedSession[]>;

/** Any configured provider may have made the token; the one whose checks it passes decides whose sessions end. */
export function createEndByLogoutToken(
  parties: ReadonlyMap<string, { readonly party: RelyingParty }>,
  sessions: Pick<SessionStore, 'removeByLogin' | 'firstUse'>,
): EndByLogoutToken {
  const verify = async (token: string): Promise<{ provider: string } & LogoutSubject> => {
    let refusal = new AppError({ code: 'ERR_BAD_REQUEST', status: 400 });
    for (const [provider, { party }] of parties) {
      if (party.verifyLogoutToken === undefined) continue;
      // Unique for its issuer only (RFC 7519 4.1.7): another provider's token of the same name is another token.
      const firstUse = (jti: string) => sessions.firstUse(`logout token ${provider} ${jti}`, believedFor);
      try {
        return { provider, ...(await party.verifyLogoutToken(token, firstUse)) };
      } catch (cause) {
        refusal = loginFailed(cause);
        if (refusal.code === 'ERR_SESSION_STORE') break;
      }
    }
    throw refusal;
  };
  return async (token) => sessions.removeByLogin(await verify(token));
}
