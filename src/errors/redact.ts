const hidden = '[…]';

/** Characters of a description that are shown at most. */
const maxLength = 200;

/** Taking out anything shorter would only garble the text. */
const minSecret = 3;

/**
 * What may be shown of a service's own words: the first sentence, without the secrets that were sent to it and without
 * anything that looks like a token or key.
 * @param secrets values that must not come back, however encoded
 */
export function redact(text: string, secrets: readonly string[]): string {
  let shown = text.slice(0, 4000);
  // The longest first: a part taken out of a whole would leave the rest.
  const forms = [...new Set(secrets.filter(({ length }) => length >= minSecret).flatMap(formsOf))];
  for (const form of forms.sort((a, b) => b.length - a.length)) shown = shown.replaceAll(form, hidden);
  shown = shown
    .replace(/\b[\w-]{10,}\.[\w-]{10,}(?:\.[\w-]*)?/g, (word) => (/^ey/.test(word) ? hidden : word))
    .replace(/[A-Za-z0-9+/_=-]{41,}/g, hidden)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\x00-\x1f\x7f]+/g, ' \n')
    .trim();
  const [sentence = ''] = shown.split(/(?<=[.!?])\s|\n/, 1);
  return sentence.trim().slice(0, maxLength).trimEnd();
}

/** A value as it was sent, and as it looks in a form, a URL, JSON and a header. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1);
  return [
    secret,
    inForm,
    inForm.replaceAll('+', '%20'),
    encodeUri(secret),
    JSON.stringify(secret).slice(1, -1),
    base64,
  ];
}

/** Not every text can be a part of a URI: a lone surrogate cannot. */
function encodeUri(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
