import path from 'node:path';
import type { Plugin } from '../config/plugins.ts';
import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import { compileReplacement, type ReplacementSources } from './compile-replacement.ts';
import { encodeTarget } from './encode-target.ts';
import type { ProviderOf } from './provider-of.ts';
import type { Access, Route, RouteEnd } from './route.ts';
import { compileScopes } from './scope-rule.ts';
import { compileTemplate } from './template.ts';

/** What the compilation of a route needs besides the route itself. */
export interface RouteContext extends ReplacementSources {
  /** Replaces `$XSAPPNAME` in scopes. */
  readonly xsappname: string | undefined;
  readonly hostPattern: RegExp | undefined;
  /** DYNAMIC_IDENTITY_PROVIDER: the default for all routes. */
  readonly dynamicIdentityProvider: boolean;
  readonly providerOf: ProviderOf;
  /** Names of the providers among which people choose; none: nobody does. */
  readonly choosable: readonly string[];
}

/** Compiles routes that passed all checks, then plugins (8.6), then the implicit `resources` route (xs-app.md 3.6). */
export function compileRoutes(
  entries: readonly RouteEntry[],
  plugins: readonly Plugin[],
  context: RouteContext,
): readonly Route[] {
  const routes = [
    ...entries.map((entry, index) => compileRoute(entry, `routes/${index}`, context)),
    ...plugins.map(({ name, ...entry }) => compileRoute(entry, `plugin ${name}`, context)),
  ];
  if (!routes.some((route) => route.to.kind === 'local-dir')) routes.push(implicitRoute(context));
  return Object.freeze(routes);
}

function compileRoute(entry: RouteEntry, name: string, context: RouteContext): Route {
  const source = compileSource(entry.source);
  const target = entry.target === undefined ? undefined : encodeTarget(entry.target);
  return Object.freeze({
    name,
    source,
    methods: entry.httpMethods && new Set<string>(entry.httpMethods),
    target,
    template: target === undefined ? undefined : compileTemplate(target, source),
    to: endOf(entry, name, context),
    access: accessOf(entry, context),
    preferLocal: entry.preferLocal ?? false,
    timeout: entry.timeout,
    setBackendSessionCookies: entry.setBackendSessionCookies ?? false,
  });
}

/** The expression of a source; one that is none was reported by the checks, and matches nothing. */
export function compileSource(source: RouteEntry['source']): RegExp {
  try {
    if (typeof source === 'string') return new RegExp(source);
    return new RegExp(source.path, source.matchCase === false ? 'i' : '');
  } catch {
    return /(?!)/;
  }
}

function endOf(entry: RouteEntry, at: string, context: RouteContext): RouteEnd {
  if (entry.localDir !== undefined)
    return {
      kind: 'local-dir',
      root: path.resolve(context.workingDirectory, entry.localDir),
      cacheControl: entry.cacheControl,
      replacement: compileReplacement(entry, at, context),
    };
  const destination = entry.destination;
  if (destination === undefined) return { kind: 'user-api' };
  if (destination === '*' && context.hostPattern) return { kind: 'host-destination', pattern: context.hostPattern };
  if (isDynamic(destination)) return { kind: 'dynamic-destination', template: destination };
  return { kind: 'destination', name: destination };
}

/** Whether a destination's name is made of the request: `$n`, or `*`. */
export function isDynamic(destination: string): boolean {
  return destination === '*' || /\$\d/.test(destination);
}

/** People choose where neither the type of the route nor a name does. */
function choiceOf(entry: RouteEntry, { choosable }: RouteContext): readonly string[] | undefined {
  return isSilent(entry) && choosable.length > 0 ? choosable : undefined;
}

function isSilent({ authenticationType, identityProvider }: RouteEntry): boolean {
  return authenticationType === undefined && identityProvider === undefined;
}

function accessOf(entry: RouteEntry, context: RouteContext): Access {
  const provider = context.providerOf(entry.authenticationType, entry.identityProvider);
  if (entry.authenticationType === 'none' || provider === undefined) return { kind: 'public' };
  return {
    kind: 'login',
    provider,
    accepts: choiceOf(entry, context) ?? [provider],
    hostDecides: isSilent(entry) || (entry.authenticationType === 'basic' && entry.identityProvider === undefined),
    by: entry.authenticationType === 'basic' ? 'basic' : 'redirect',
    // A name of ours chooses among providers; anything else is the provider's to understand.
    identityProvider: provider === entry.identityProvider ? undefined : entry.identityProvider,
    readsSapIdp: entry.dynamicIdentityProvider ?? context.dynamicIdentityProvider,
    csrf: entry.csrfProtection ?? true,
    scopes: compileScopes(entry.scope, context.xsappname),
  };
}

function implicitRoute(context: RouteContext): Route {
  return compileRoute({ source: '^/(.*)$', localDir: 'resources' }, 'implicit route resources', context);
}
