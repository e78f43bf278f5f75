import type { User } from '../authorization/principal.ts';
import { userOf } from '../login/user-of.ts';
import type { Caller } from './service-token.ts';

/** Which user each of the service's own tokens stands for. */
export interface RememberedUsers {
  remember(id: string, user: User): void;
  /** Undefined when the token is the client's own. */
  userOf(caller: Caller): User | undefined;
}

const capacity = 10_000;

/**
 * A user token that was exchanged for one of ours is what token services of destinations know, and ours is not: the
 * former is handed on. In memory only: after a restart clients exchange again, or the flow says that it cannot go on.
 */
export function rememberUsers(): RememberedUsers {
  const users = new Map<string, User>();
  return {
    remember(id, user) {
      users.set(id, user);
      const [oldest] = users.keys();
      if (users.size > capacity && oldest !== undefined) users.delete(oldest);
    },
    userOf({ user, claims, token }) {
      if (!user) return undefined;
      return users.get(String(claims['jti'])) ?? userOf('destination-service', token, claims, []);
    },
  };
}
