import { describe, expect, test } from 'vitest';
import type { AppError } from '../../../../src/errors/app-error.ts';
import { xmlAttribute, xmlText } from '../../../../src/tokens/saml/xml-text.ts';

/** T-61; Canonical XML 1.1, section 1.1. */
describe('values are written as canonical XML writes them', () => {
  test.each([
    [`&<>"'`, `&amp;&lt;&gt;"'`, `&amp;&lt;>&quot;'`],
    [']]>', ']]&gt;', ']]>'],
    ['a\tb\nc\rd', 'a\tb\nc&#xD;d', 'a&#x9;b&#xA;c&#xD;d'],
    ['Łódź 港 🚢', 'Łódź 港 🚢', 'Łódź 港 🚢'],
    ['\u202Eabc\u200F', '\u202Eabc\u200F', '\u202Eabc\u200F'],
    ['&amp;', '&amp;amp;', '&amp;amp;'],
    ['', '', ''],
  ])('%j', (value, text, attribute) => {
    expect(xmlText(value)).toBe(text);
    expect(xmlAttribute(value)).toBe(attribute);
  });

  test.each([
    '\0',
    'a\x01',
    '\x0b',
    '\x1f',
    '\uD800',
    'x\uDC00y',
    '\uDE00\uD83D',
    '\uFFFE',
    '\uFFFF',
    'a\u0085',
    '\u2028',
  ])('%j cannot stand in XML, or is read differently by readers, and is refused', (value) => {
    for (const write of [xmlText, xmlAttribute]) {
      expect(() => write(value)).toThrow(expect.objectContaining({ code: 'ERR_CREDENTIAL', status: 502 }) as AppError);
    }
  });
});
