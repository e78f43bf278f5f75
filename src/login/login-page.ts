/** Name of the cookie in which the page leaves the fragment of the deep link, which no server ever sees. */
export function fragmentCookie(state: string): string {
  return `portunus.fragment.${state.slice(0, 8)}`;
}

/**
 * The page that begins a login: keeps the fragment in a cookie that lives as long as the attempt, then goes on to the
 * provider (xs-app.md 6.2). Nothing in it comes from the request but URLs that we made.
 * @param nonce of the policy's script-src
 */
export function loginPage(authorizationUrl: URL, state: string, nonce: string, secure: boolean): string {
  const attributes = `;path=/;max-age=600;samesite=lax${secure ? ';secure' : ''}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Logging in…</title></head>
<body><noscript><a href="${authorizationUrl.href.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">Log in</a></noscript>
<script nonce="${nonce}">
if (location.hash.length > 1 && location.hash.length < 1500) document.cookie = ${quoted(fragmentCookie(state))} + "=" + encodeURIComponent(location.hash) + ${quoted(attributes)};
location.replace(${quoted(authorizationUrl.href)});
</script></body></html>
`;
}

/** A JavaScript string that cannot end the script element it stands in. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c');
}

/** The fragment that the page left: `#` and visible ASCII; empty when it left none or something else stands there. */
export function fragmentOf(cookieValue: string | undefined): string {
  if (cookieValue === undefined) return '';
  try {
    const fragment = decodeURIComponent(cookieValue);
    return /^#[\x21-\x7e]*$/.test(fragment) ? fragment : '';
  } catch {
    return '';
  }
}
