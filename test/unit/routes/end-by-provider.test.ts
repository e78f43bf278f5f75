import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { endByProvider } from '../../../routes/end-by-provider.ts';
import { userOf } from '../../../src/login/user-of.ts';
import { arrivalOf } from '../../support/arrival-of.ts';

test('a user with a thousand sessions: all are audited and seen to, some at a time (T-28)', async () => {
  const user = userOf('oidc', 'token', { sub: 'ada' }, []);
  const login = { user, sid: 's', idToken: undefined, refreshToken: 'r', obtainedAt: 0, expiresAt: 0 };
  const ended = Array.from({ length: 1_000 }, (_, n) => ({ id: `${n}`, data: { createdAt: 0, login } }));
  let [underWay, most, audited] = [0, 0, 0];
  const seen: string[] = [];
  const house = {
    audit: () => void audited++,
    async endLogin({ id }: { readonly id: string }) {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((others) => setImmediate(others));
      underWay -= 1;
      seen.push(id);
    },
  };
  await endByProvider(house, ended, { arrival: arrivalOf() } as IncomingMessage);
  expect(audited).toBe(1_000);
  expect(new Set(seen).size).toBe(1_000);
  expect(most).toBeLessThanOrEqual(100);
});
