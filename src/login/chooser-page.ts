import { escapeHtml } from '../errors/escape-html.ts';
import { pageStyle } from '../errors/page-style.ts';

/**
 * A page on which people choose where to log in: links and nothing else, so that it works without scripts and by
 * keyboard, and remembers nothing. The script hands the deep link's fragment down.
 * @param nonce of the policy's style-src and script-src
 */
export function chooserPage(
  choice: readonly { readonly title: string; readonly loginUrl: string }[],
  nonce: string,
): string {
  const items = choice.map(
    ({ title, loginUrl }) => `<li><a href="${escapeHtml(loginUrl)}">${escapeHtml(title)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Log in</title>
<style nonce="${nonce}">${pageStyle}</style></head>
<body><main><h1>Log in</h1><p id="question">With which account?</p>
<nav aria-labelledby="question"><ul>
${items.join('\n')}
</ul></nav></main>
<script nonce="${nonce}">for (const link of document.links) link.hash = location.hash;</script></body></html>
`;
}
