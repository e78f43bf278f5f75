import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Arrival } from '../../../src/accept/arrival.ts';
import type { IdentityProvider } from '../../../src/config/identity-provider.ts';
import { AppError } from '../../../src/errors/app-error.ts';
import { createLogins, type Logins } from '../../../src/login/logins.ts';
import { arrivalOf } from '../../support/arrival-of.ts';
import { fakeParty } from '../../support/fake-party.ts';
import { refusalOf, statusOf } from '../../support/refusal.ts';

const key = randomBytes(32);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function loginsOf(withKey = key, kind: IdentityProvider['kind'] = 'oidc'): Logins {
  const provider = { kind, name: 'oidc' } as IdentityProvider;
  const parties = new Map([['oidc', { provider, party: fakeParty('oidc', { ada: {} }) }]]);
  return createLogins({ parties, keys: [withKey], callbackPath: '/login/callback', validity: 60 });
}

const wish = { provider: 'oidc', url: '/quay/7?full=1' };
const begin = (logins: Logins, told: Partial<Arrival> = {}) => logins.begin(arrivalOf(told), wish);
const cookieOf = ({ cookie }: Awaited<ReturnType<Logins['begin']>>) => `${cookie.name}=${cookie.value}`;
const query = (parameters: Record<string, string>) => new URLSearchParams(parameters);

describe('a login begun', () => {
  test('sends the browser to the provider, and remembers where it wanted to go', async () => {
    const { authorizationUrl, pending } = await begin(loginsOf());
    expect(authorizationUrl.searchParams.get('state')).toBe(pending.state);
    expect(pending).toMatchObject({ provider: 'oidc', returnUrl: '/quay/7?full=1' });
  });

  test('comes back to the host that the client sees', async () => {
    const { pending } = await begin(loginsOf(), { scheme: 'http', host: 'localhost:5000' });
    expect(pending.redirectUri).toBe('http://localhost:5000/login/callback');
  });

  test('at IAS comes back as approuters are registered there (xs-app.md 10.6)', async () => {
    const { pending } = await begin(loginsOf(key, 'ias'), { scheme: 'http', host: 'localhost:5000' });
    expect(pending.redirectUri).toBe('http://localhost:5000/login/callback?authType=ias');
  });

  test('the cookie outlives it, so that "too late" can be told from "not begun here"', async () => {
    expect((await begin(loginsOf())).cookie.maxAge).toBe(60_000 + 3_600_000);
  });

  test.each(['//evil.example/', '/\\evil.example', 'https://evil.example/', ''])(
    'never goes back to %j (T-50)',
    async (url) => {
      expect((await loginsOf().begin(arrivalOf(), { ...wish, url })).pending.returnUrl).toBe('/');
    },
  );

  test('at a provider that is not there: 400', async () => {
    const failure = await loginsOf()
      .begin(arrivalOf(), { ...wish, provider: '__proto__' })
      .catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ status: 400, code: 'ERR_LOGIN_FAILED' });
  });
});

describe('a callback finds the attempt it belongs to', () => {
  test('among those of other tabs', async () => {
    const logins = loginsOf();
    const begun = await Promise.all([begin(logins), begin(logins), begin(logins)]);
    const cookies = `a=1; ${begun.map(cookieOf).join('; ')}`;
    for (const { pending } of begun)
      expect(logins.reopen(query({ code: 'x', state: pending.state }), cookies)).toEqual(pending);
  });

  test('at any instance that has the key', async () => {
    const { pending, ...begun } = await begin(loginsOf());
    expect(loginsOf().reopen(query({ code: 'x', state: pending.state }), cookieOf({ pending, ...begun }))).toEqual(
      pending,
    );
  });

  test('and redeems its code', async () => {
    const logins = loginsOf();
    const begun = await begin(logins);
    const callback = query({ code: 'ada', state: begun.pending.state });
    expect(await logins.redeem(callback, begun.pending)).toMatchObject({ user: { claims: { sub: 'ada' } } });
  });
});

