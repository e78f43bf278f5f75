import type { KoaContextWithOIDC } from 'oidc-provider';

/** Answers an OP request with a page of ours; the status stays as it is. */
export function answerPage(context: KoaContextWithOIDC, html: string): void {
  context.type = 'html';
  context.body = html;
}
