import { type PassedOver, type RoutedRequest, tryRoute } from '../routing/match-route.ts';
import type { Route } from '../routing/route.ts';
import type { RouteVerdict } from './explanation.ts';

/** Every route with what became of it, in their order. Pure. */
export function judgeRoutes(
  routes: readonly Route[],
  request: RoutedRequest,
  loginIsOn: boolean,
): readonly RouteVerdict[] {
  let ended: string | undefined;
  return routes.map((route) => {
    const { name, source } = route;
    const told = { name, source: source.source.replaceAll('\\/', '/') };
    const outcome = tryRoute(route, request, loginIsOn, false);
    const takes = typeof outcome !== 'string';
    if (ended !== undefined)
      return {
        ...told,
        outcome: 'not reached',
        why: `${ended}; by itself it would ${takes ? '' : 'not '}take the request`,
      };
    if (takes) {
      ended = `${name} has taken the request`;
      return { ...told, outcome: 'taken', why: `its source is found: "${outcome[0]}"` };
    }
    if (outcome === 'method' && route.to.kind === 'local-dir')
      ended = `${name} serves files, and lets nothing else through`;
    return { ...told, outcome: 'passed over', why: reasons[outcome](route, request) };
  });
}

const reasons: Readonly<Record<PassedOver, (route: Route, request: RoutedRequest) => string>> = {
  'no upgrades': () => 'WebSockets go to destinations only',
  'query only': () => 'it is public, and its source is found only with the query; that must not open a path',
  method: ({ methods, to }, { method }) =>
    to.kind === 'local-dir'
      ? `its source is found, but files are served to GET and HEAD, not ${method}`
      : `its source is found, but it takes ${methods === undefined ? 'every method but TRACE' : [...methods].join(', ')}, not ${method}`,
  source: ({ source }, request) => {
    const near = variants(request).find(({ url }) => source.test(url));
    const insensitive = new RegExp(source.source, 'i').test(request.url);
    const hint = insensitive ? '; in another case it would be' : near ? `; ${near.hint} it would be` : '';
    return `its source is not found${hint}`;
  },
};

function variants({ url, path }: RoutedRequest): readonly { readonly url: string; readonly hint: string }[] {
  const query = url.slice(path.length);
  return [
    { url: path, hint: 'without the query' },
    { url: `${path}/${query}`, hint: 'with a slash at the end of the path' },
    { url: path.replace(/\/$/, '') + query, hint: 'without the slash at the end of the path' },
  ];
}
