import type { Dispatcher } from 'undici';

/** Headers as undici got them, as texts: name, value, name, value… Their bytes are Latin-1 (RFC 9110 5.5). */
export function textOf(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(raw)) return [];
  const texts = new Array<string>(raw.length);
  for (let i = 0; i < raw.length; i++) {
    const part = raw[i] as Buffer | string;
    texts[i] = typeof part === 'string' ? part : part.toString('latin1');
  }
  return texts;
}
