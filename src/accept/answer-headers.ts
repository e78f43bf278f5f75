import type { ServerResponse } from 'node:http';

/** Puts the headers that every answer has on one; what is set later under the same name wins (xs-app.md 8.2). */
export type AnswerHeaders = (response: ServerResponse, requestId: string) => void;

export interface AnswerHeaderSettings {
  readonly sendXFrameOptions: boolean;
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
  if (settings.sendXFrameOptions) set('X-Frame-Options', 'SAMEORIGIN');
  for (const entry of settings.httpHeaders) for (const [name, value] of Object.entries(entry)) set(name, value);
  for (const { name, value } of responseHeaders) set(name, value);
  const fixed = [...headers.values()];
  return (response, requestId) => {
    response.setHeader('x-request-id', requestId);
    for (const [name, value] of fixed) response.setHeader(name, value);
  };
}
