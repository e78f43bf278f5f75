import type { Config } from '../config/config.ts';
import type { RouteEntry } from '../config/xs-app/route-schema.ts';
import type { Route } from '../routing/route.ts';

/** What the lint looks at: only what the start found nothing wrong with. */
export interface Linted {
  readonly config: Config;
  readonly loginIsOn: boolean;
  readonly routes: readonly LintedRoute[];
}

export interface LintedRoute {
  readonly route: Route;
  readonly entry: RouteEntry;
  /** The expression as it is written. */
  readonly source: string;
  /** `xs-app.json/routes/3`. */
  readonly at: string;
}
