import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indentXml } from '../../../src/inspector/indent-xml.ts';

test('an element a line, its text beside it, deeper ones further in', () => {
  const xml = '<?xml version="1.0"?><a:A x="1"><b/><c>text</c><d><e>more &amp; more</e></d></a:A>';
  expect(indentXml(xml).split('\n')).toEqual([
    '<?xml version="1.0"?>',
    '<a:A x="1">',
    '  <b/>',
    '  <c>text</c>',
    '  <d>',
    '    <e>more &amp; more</e>',
    '  </d>',
    '</a:A>',
  ]);
});

test('an empty element with two tags stays on its line, also next to one of the same name', () => {
  expect(indentXml('<a><a></a><a/></a>')).toBe('<a>\n  <a></a>\n  <a/>\n</a>');
});

test('what was indented stays as it is', () => {
  const once = indentXml('<a><b>1</b><c><d/></c></a>');
  expect(indentXml(once)).toBe(once);
});

test('certificates are cut, for nobody reads them', () => {
  expect(indentXml(`<X509Certificate>${'MIID'.repeat(200)}</X509Certificate>`)).toBe(
    '<X509Certificate>MIIDMIIDMIIDMIIDMIIDMIID…</X509Certificate>',
  );
});

test('whatever comes, it ends, and no markup is made that was not there', () => {
  const pieces = fc.array(fc.constantFrom('<a>', '</a>', '<b/>', '</z>', '<', '>', 'x', '<!--', '-->', '<a', ' '));
  fc.assert(
    fc.property(pieces, (parts) => {
      const xml = parts.join('');
      expect(indentXml(xml).replace(/\s/g, '').length).toBeLessThanOrEqual(xml.replace(/\s/g, '').length);
    }),
  );
});
