import type { Binding } from '../../src/config/binding.ts';
import type { RouteEntry } from '../../src/config/xs-app/route-schema.ts';
import { Problems } from '../../src/errors/config-error.ts';
import { compileRoutes } from '../../src/routing/compile-route.ts';
import type { ProviderOf } from '../../src/routing/provider-of.ts';
import type { Route } from '../../src/routing/route.ts';

export interface Compiling {
  readonly hostPattern?: RegExp;
  readonly xsappname?: string;
  readonly dynamicIdentityProvider?: boolean;
  readonly providerOf?: ProviderOf;
  readonly plugins?: Parameters<typeof compileRoutes>[1];
  readonly workingDirectory?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly bindings?: readonly Binding[];
  readonly problems?: Problems;
}

const xsuaaUnlessPublic: ProviderOf = (type) => (type === 'none' ? undefined : 'xsuaa');

/** Routes as xs-app.json writes them, compiled; every one that is not public needs a login at `xsuaa`. */
export function compiledRoutes(entries: readonly RouteEntry[], compiling: Compiling = {}): readonly Route[] {
  const { variables = {}, plugins = [] } = compiling;
  return compileRoutes(entries, plugins, {
    workingDirectory: compiling.workingDirectory ?? '/harbour',
    xsappname: compiling.xsappname ?? 'harbour!t7',
    hostPattern: compiling.hostPattern,
    dynamicIdentityProvider: compiling.dynamicIdentityProvider ?? false,
    providerOf: compiling.providerOf ?? xsuaaUnlessPublic,
    choosable: [],
    environment: { get: (name) => variables[name] },
    bindings: compiling.bindings ?? [],
    problems: compiling.problems ?? new Problems(),
  });
}

/** One route, compiled. */
export function compiledRoute(entry: RouteEntry, compiling: Compiling = {}): Route {
  return compiledRoutes([entry], compiling)[0] as Route;
}
