import type { ServerResponse } from 'node:http';

/** Puts the headers that every answer has on one; what is set later under the same name wins (xs-app.md 8.2). */
export type AnswerHeaders = (response: ServerResponse, requestId: string) => void;

export interface AnswerHeaderSettings {
  readonly sendXFrameOptions: boolean;
  /** Origins that may frame us (PORTUNUS_EMBEDDED_IN); none: X-Frame-Options says so. */
  readonly frameAncestors?: readonly string[];
  /** Variable `httpHeaders`. */
  readonly httpHeaders: readonly Readonly<Record<string, string>>[];
}

/** Order, later wins: X-Frame-Options, `httpHeaders`, `responseHeaders`; all settled at start. */
export function answerHeaders(
  settings: AnswerHeaderSettings,
  responseHeaders: readonly { readonly name: string; readonly value: string }[],
): AnswerHeaders {
  const headers = new Map<string, readonly [name: string, value: string]>();
  const set = (name: string, value: string) => headers.set(name.toLowerCase(), [name, value]);
  const { frameAncestors = [] } = settings;
  if (settings.sendXFrameOptions && frameAncestors.length === 0) set('X-Frame-Options', 'SAMEORIGIN');
  for (const entry of settings.httpHeaders) for (const [name, value] of Object.entries(entry)) set(name, value);
  for (const { name, value } of responseHeaders) set(name, value);
  if (frameAncestors.length > 0) {
    const [, configured] = headers.get('content-security-policy') ?? [];
    // Policies in a list hold all at once (CSP 3, 8.1): the configured one loses nothing.
    const framing = `frame-ancestors 'self' ${frameAncestors.join(' ')}`;
    set('Content-Security-Policy', configured === undefined ? framing : `${configured}, ${framing}`);
    headers.delete('x-frame-options');
  }
  const fixed = [...headers.values()];
  return (response, requestId) => {
    response.setHeader('x-request-id', requestId);
    for (const [name, value] of fixed) response.setHeader(name, value);
  };
}
