import path from 'node:path';
import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Access, Route, RouteEnd } from './route.ts';
import { compileScopes } from './scope-rule.ts';

/** What the compilation of a route needs besides the route itself. */
export interface RouteContext {
  readonly workingDirectory: string;
  /** Replaces `$XSAPPNAME` in scopes. */
  readonly xsappname: string | undefined;
  readonly hostPattern: RegExp | undefined;
  /** Provider that an authenticationType names; undefined: no login anywhere (authenticationMethod none). */
  readonly providerOf: (
    type: RouteEntry['authenticationType'],
    identityProvider: string | undefined,
  ) => string | undefined;
}

/** Compiles routes that passed all checks; appends the implicit `resources` route (xs-app.md 3.6). */
export function compileRoutes(entries: readonly RouteEntry[], context: RouteContext): readonly Route[] {
  const routes = entries.map((entry, index) => compileRoute(entry, `routes/${index}`, context));
  if (!routes.some((route) => route.to.kind === 'local-dir')) routes.push(implicitRoute(context));
  return Object.freeze(routes);
}

function compileRoute(entry: RouteEntry, name: string, context: RouteContext): Route {
  return Object.freeze({
    name,
    source: compileSource(entry.source),
    methods: entry.httpMethods && new Set<string>(entry.httpMethods),
    target: entry.target,
    to: endOf(entry, context),
    access: accessOf(entry, context),
    setBackendSessionCookies: entry.setBackendSessionCookies ?? false,
  });
}

/** @throws SyntaxError when it is no regular expression; configuration is checked before anything is compiled */
export function compileSource(source: RouteEntry['source']): RegExp {
  if (typeof source === 'string') return new RegExp(source);
  return new RegExp(source.path, source.matchCase === false ? 'i' : '');
}

function endOf(entry: RouteEntry, context: RouteContext): RouteEnd {
  if (entry.localDir !== undefined)
    return {
      kind: 'local-dir',
      root: path.resolve(context.workingDirectory, entry.localDir),
      cacheControl: entry.cacheControl,
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

function accessOf(entry: RouteEntry, context: RouteContext): Access {
  const provider = context.providerOf(entry.authenticationType, entry.identityProvider);
  if (entry.authenticationType === 'none' || provider === undefined) return { kind: 'public' };
  return {
    kind: 'login',
    provider,
    identityProvider: entry.identityProvider,
    csrf: entry.csrfProtection ?? true,
    scopes: compileScopes(entry.scope, context.xsappname),
  };
}

function implicitRoute(context: RouteContext): Route {
  return compileRoute({ source: '^/(.*)$', localDir: 'resources' }, 'implicit route resources', context);
}
