import { AppError } from '../../src/errors/app-error.ts';
import type { RelyingParty, Tokens } from '../../src/login/relying-party.ts';
import { userOf } from '../../src/login/user-of.ts';

/** Who comes back from the fake provider, by the code that the test puts into the callback. */
export interface FakeUser {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly scopes?: readonly string[];
  /** Milliseconds from now. Default: an hour. */
  readonly lifetime?: number;
  readonly refreshToken?: string;
}

/** An identity provider without a network: a code is the name of a user. */
export interface FakeParty extends RelyingParty {
  readonly users: Map<string, FakeUser>;
  readonly refreshed: string[];
  /** Passwords by user name. */
  readonly passwords: Map<string, string>;
}

export const loginOrigin = 'https://login.example';

export function fakeParty(provider: string, users: Readonly<Record<string, FakeUser>> = {}): FakeParty {
  const known = new Map(Object.entries(users));
  const refreshed: string[] = [];
  const passwords = new Map<string, string>();
  const refused = () => new AppError({ code: 'ERR_LOGIN_FAILED', status: 401 });
  const tokens = (name: string, { claims, scopes = [], lifetime = 3_600_000, refreshToken }: FakeUser): Tokens => ({
    user: userOf(provider, `token of ${name} ${refreshed.length}`, claims ?? { sub: name }, scopes),
    idToken: `id_token of ${name}`,
    refreshToken,
    sid: undefined,
    expiresAt: Date.now() + lifetime,
  });
  return {
    users: known,
    refreshed,
    passwords,
    async authorizationUrl(pending, { identityProvider, claims }) {
      const url = new URL('/authorize', loginOrigin);
      url.searchParams.set('state', pending.state);
      url.searchParams.set('redirect_uri', pending.redirectUri);
      if (identityProvider !== undefined) url.searchParams.set('idp', identityProvider);
      if (claims !== undefined) url.searchParams.set('claims', claims);
      return url;
    },
    async redeem(callback) {
      const name = callback.get('code') ?? '';
      const user = known.get(name);
      if (user === undefined) throw refused();
      return tokens(name, user);
    },
    async refresh({ refreshToken }) {
      refreshed.push(refreshToken);
      const user = known.get(refreshToken);
      if (user === undefined) throw refused();
      return tokens(refreshToken, user);
    },
    async verifyToken(token) {
      const user = known.get(token);
      if (user === undefined) throw refused();
      return tokens(token, user).user;
    },
    async logInWithPassword(name, password) {
      const user = known.get(name);
      if (user === undefined || passwords.get(name) !== password) throw refused();
      return tokens(name, user);
    },
    async verifyLogoutToken(token) {
      if (!known.has(token)) throw new AppError({ code: 'ERR_BAD_REQUEST', status: 400 });
      return { sid: undefined, subject: token };
    },
    async endSessionUrl({ returnTo }) {
      const url = new URL('/logout', loginOrigin);
      if (returnTo !== undefined) url.searchParams.set('return_to', returnTo.href);
      return url;
    },
  };
}
