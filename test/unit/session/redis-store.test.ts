import { expect, test } from 'vitest';
import type { RedisCommands } from '../../../src/session/redis-commands.ts';
import { membersScript, readScript } from '../../../src/session/redis-scripts.ts';
import { RedisStore } from '../../../src/session/redis-store.ts';
import { atEnd } from '../../support/at-end.ts';

test("a logout of thousands of sessions leaves others' questions their turn at Redis (T-28)", async () => {
  const ids = Array.from({ length: 2_000 }, (_, n) => `session ${n}`);
  let [underWay, most, asked] = [0, 0, 0];
  const redis: RedisCommands = {
    async eval(script) {
      if (script === membersScript) return ids;
      expect(script).toBe(readScript);
      underWay += 1;
      asked += 1;
      most = Math.max(most, underWay);
      await new Promise((answered) => setImmediate(answered));
      underWay -= 1;
      return [-400_000];
    },
    publish: async () => 0,
    subscribe() {},
    isReady: true,
    close: async () => {},
  };
  const store = new RedisStore({ redis, keys: [Buffer.alloc(32, 7)], idleTime: 60_000, longestLife: 600_000 });
  atEnd(() => store.close());
  await store.removeByLogin({ provider: 'oidc', sid: undefined, subject: 'ada' });
  expect(asked).toBe(2_000);
  expect(most).toBeLessThanOrEqual(100);
});
