import session from 'express-session';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { createEndByLogoutToken } from '../../../src/login/end-by-logout-token.ts';
import type { RelyingParty } from '../../../src/login/relying-party.ts';
import { userOf } from '../../../src/login/user-of.ts';
import type { LogoutSubject } from '../../../src/login/verify-logout-token.ts';
import { MemoryStore } from '../../../src/session/memory-store.ts';
import type { Login, SessionData } from '../../../src/session/session-data.ts';

function sessionOf(provider: string, sub: string | undefined, sid: string | undefined): SessionData {
  const user = userOf(provider, `${provider} ${sub} ${sid}`, sub === undefined ? {} : { sub }, []);
  const login: Login = { user, sid, idToken: undefined, refreshToken: undefined, obtainedAt: 0, expiresAt: 0 };
  return { createdAt: Date.now(), login };
}

const sessions = {
  ada1: sessionOf('one', 'ada', 'sid-1'),
  ada2: sessionOf('one', 'ada', 'sid-2'),
  bob: sessionOf('one', 'bob', 'sid-3'),
  adaElsewhere: sessionOf('two', 'ada', 'sid-1'),
  nameless: sessionOf('one', undefined, undefined),
  anonymous: { createdAt: Date.now(), csrfToken: 'x' } as SessionData,
};

/** Names of the sessions that end when provider `one` says so; provider `two` knows no logout tokens. */
async function ended(subject: LogoutSubject | Error): Promise<string[]> {
  const one = {
    async verifyLogoutToken() {
      if (subject instanceof Error) throw subject;
      return subject;
    },
  } as unknown as RelyingParty;
  const parties = new Map([
    ['two', { party: {} as RelyingParty }],
    ['one', { party: one }],
  ]);
  const store = new MemoryStore(60_000);
  for (const [name, house] of Object.entries(sessions))
    store.set(name, { cookie: new session.Cookie(), house } as session.SessionData);
  const told = await createEndByLogoutToken(parties, store)('token').finally(() => store.close());
  const gone = Object.keys(sessions).filter((name) => store.read(name) === undefined);
  expect(told).toHaveLength(gone.length);
  return gone;
}

describe('a logout token ends the sessions it names, and no others', () => {
  test('one session by its sid', async () => {
    expect(await ended({ sid: 'sid-1', subject: 'ada' })).toEqual(['ada1']);
  });

  test('all of a user where it names no session', async () => {
    expect(await ended({ sid: undefined, subject: 'ada' })).toEqual(['ada1', 'ada2']);
  });

  test('nobody’s where it names nobody', async () => {
    expect(await ended({ sid: undefined, subject: undefined })).toEqual([]);
  });

  test('what nobody has: nothing ends', async () => {
    expect(await ended({ sid: 'sid-9', subject: 'ada' })).toEqual([]);
  });

  test('a token that no provider made is refused with 400', async () => {
    await expect(ended(new AppError({ code: 'ERR_BAD_REQUEST', status: 400 }))).rejects.toMatchObject({ status: 400 });
  });
});
