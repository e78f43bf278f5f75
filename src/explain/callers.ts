import type { Claims, Principal, User } from '../authorization/principal.ts';
import type { IdentityProvider } from '../config/identity-provider.ts';
import { grantedScopes } from '../login/granted-scopes.ts';
import { userOf, wordsOf } from '../login/user-of.ts';
import type { Access } from '../routing/route.ts';

/** What many claims of a user are called, so that flows that need one have one. */
const standIn: Claims = {
  sub: 'stand-in',
  user_id: 'stand-in',
  user_name: 'stand-in',
  email: 'stand-in@example.com',
  preferred_username: 'stand-in',
  given_name: 'Stand',
  family_name: 'In',
};

/** A user whose claims are given, or one who stands for anybody who may use the route. The token is nobody's. */
export function callerOf(
  access: Access,
  claims: Claims | undefined,
  method: string,
  providers: readonly IdentityProvider[],
): Principal {
  const provider = access.kind === 'login' ? (access.accepts[0] ?? access.provider) : 'none';
  const scopes =
    claims === undefined
      ? neededScopes(access, method).slice(0, 1)
      : [...scopesIn(claims), ...grantedScopes(scopesOfClaims(providers, provider), claims)];
  return userWith(provider, claims ?? standIn, scopes);
}

function scopesIn(claims: Claims): readonly string[] {
  return [...wordsOf(claims['scope']), ...wordsOf(claims['scp']), ...wordsOf(claims['roles'])];
}

function scopesOfClaims(providers: readonly IdentityProvider[], name: string) {
  const provider = providers.find((one) => one.name === name);
  return provider === undefined || provider.kind === 'xsuaa' ? undefined : provider.scopesOfClaims;
}

export function userWith(provider: string, claims: Claims, scopes: readonly string[]): User {
  return userOf(provider, unsignedToken(claims), claims, scopes);
}

/** Looks like a token and is none: its signature is missing. */
export function unsignedToken(claims: Claims): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.unsigned`;
}

/** Scopes of which the caller needs one; none: any user will do. */
export function neededScopes(access: Access, method: string): readonly string[] {
  if (access.kind === 'public' || access.scopes.kind === 'any-user') return [];
  return access.scopes.byMethod.get(method) ?? access.scopes.otherwise ?? [];
}
