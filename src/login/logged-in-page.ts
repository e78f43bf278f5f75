import { pageStyle } from '../errors/page-style.ts';

/**
 * The end of a login in a pop-up: tells the page that opened it, and closes itself. The message goes to our own origin
 * only (T-51); what it carries is of no use to anyone but the page that made the challenge.
 * @param challenge names the attempt; checked by the caller
 * @param code hands the session over; empty where the opener has the same cookies
 * @param nonce of the policy's style-src and script-src
 */
export function loggedInPage(challenge: string, code: string, nonce: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Logged in</title>
<style nonce="${nonce}">${pageStyle}</style></head>
<body><p role="status">You are logged in. You can close this window.</p>
<script nonce="${nonce}">
const message = { portunus: "${challenge}", code: "${code}" };
if (window.opener) window.opener.postMessage(message, location.origin);
new BroadcastChannel("portunus").postMessage(message);
setTimeout(close, 50);
</script></body></html>
`;
}
