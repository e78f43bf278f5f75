import type { ClaimRow } from './entry.ts';
import { shownValue } from './shown-value.ts';

type Claims = Readonly<Record<string, unknown>>;

/** What decides whether a token is taken, in the order in which one asks (RFC 7519 4.1, RFC 9068, and its dialects). */
const deciding = [
  ...['iss', 'sub', 'aud', 'azp', 'appid', 'cid', 'client_id', 'scp', 'scope', 'roles', 'exp', 'nbf', 'iat'],
  ...['oid', 'tid', 'zid', 'user_name', 'upn', 'preferred_username', 'email', 'groups', 'act', 'cnf', 'idtyp', 'ver'],
];
const order = new Map(deciding.map((name, place) => [name, place]));

/**
 * Two tokens' claims, side by side: first what decides, in its order, then the rest by name.
 * @param before undefined: there was none; then nothing counts as changed
 */
export function compareClaims(before: Claims | undefined, after: Claims | undefined): readonly ClaimRow[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const both = before !== undefined && after !== undefined;
  return names.sort(byWeight).map((name) => {
    const [was, is] = [claimOf(before, name), claimOf(after, name)];
    return {
      name,
      before: was === undefined ? null : shownValue(name, was),
      after: is === undefined ? null : shownValue(name, is),
      change: both ? changeOf(was, is) : 'same',
      matters: order.has(name),
    };
  });
}

function claimOf(claims: Claims | undefined, name: string): unknown {
  return claims !== undefined && Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** By the values themselves: what is cut when shown may differ all the same. */
function changeOf(was: unknown, is: unknown): ClaimRow['change'] {
  if (was === undefined) return 'added';
  if (is === undefined) return 'removed';
  return JSON.stringify(was) === JSON.stringify(is) ? 'same' : 'changed';
}

function byWeight(one: string, other: string): number {
  const last = deciding.length;
  return (order.get(one) ?? last) - (order.get(other) ?? last) || (one < other ? -1 : 1);
}
