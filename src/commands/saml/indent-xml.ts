/**
 * Indents XML that has no white space between its elements, such as what is built here. For eyes only: white space is
 * part of what is signed.
 */
export function indentXml(xml: string): string {
  const lines: string[] = [];
  let depth = 0;
  // A tag, whatever stands in its attributes; or the text between two.
  const pieces = xml.match(/<(?:[^"'<>]|"[^"]*"|'[^']*')*>|[^<]+/g) ?? [];
  let isOpen = false;
  for (const piece of pieces) {
    const closes = piece.startsWith('</');
    const opens = piece.startsWith('<') && !closes && !piece.endsWith('/>');
    if (closes) depth -= 1;
    const last = lines.length - 1;
    // Text, and the end of an element that holds text or nothing, stay on the line of its beginning.
    if (!piece.startsWith('<') || (closes && isOpen)) lines[last] = `${lines[last] ?? ''}${piece}`;
    else lines.push(`${'  '.repeat(depth)}${piece}`);
    isOpen = opens || (isOpen && !piece.startsWith('<'));
    if (opens) depth += 1;
  }
  return lines.join('\n');
}
