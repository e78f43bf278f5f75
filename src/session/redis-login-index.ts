import { loginKeys, selectorKeys } from './redis-keys.ts';
import { indexScript, membersScript, type RunScript, unindexScript } from './redis-scripts.ts';
import type { Login } from './session-data.ts';
import type { LoginSelector } from './session-store.ts';

/** Sessions by login: what a provider's logout names is found again. */
export interface LoginIndex {
  /** @param life milliseconds that the session may live at most */
  add(id: string, login: Login, life: number): Promise<unknown>;
  drop(id: string, login: Login): Promise<unknown>;
  /** Ids of sessions that may be meant. */
  find(selector: LoginSelector): Promise<string[]>;
}

/** For an endless session: 30 days, then it is found no more. */
const longest = 2_592_000_000;

/** Sorted sets by end in Redis, so that they hold no more than the sessions of the last longest life. */
export function createLoginIndex(run: RunScript): LoginIndex {
  return {
    add(id, login, life) {
      const now = Date.now();
      const end = String(now + Math.min(life, longest));
      return Promise.all(loginKeys(login).map((key) => run(indexScript, key, String(now), end, id)));
    },
    drop: (id, login) => Promise.allSettled(loginKeys(login).map((key) => run(unindexScript, key, id))),
    async find(selector) {
      const found = await Promise.all(selectorKeys(selector).map((key) => run(membersScript, key)));
      return [...new Set((found as string[][]).flat())];
    },
  };
}
