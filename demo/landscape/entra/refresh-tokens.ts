import { randomBytes } from 'node:crypto';
import { EntraError } from './errors.ts';

/** What a refresh token of On-Behalf-Of stands for. Those of a sign-in belong to the OpenID Provider. */
export interface RefreshGrant {
  readonly clientId: string;
  readonly oid: string;
  readonly scope: string;
}

export interface RefreshTokens {
  issue(grant: RefreshGrant): string;
  /** undefined: not one of these. @throws EntraError 50173 spent or revoked, 70000 another client's */
  find(token: string, clientId: string): RefreshGrant | undefined;
  /** Each token can be redeemed once. Entra itself would tolerate a second use; the demo is the stricter of the two. */
  spend(token: string): void;
  revoke(oid: string): void;
}

export function makeRefreshTokens(): RefreshTokens {
  const live = new Map<string, RefreshGrant>();
  const spent = new Set<string>();
  const spend = (token: string) => {
    live.delete(token);
    spent.add(token);
  };
  return Object.freeze({
    issue: (grant: RefreshGrant) => {
      const token = `1.${randomBytes(48).toString('base64url')}`;
      live.set(token, grant);
      return token;
    },
    find: (token: string, clientId: string) => {
      if (spent.has(token)) throw new EntraError(50173);
      const grant = live.get(token);
      if (grant && grant.clientId !== clientId) throw new EntraError(70000);
      return grant;
    },
    spend,
    revoke: (oid: string) => {
      for (const [token, grant] of live) if (grant.oid === oid) spend(token);
    },
  });
}
