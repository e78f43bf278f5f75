import { escapeHtml } from '../errors/escape-html.ts';
import { pageStyle } from '../errors/page-style.ts';

/**
 * A page in a frame that logs in by a window of its own, then shows what was asked for.
 * @param loginUrl path and query, of our making
 * @param nonce of the policy's style-src and script-src
 */
export function frameLoginPage(loginUrl: string, nonce: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Log in</title>
<style nonce="${nonce}">${pageStyle}</style></head>
<body><main><h1>Log in</h1><p>This application logs you in in a window of its own.</p>
<p><button type="button" data-login="${escapeHtml(loginUrl)}">Log in</button></p><p role="alert"></p></main>
<script type="module" nonce="${nonce}">
import { createClient } from "/-/client.js";
const client = createClient();
const button = document.querySelector("button");
const texts = {
  blocked: "Your browser blocked the window. Allow pop-ups for this site, and try again.",
  closed: "The window was closed before you were logged in.",
  refused: "Your browser keeps no cookies of this application in this place.",
};
button.addEventListener("click", () =>
  client.logIn(button.dataset.login).then(
    () => location.reload(),
    ({ reason }) => (document.querySelector("[role=alert]").textContent = texts[reason] ?? "That did not work."),
  ));
</script></body></html>
`;
}
