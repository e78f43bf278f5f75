import type { Compiled } from '../compile-config.ts';
import type { Config } from '../config/config.ts';
import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Finding } from './finding.ts';
import { lintExpressions } from './lint-expressions.ts';
import { lintOverlaps } from './lint-overlaps.ts';
import { lintReach } from './lint-reach.ts';
import { lintScopes } from './lint-scopes.ts';
import { lintSettings } from './lint-settings.ts';
import { lintSources } from './lint-sources.ts';
import type { Linted } from './linted.ts';
import { routesAsMeant } from './routes-as-meant.ts';

const lints = [lintSources, lintExpressions, lintReach, lintOverlaps, lintScopes, lintSettings] as const;

/** What the start does not mind, and its owner should know. */
export function lint(config: Config, { routes, loginIsOn }: Compiled): readonly Finding[] {
  const entries = config.xsApp.routes ?? [];
  const meant = routesAsMeant(routes, entries, loginIsOn);
  const linted: Linted = {
    config,
    loginIsOn,
    routes: entries.flatMap((entry, index) => {
      const route = meant[index];
      // What matches nothing stands for a route that is wrong, and was told of.
      return route === undefined || route.source.source === '(?!)'
        ? []
        : [{ route, entry, source: writtenIn(entry), at: `xs-app.json/${route.name}` }];
    }),
  };
  return lints.flatMap((one) => one(linted));
}

function writtenIn({ source }: RouteEntry): string {
  return typeof source === 'string' ? source : source.path;
}
