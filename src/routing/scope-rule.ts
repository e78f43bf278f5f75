/** Scopes a route asks for, by method. A method without an entry uses `otherwise`; none of it there: nobody passes. */
export type ScopeRule =
  | { readonly kind: 'any-user' }
  | {
      readonly kind: 'one-of';
      readonly byMethod: ReadonlyMap<string, readonly string[]>;
      readonly otherwise: readonly string[] | undefined;
    };

export type ScopeEntry = string | readonly string[] | Readonly<Record<string, string | readonly string[] | undefined>>;

const anyUser: ScopeRule = Object.freeze({ kind: 'any-user' });

/**
 * Compiles `scope` of a route (xs-app.md 3.8).
 * @param xsappname replaces `$XSAPPNAME`; undefined leaves the text, which then no token carries.
 */
export function compileScopes(entry: ScopeEntry | undefined, xsappname: string | undefined): ScopeRule {
  if (entry === undefined) return anyUser;
  const named = (scopes: string | readonly string[]) =>
    [scopes].flat().map((scope) => (xsappname === undefined ? scope : scope.replaceAll('$XSAPPNAME', xsappname)));
  if (typeof entry === 'string' || Array.isArray(entry)) {
    return Object.freeze({ kind: 'one-of', byMethod: new Map(), otherwise: named(entry as string | string[]) });
  }
  const byMethod = new Map<string, readonly string[]>();
  for (const [method, scopes] of Object.entries(entry)) if (scopes !== undefined) byMethod.set(method, named(scopes));
  const otherwise = byMethod.get('default');
  byMethod.delete('default');
  return Object.freeze({ kind: 'one-of', byMethod, otherwise });
}
