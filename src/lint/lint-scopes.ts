import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { IdentityProvider } from '../config/identity-provider.ts';
import { nearest } from '../config/nearest.ts';
import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Finding } from './finding.ts';
import type { Linted } from './linted.ts';

/** One scope in one place. */
interface Use {
  readonly scope: string;
  readonly at: string;
}

/**
 * Scopes that nobody can have: not declared in xs-security.json (of the working directory, or the folder above it, where
 * projects of several modules have it); without that file, those that look like a misspelling of another one.
 */
export function lintScopes({ routes, config, loginIsOn }: Linted): readonly Finding[] {
  if (!loginIsOn) return [];
  const uses = routes.flatMap(({ entry, at }) => (entry.authenticationType === 'none' ? [] : usesIn(entry, at)));
  const xsuaa = config.providers.find((provider) => provider.kind === 'xsuaa');
  const replaced = (scope: string) =>
    xsuaa && scope.startsWith(`${xsuaa.xsappname}.`) ? `$XSAPPNAME${scope.slice(xsuaa.xsappname.length)}` : scope;
  const declared = declaredScopes(config.workingDirectory);
  const wrong = declared === undefined ? misspelt(uses) : undeclared(uses, declared, replaced);
  const granted = new Set(config.providers.flatMap(grantable));
  const unbound =
    config.providersConfigured && xsuaa === undefined
      ? uses.filter(({ scope }) => scope.includes('$XSAPPNAME') && !granted.has(scope))
      : [];
  return [...wrong, ...unbound.map(withoutXsuaa)];
}

/** Scopes that a provider's users may have by other claims. */
function grantable(provider: IdentityProvider): readonly string[] {
  if (provider.kind === 'xsuaa') return [];
  return Object.values(provider.scopesOfClaims ?? {}).flatMap((byValue) => Object.values(byValue).flat());
}

function withoutXsuaa({ scope, at }: Use): Finding {
  const message = `no token holds "${scope}": $XSAPPNAME is replaced by the xsappname of a bound XSUAA, and none is bound; write the scope as the provider issues it, or let a group stand for it (OIDC_SCOPES_OF_CLAIMS)`;
  return { rule: 'scope-without-xsuaa', level: 'warning', at, message };
}

function usesIn({ scope }: RouteEntry, at: string): readonly Use[] {
  if (scope === undefined) return [];
  const listed = (one: string | readonly string[], place: string): Use[] =>
    typeof one === 'string'
      ? [{ scope: one, at: place }]
      : one.map((each, i) => ({ scope: each, at: `${place}/${i}` }));
  if (typeof scope === 'string' || Array.isArray(scope)) return listed(scope, `${at}/scope`);
  return Object.entries(scope).flatMap(([method, one]) =>
    one === undefined ? [] : listed(one, `${at}/scope/${method}`),
  );
}

/** Scopes of other applications are declared there. */
function undeclared(uses: readonly Use[], declared: readonly string[], replaced: (scope: string) => string): Finding[] {
  return uses.flatMap(({ scope, at }): Finding[] => {
    const name = replaced(scope);
    if (declared.includes(name)) return [];
    const own = name.startsWith('$XSAPPNAME.');
    const guess = declared.find((one) => bare(one) === bare(name)) ?? nearName(name, declared);
    if (!own && guess === undefined) return [];
    const cure = guess === undefined ? 'declare it there' : `did you mean "${guess}"?`;
    return [unknown(at, `"${scope}" is not declared in xs-security.json; ${cure}`)];
  });
}

/** The prefix is the same in all, and says nothing. */
function nearName(name: string, declared: readonly string[]): string | undefined {
  const near = nearest(last(name), declared.map(last));
  return declared.find((one) => last(one) === near);
}

/** A scope that is used once and differs by one slip from another one. */
function misspelt(uses: readonly Use[]): Finding[] {
  const names = [...new Set(uses.map(({ scope }) => scope))];
  const count = (scope: string) => uses.filter((use) => use.scope === scope).length;
  return uses.flatMap(({ scope, at }, index): Finding[] => {
    if (count(scope) > 1) return [];
    const other = names.find((name) => name !== scope && isSlip(scope, name));
    if (other === undefined) return [];
    // Of two that are used once each, the later one is told.
    const first = uses.findIndex((use) => use.scope === other);
    if (count(other) === 1 && index < first) return [];
    return [unknown(at, `"${scope}" is used here only; did you mean "${other}"?`)];
  });
}

function unknown(at: string, message: string): Finding {
  return { rule: 'unknown-scope', level: 'warning', at, message };
}

/** The same but for case and punctuation, or one letter more, less, changed or swapped; never a digit: Level1 and Level2 are two. */
function isSlip(one: string, other: string): boolean {
  if (bare(one) === bare(other)) return true;
  if (/\d/.test(last(one) + last(other)) || last(one).length < 4) return false;
  const [a, b] = [last(one).toLowerCase(), last(other).toLowerCase()];
  if (one.slice(0, -a.length).toLowerCase() !== other.slice(0, -b.length).toLowerCase()) return false;
  return (
    Math.abs(a.length - b.length) <= 1 &&
    nearest(a.slice(0, 5), [b.slice(0, 5)]) !== undefined &&
    nearest(a, [b]) !== undefined
  );
}

/** What stands behind the last dot. */
function last(scope: string): string {
  return scope.slice(scope.lastIndexOf('.') + 1);
}

function bare(scope: string): string {
  return scope
    .replace(/^\$XSAPPNAME\./i, '')
    .replace(/[^a-z0-9]/gi, '')
    .toLowerCase();
}

/** @returns undefined where there is no such file, or none that can be read */
function declaredScopes(workingDirectory: string): readonly string[] | undefined {
  for (const folder of [workingDirectory, path.dirname(workingDirectory)]) {
    try {
      const { scopes = [] } = JSON.parse(readFileSync(path.join(folder, 'xs-security.json'), 'utf8')) as Security;
      return scopes.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
    } catch {
      // not here
    }
  }
  return undefined;
}

interface Security {
  readonly scopes?: readonly { readonly name?: unknown }[];
}
