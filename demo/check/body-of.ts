import type { Answer } from './browser.ts';

export type Body = Readonly<Record<string, unknown>>;

/** The JSON object of an answer; empty when it is none. */
export function bodyOf({ text }: Pick<Answer, 'text'>): Body {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Body) : {};
  } catch {
    return {};
  }
}
