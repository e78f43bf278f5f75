import type { ScopeRule } from '../routing/scope-rule.ts';

/** Whether a user with these scopes may use this method. */
export function allows(rule: ScopeRule, method: string, scopes: readonly string[]): boolean {
  if (rule.kind === 'any-user') return true;
  const needed = rule.byMethod.get(method) ?? rule.otherwise;
  return needed?.some((scope) => scopes.includes(scope)) ?? false;
}