describe('a login that fails at the provider', () => {
  test('can be begun again, to the same page', async () => {
    const logins = loginsOf();
    const begun = await begin(logins);
    const failing = logins.redeem(query({ code: 'nobody', state: begun.pending.state }), begun.pending);
    const { members } = await failing.then(
      () => expect.unreachable(),
      (cause: AppError) => cause,
    );
    const again = new URL(String(members['loginUrl']), 'http://house');
    expect(again.pathname).toBe('/-/login');
    expect(Object.fromEntries(again.searchParams)).toEqual({ return_to: wish.url, provider: 'oidc' });
  });
});

describe('a callback that was not begun in this browser is refused with 400 (T-30, T-31)', () => {
  test('every way to get it wrong', async () => {
    const logins = loginsOf();
    const mine = await begin(logins);
    const attackers = await begin(logins);
    const { state } = mine.pending;
    const cookie = cookieOf(mine);
    const other = cookieOf(attackers);
    const cases: [string, URLSearchParams, string | undefined][] = [
      ['nothing at all', query({}), cookie],
      ['no state', query({ code: 'x' }), cookie],
      ['an empty state', query({ code: 'x', state: '' }), cookie],
      ['no cookie', query({ code: 'x', state }), undefined],
      ['an empty cookie', query({ code: 'x', state }), `${mine.cookie.name}=`],
      ['the attacker’s state in my browser', query({ code: 'x', state: attackers.pending.state }), cookie],
      ['my state in the attacker’s browser', query({ code: 'x', state }), other],
      [
        'the attacker’s cookie under my name',
        query({ code: 'x', state }),
        `${mine.cookie.name}=${attackers.cookie.value}`,
      ],
      ['another state of the same attempt', query({ code: 'x', state: state.slice(0, 9) + 'A'.repeat(43) }), cookie],
      ['the state in another case', query({ code: 'x', state: state.toLowerCase() }), cookie],
      ['the state as an array', new URLSearchParams(`code=x&state[]=${state}`), cookie],
      ['the state twice', new URLSearchParams(`code=x&state=${state}&state=${state}`), cookie],
      ['the code twice', new URLSearchParams(`code=x&code=y&state=${state}`), cookie],
      ['two errors', new URLSearchParams(`error=a&error=b&state=${state}`), cookie],
      ['two issuers', new URLSearchParams(`iss=a&iss=b&code=x&state=${state}`), cookie],
    ];
    for (const [story, callback, cookies] of cases)
      expect
        .soft(
          statusOf(() => logins.reopen(callback, cookies)),
          story,
        )
        .toBe(400);
  });

  test('an attempt sealed by another house', async () => {
    const begun = await begin(loginsOf(randomBytes(32)));
    expect(statusOf(() => loginsOf().reopen(query({ code: 'x', state: begun.pending.state }), cookieOf(begun)))).toBe(
      400,
    );
  });
});

describe('a login that took too long is 401, with a way to begin again (xs-app.md 6.3)', () => {
  test.each([
    [60_000, undefined],
    [60_001, 401],
    [3_600_000, 401],
  ])('after %i ms: %s', async (time, status) => {
    const logins = loginsOf();
    const begun = await begin(logins);
    vi.advanceTimersByTime(time);
    const callback = query({ code: 'x', state: begun.pending.state });
    expect(statusOf(() => logins.reopen(callback, cookieOf(begun)))).toBe(status);
  });

  test('and says so', async () => {
    const logins = loginsOf();
    const begun = await begin(logins);
    vi.advanceTimersByTime(61_000);
    const refusal = refusalOf(() => logins.reopen(query({ state: begun.pending.state }), cookieOf(begun)));
    expect(refusal).toMatchObject({ detail: 'The login took too long.', hint: expect.stringMatching(/^Begin again/) });
  });
});
