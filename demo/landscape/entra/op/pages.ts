import type { LandscapeUser } from '../../users.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 34rem; margin: 4rem auto; padding: 0 1rem }
  ul { list-style: none; padding: 0 }
  li { margin: 0 0 .75rem }
  button { font: inherit; width: 100%; padding: .75rem 1rem; text-align: start; cursor: pointer;
    border: 1px solid; border-radius: .5rem; background: Canvas; color: CanvasText }
  button:hover, button:focus-visible { outline: 3px solid Highlight }
  button span { display: block }
  .quiet { width: auto }`;

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>
${content}
</main></body>
</html>
`;
}

/** The sign-in page: one form with a button a user, so that it works by keyboard, screen reader and plain HTTP alike. */
export function signInPage(
  action: string,
  application: string,
  users: readonly LandscapeUser[],
  hint?: string,
): string {
  const buttons = users.map(
    ({ email, displayName, note }) =>
      `<li><button name="user" value="${escapeHtml(email)}"${email === hint ? ' autofocus' : ''}>` +
      `<strong>${escapeHtml(displayName)}</strong><span>${escapeHtml(email)}</span><span>${escapeHtml(note)}</span></button></li>`,
  );
  return page(
    'Sign in',
    `<p>The demo directory. Choose who you are for <strong>${escapeHtml(application)}</strong>; there are no passwords.</p>
<form method="post" action="${escapeHtml(action)}"><ul>
${buttons.join('\n')}
</ul></form>
<form method="post" action="${escapeHtml(action)}"><button class="quiet" name="cancel" value="yes">Cancel</button></form>`,
  );
}

/** Asks before ending a session that the request did not identify. `form` is the OP's own, with its token. */
export function signOutPage(form: string): string {
  return page(
    'Sign out',
    `<p>Do you want to sign out of the demo directory?</p>
${form}
<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
  );
}

export function signedOutPage(): string {
  return page('Signed out', '<p>You have signed out of the demo directory. You may close this window.</p>');
}

/** What cannot be sent back to the application is shown to the person (token-flows.md A2). */
export function errorPage(out: { readonly error?: unknown; readonly error_description?: unknown }): string {
  const code =
    out.error === 'invalid_redirect_uri'
      ? 'AADSTS50011'
      : out.error === 'invalid_client'
        ? 'AADSTS700016'
        : 'AADSTS90013';
  return page(
    'Sign-in failed',
    `<p><strong>${code}</strong> ${escapeHtml(String(out.error ?? ''))}: ${escapeHtml(String(out.error_description ?? ''))}</p>`,
  );
}
