const hidden = '[…]';

/** Characters of a description that are shown at most. */
const maxLength = 200;

/** Taking out anything shorter would only garble the text. */
const minSecret = 3;

/**
 * What may be shown of a service's own words: the first sentence, without the secrets that were sent to it and without
 * anything that looks like a token or key.
 * @param secrets values that must not come back
 */
export function redact(text: string, secrets: readonly string[]): string {
  let shown = text.slice(0, 4000);
  for (const secret of secrets) if (secret.length >= minSecret) shown = shown.replaceAll(secret, hidden);
  shown = shown
    .replace(/\b[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?/g, (word) => (/^ey/.test(word) ? hidden : word))
    .replace(/[A-Za-z0-9+/_=-]{41,}/g, hidden)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\x00-\x1f\x7f]+/g, ' \n')
    .trim();
  const [sentence = ''] = shown.split(/(?<=[.!?])\s|\n/, 1);
  return sentence.trim().slice(0, maxLength).trimEnd();
}
