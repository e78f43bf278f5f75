import { AppError } from '../../errors/app-error.ts';

/**
 * XML 1.0 2.2: the characters a document may hold. By code point, so a lone surrogate is none of them (T-61). Without
 * U+0085 and U+2028, line ends in XML 1.1: libxml2 keeps them, xmldom makes line feeds of them, and an id that two
 * readers read differently is no id.
 */
const allowed = /^(?:(?![\u{85}\u{2028}])[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}])*$/u;

const inText: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const inAttribute: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

/**
 * A value as element content, escaped as canonical XML does it (Canonical XML 1.1 1.1), so that what is written is what
 * is digested: a raw carriage return, for one, would reach the reader as a line feed and break the signature.
 * @throws AppError ERR_CREDENTIAL when XML cannot hold the value, or not reliably
 */
export function xmlText(value: string): string {
  return check(value).replace(/[&<>\r]/g, (character) => inText[character] ?? '');
}

/** The same for an attribute, without its quotation marks. */
export function xmlAttribute(value: string): string {
  return check(value).replace(/[&<"\t\n\r]/g, (character) => inAttribute[character] ?? '');
}

function check(value: string): string {
  if (allowed.test(value)) return value;
  throw new AppError({
    code: 'ERR_CREDENTIAL',
    status: 502,
    detail: 'A value that belongs into the SAML assertion has a character that XML cannot hold, or not reliably.',
    hint: "Look for control characters in the user's claims.",
  });
}
