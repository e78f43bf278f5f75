import type { Finding } from './finding.ts';
import type { Linted, LintedRoute } from './linted.ts';
import { isTarget, pathOf, targetsOf } from './targets-of.ts';

/**
 * Sources that are found where nobody looked for them: sources see path and query, and match anywhere unless they begin
 * with `^` (xs-app.md 13.2 #1).
 */
export function lintSources({ routes, loginIsOn }: Linted): readonly Finding[] {
  return routes.flatMap((linted) => unanchored(linted, loginIsOn) ?? queryDecides(linted) ?? []);
}

function unanchored({ route, source, at }: LintedRoute, loginIsOn: boolean): Finding | undefined {
  const example = targetsOf(route, loginIsOn).find((url) => (route.source.exec(url)?.index ?? 0) > 0);
  if (example === undefined) return undefined;
  const open = route.access.kind === 'public' && loginIsOn ? 'is public and ' : '';
  return {
    rule: 'unanchored-source',
    level: 'warning',
    at: `${at}/source`,
    message: `${open}takes ${example}, too: without ^ it is found anywhere; write ^${source.startsWith('/') ? '' : '/'}${source}`,
  };
}

function queryDecides({ route, at }: LintedRoute): Finding | undefined {
  const { source } = route;
  const paths = targetsOf(route, false).map(pathOf);
  const withQuery = paths.flatMap((url) =>
    [...url].slice(1).map((_, i) => `${url.slice(0, i + 1)}?${url.slice(i + 1)}`),
  );
  const example = withQuery.find((url) => isTarget(url) && source.test(url) && !source.test(pathOf(url)));
  if (example === undefined) return undefined;
  return {
    rule: 'query-decides',
    level: 'note',
    at: `${at}/source`,
    message: `takes ${example} for its query: sources see it; write [^?]* where only the path is meant`,
  };
}
