import { createHash } from 'node:crypto';
import type { User } from '../authorization/principal.ts';
import { type FlowInput, noInput } from './flow-input.ts';

/**
 * The cache key of a token: everything that goes into its request (T-40), so that no two requests that differ in anything
 * share one.
 * @param lineage the destination, and those whose tokens it needs
 */
export function tokenKey(lineage: string, user: User | undefined, input: FlowInput): string {
  const brought = input === noInput ? '' : ` #${digest(input)}`;
  return `${lineage}${brought}${user === undefined ? '' : ` ${user.tokenHash}`}`;
}

function digest(input: FlowInput): string {
  const members = Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = members.map(([name, value]) => [
    name,
    typeof value === 'string' ? value : Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  return createHash('sha256').update(JSON.stringify(canonical)).digest('base64url');
}
