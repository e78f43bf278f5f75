import { describe, expect, test } from 'vitest';
import { escapeHtml } from '../../../src/errors/escape-html.ts';

/** Text that a browser makes of HTML without tags. */
const read = (html: string) =>
  html
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');

describe('text as HTML', () => {
  test.each(['<script>', 'a & b', '&amp;', `"it's"`, 'plain', '', 'Hafen—港', '<!--', ']]>', '&lt;'])(
    '%s reads as it was written, and holds nothing that could be a tag or end an attribute',
    (text) => {
      const html = escapeHtml(text);
      expect(read(html)).toBe(text);
      expect(html).not.toMatch(/[<>"']/);
    },
  );

  test('a quotation mark becomes &quot;, as placeholders want it (xs-app.md 3.7)', () => {
    expect(escapeHtml('"')).toBe('&quot;');
  });
});
