/** Long deep links do not fit the cookie that carries them through the login; their path alone does. */
const longest = 1_500;

/**
 * Whether a text may be used as return URL: a path of this house, so that no login, however begun, sends a browser to
 * another host. A rule on characters, not a parse: parsers disagree on `//x`, `/\x` and tabs (T-50).
 */
export function isReturnUrl(text: string): boolean {
  return /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(text);
}

/**
 * The return URL for a request target.
 * @param url path and query as they came
 * @returns a path of this house, at most 1,500 characters; `/` when nothing of it is usable
 */
export function returnUrlFor(url: string): string {
  if (!isReturnUrl(url)) return '/';
  if (url.length <= longest) return url;
  const path = url.split('?', 1)[0] ?? '/';
  return path.length <= longest ? path : '/';
}
