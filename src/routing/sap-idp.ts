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
