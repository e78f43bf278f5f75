import { describe, expect, test } from 'vitest';
import { isReturnUrl, returnUrlFor } from '../../../src/login/return-url.ts';

const origin = 'https://harbour.example';

/** Attempts to leave the house: every beginning that some parser takes for a host, with every thing behind it, encoded. */
function attempts(): string[] {
  const beginnings = [
    '/',
    '//',
    '///',
    '////',
    '/\\',
    '\\/',
    '\\\\',
    '/\\/',
    '//\\',
    '/%09/',
    '/\t/',
    '/%0a/',
    '/\n/',
    '/%0d/',
    '/\r/',
    '/%20/',
    '/ /',
    '/.//',
    '/./',
    '/../',
    '/..//',
    '/;@',
    '/@',
    '@',
    '/:@',
    '/%2f',
    '/%2F/',
    '/%5c',
    '/%5C/',
    '%2f%2f',
    '/／',
    '／／',
    '/。/',
    '/\u200b/',
    '/\u0000/',
    '/\u00a0/',
    '/\ufeff/',
    '\t//',
    ' //',
    '\u0001//',
    'https:',
    'https:/',
    'https://',
    'https:\\\\',
    'HTTPS://',
    'http://',
    'javascript:',
    'java\nscript:',
    'data:text/html,',
    'vbscript:',
    'blob:',
    'ftp://',
    '///\\',
    '?//',
    '#//',
    '?url=//',
    '.',
    '..',
    '',
  ];
  const goals = [
    'evil.example',
    'evil.example/',
    'evil.example/%2f..',
    'evil.example:443',
    'user@evil.example',
    'harbour.example@evil.example',
    'harbour.example:x@evil.example',
    'evil。example',
    'evil%E3%80%82example',
    'ｅｖｉｌ.example',
    'xn--vil-jma.example',
    '127.0.0.1',
    '[::1]',
    '2130706433',
    'alert(1)',
    'evil.example?harbour.example',
    'evil.example#harbour.example',
    'evil.example\\harbour.example',
  ];
  const encodings = [
    (text: string) => text,
    (text: string) => text.replaceAll('/', '%2f'),
    (text: string) => text.replaceAll('\\', '%5c'),
    (text: string) => encodeURIComponent(text),
  ];
  const made = new Set<string>();
  for (const beginning of beginnings)
    for (const goal of goals) for (const encode of encodings) made.add(encode(beginning + goal));
  return [...made];
}

describe('no return URL leaves the house (T-50)', () => {
  const corpus = attempts();

  test(`of ${corpus.length} attempts, what is accepted resolves to our own origin`, () => {
    expect(corpus.length).toBeGreaterThanOrEqual(500);
    for (const text of corpus) {
      if (!isReturnUrl(text)) continue;
      expect.soft(new URL(text, origin).origin, JSON.stringify(text)).toBe(origin);
      expect.soft(new URL(`${origin}${text}`).origin, JSON.stringify(text)).toBe(origin);
    }
  });

  test('and what a login makes of each is a path of ours, whatever it was', () => {
    for (const text of corpus) {
      const url = returnUrlFor(text);
      expect.soft(url, JSON.stringify(text)).toMatch(/^\/(?![/\\])/);
      expect.soft(new URL(url, origin).origin, JSON.stringify(text)).toBe(origin);
    }
  });

  test('the corpus has both kinds, so that neither test passes by refusing all or nothing', () => {
    const accepted = corpus.filter(isReturnUrl);
    expect(accepted.length).toBeGreaterThan(50);
    expect(corpus.length - accepted.length).toBeGreaterThan(500);
  });

  test('no character outside visible ASCII passes, wherever it stands', () => {
    for (let code = 0; code <= 0x2ff; code++) {
      const char = String.fromCharCode(code);
      const allowed = code > 0x20 && code < 0x7f && char !== '\\';
      for (const text of [`/a${char}b`, `/a${char}`])
        expect.soft(isReturnUrl(text), JSON.stringify(text)).toBe(allowed);
    }
  });

  test.each(['//', '/\\', '/\t/', '\\/', ' /', '', '/\u2028', '/x\r\nset-cookie: a=1'])('%j is refused', (text) => {
    expect(isReturnUrl(text)).toBe(false);
  });
});

describe('honest deep links pass as they are (xs-app.md 6.3: path with query)', () => {
  test.each([
    '/',
    '/quay/7?full=1',
    "/odata/User('1')?$filter=x%20eq%20'y'&$top=5",
    '/app/#/orders',
    '/a//b',
    '/x?return_to=https://harbour.example/',
    '/x?to=//elsewhere',
    '/caf%C3%A9',
    '/.well-known/x',
    '/-/login?return_to=/x',
  ])('%s', (url) => {
    expect(isReturnUrl(url)).toBe(true);
    expect(returnUrlFor(url)).toBe(url);
  });
});

describe('a deep link too long for its cookie', () => {
  test('up to 1,500 characters it is kept', () => {
    const url = `/x?${'a'.repeat(1_497)}`;
    expect(url).toHaveLength(1_500);
    expect(returnUrlFor(url)).toBe(url);
  });

  test('beyond, its path is kept', () => {
    expect(returnUrlFor(`/quay/7?${'a'.repeat(1_500)}`)).toBe('/quay/7');
  });

  test('a path too long by itself: the root', () => {
    expect(returnUrlFor(`/${'a'.repeat(1_500)}`)).toBe('/');
  });
});
