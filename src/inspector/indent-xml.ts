import { shownText } from './shown-value.ts';

/** A tag (comments and declarations are as good as one), or text. */
const piece = /<[^>]*>|[^<]+/g;
const longestText = 64;
/** Characters of a whole assertion. */
const longest = 20_000;

/**
 * Indents XML to be read by people. It is looked at as text: nothing is resolved, expanded or loaded.
 * Long base64, as of a certificate, is cut.
 */
export function indentXml(xml: string): string {
  const lines: string[] = [];
  let depth = 0;
  let open = ''; // an element that has begun on the last line, and may end there
  for (const [found] of xml.slice(0, longest).matchAll(piece)) {
    const text = found.trim();
    if (text === '') continue;
    if (!text.startsWith('<')) {
      lines[lines.length - 1] += shorten(text);
      continue;
    }
    const name = /^<\/?\s*([^\s/>]+)/.exec(text)?.[1] ?? '';
    if (text.startsWith('</')) {
      depth = Math.max(0, depth - 1);
      if (open === name) lines[lines.length - 1] += text;
      else lines.push(`${'  '.repeat(depth)}${text}`);
      open = '';
      continue;
    }
    lines.push(`${'  '.repeat(depth)}${text}`);
    const stands = text.endsWith('/>') || /^<[?!]/.test(text);
    open = stands ? '' : name;
    if (!stands) depth += 1;
  }
  return lines.join('\n');
}

function shorten(text: string): string {
  return text.length > longestText && /^[\w+/=\s]+$/.test(text) ? `${text.slice(0, 24)}…` : shownText(text);
}
