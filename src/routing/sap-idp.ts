import type { Route } from './route.ts';

/**
 * Takes the query parameter `sap_idp` out of a request target (xs-app.md 3.4, 3.9): the provider that the first request
 * wishes. Nothing else of the target changes.
 */
export function takeSapIdp(url: string): { readonly url: string; readonly idp: string | undefined } {
  const query = url.indexOf('?');
  if (query < 0) return { url, idp: undefined };
  const pairs = url.slice(query + 1).split('&');
  const wish = pairs.find((pair) => pair.startsWith('sap_idp='));
  if (wish === undefined) return { url, idp: undefined };
  const rest = pairs.filter((pair) => !pair.startsWith('sap_idp=')).join('&');
  const value = new URLSearchParams(wish).get('sap_idp') ?? '';
  return { url: url.slice(0, query) + (rest === '' ? '' : `?${rest}`), idp: value || undefined };
}

/**
 * Which wishes are heard: those of the allow-list (xs-app.md 13.1 #14), and what a route says itself. A chain
 * `first,second` is, when each of its names is.
 * @param allowlist names separated by blanks or commas
 */
export function wishable(allowlist: string, routes: readonly Route[]): (identityProvider: string) => boolean {
  const allowed = new Set(allowlist.split(/[\s,]+/).filter(Boolean));
  const own = new Set(routes.flatMap(({ access }) => (access.kind === 'login' ? (access.identityProvider ?? []) : [])));
  return (wish) => own.has(wish) || wish.split(',').every((name) => allowed.has(name));
}
