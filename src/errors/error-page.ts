import { escapeHtml } from './escape-html.ts';
import { pageStyle } from './page-style.ts';
import { reasonPhrase } from './reason-phrase.ts';

/** A page for people: what happened, what to do, and the id under which the log has the rest. No scripts, no links out. */
export function errorPage(problem: {
  readonly status: number;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly id: string;
  /** A path of ours where the user can log in. */
  readonly loginUrl: string | undefined;
}): string {
  const title = `${problem.status} ${reasonPhrase(problem.status)}`;
  const paragraph = (text: string | undefined) => (text ? `<p>${escapeHtml(text)}</p>` : '');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}</style></head>
<body><main><h1>${escapeHtml(title)}</h1>${paragraph(problem.detail)}${paragraph(problem.hint)}
${problem.loginUrl ? `<p><a href="${escapeHtml(problem.loginUrl)}">Log in</a></p>` : ''}
<p><small>Request ${escapeHtml(problem.id)}</small></p></main></body></html>
`;
}
