import type { LogoutRequest } from '../accept/logout-request.ts';
import { fewAtOnce } from '../few-at-once.ts';
import type { SessionData } from '../session/session-data.ts';
import type { EndedSession } from '../session/session-store.ts';
import type { RelyingParty } from './relying-party.ts';

/** Why a session is over: somebody logged out, here or at the provider, or its time was over. */
export type EndReason = 'logout' | 'timeout';

/**
 * What is left to do for a session that has ended, by the one instance that ended it; never fails.
 * @param by the request that ended it, if there was one
 */
export type EndLogin = (ended: EndedSession, reason: EndReason, by: LogoutRequest | undefined) => Promise<void>;

export interface EndLoginOptions {
  readonly partyOf: (provider: string) => RelyingParty | undefined;
  readonly logOutBackends: (session: SessionData, by: LogoutRequest | undefined) => Promise<void>;
  /** Forgets what was obtained with a user token. */
  readonly forget: (tokenHash: string) => void;
  /** Tells listeners of the event `logout`. */
  readonly tell: (ended: EndedSession, reason: EndReason) => void;
  readonly warn: (message: string) => void;
}

/** Milliseconds that a logout waits for the provider to take the refresh token back. */
const patience = 2_000;

/**
 * Sessions whose time is over of which backends are told at a time, and that wait for it: who logged in at eight in the morning
 * may be a thousand, and backends have others to serve. One that hangs would make the queue longer for ever.
 */
const timeoutsAtOnce = 20;
const mostWaiting = 5_000;

export function createEndLogin({ partyOf, logOutBackends, forget, tell, warn }: EndLoginOptions): EndLogin {
  const revoke = async ({ login }: SessionData): Promise<void> => {
    if (login?.refreshToken === undefined) return;
    const { provider } = login.user;
    try {
      await partyOf(provider)?.revoke?.(login.refreshToken);
    } catch {
      warn(`the refresh token of a login that has ended could not be revoked at "${provider}"`);
    }
  };
  const inTurn = fewAtOnce(timeoutsAtOnce);
  let waiting = 0;
  let isTold = false;
  const byAndBy = async (data: SessionData): Promise<void> => {
    if (waiting >= mostWaiting) {
      if (!isTold) warn('more sessions end than backends can be told of: they are not told of some whose time is over');
      isTold = true;
      return;
    }
    waiting += 1;
    await inTurn(() => logOutBackends(data, undefined));
    waiting -= 1;
    if (waiting === 0) isTold = false;
  };
  return async (ended, reason, by) => {
    const { data } = ended;
    if (reason === 'logout' || data.login !== undefined) tell(ended, reason);
    // The backends first: what they are shown may depend on tokens that end with the refresh token.
    await (reason === 'timeout' ? byAndBy(data) : logOutBackends(data, by));
    if (data.login !== undefined) forget(data.login.user.tokenHash);
    // A time-out takes nothing back: a provider may end, with the refresh token, every login of the same consent (RFC 7009
    // 2.1), and so a session that the user has begun meanwhile in another tab.
    if (reason === 'logout') await Promise.race([revoke(data), after(patience)]);
  };
}

function after(milliseconds: number): Promise<void> {
  return new Promise((go) => setTimeout(go, milliseconds).unref());
}
