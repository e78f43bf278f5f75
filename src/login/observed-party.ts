import { currentWay } from '../observe/way.ts';
import type { RelyingParty, Tokens } from './relying-party.ts';

/** Logs in and renews as `party` does, and tells who listens of each call to the provider. */
export function observedParty(provider: string, party: RelyingParty): RelyingParty {
  const observed = async (purpose: 'login' | 'renewal', work: () => Promise<Tokens>): Promise<Tokens> => {
    const step = currentWay()?.begin('provider', { provider, purpose });
    try {
      const tokens = await work();
      step?.end({ expiresAt: tokens.expiresAt, claims: () => tokens.user.claims });
      return tokens;
    } catch (cause) {
      step?.fail(cause);
      throw cause;
    }
  };
  return {
    ...party,
    redeem: (callback, pending) => observed('login', () => party.redeem(callback, pending)),
    refresh: (earlier) => observed('renewal', () => party.refresh(earlier)),
    logInWithPassword: (user, password) => observed('login', () => party.logInWithPassword(user, password)),
  };
}
