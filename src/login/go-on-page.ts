import { escapeHtml } from '../errors/escape-html.ts';

/** The policy of that page: it needs nothing. */
export const goOnPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'";

/**
 * A page that goes on by itself. What it leads to is asked for by a page of ours, and so with cookies that are
 * `SameSite=Strict`; a redirect would still be the request of the site that the browser came from (RFC 6265bis 5.2).
 * @param url a path of ours, with query and fragment
 */
export function goOnPage(url: string): string {
  const href = escapeHtml(url);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Logging in…</title><meta http-equiv="refresh" content="0;url=${href}"></head>
<body><a href="${href}">Go on</a></body></html>
`;
}
