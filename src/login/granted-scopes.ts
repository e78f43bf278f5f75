import type { Claims } from '../authorization/principal.ts';
import type { ScopesOfClaims } from '../config/scopes-of-claims.ts';

/**
 * Scopes that a user has by the values of other claims, mostly groups. Values count as a whole and letter by letter: a
 * group may have blanks in its name.
 * @param claims of verified tokens
 */
export function grantedScopes(byClaim: ScopesOfClaims | undefined, claims: Claims): readonly string[] {
  return Object.entries(byClaim ?? {}).flatMap(([claim, byValue]) => {
    const values: readonly unknown[] = Object.hasOwn(claims, claim) ? [claims[claim]].flat() : [];
    return values.flatMap((value) =>
      typeof value === 'string' && Object.hasOwn(byValue, value) ? (byValue[value] ?? []) : [],
    );
  });
}
