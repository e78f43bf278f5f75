import { describe, expect, test } from 'vitest';
import { encodeTarget } from '../../../src/routing/encode-target.ts';

describe('what no request target can hold is percent-encoded (RFC 9112 3.2)', () => {
  test.each([
    ['/a b/$1', '/a%20b/$1'],
    ['/größe/$1?q=ä', '/gr%C3%B6%C3%9Fe/$1?q=%C3%A4'],
    ['/a#b', '/a%23b'],
    ['/a\tb', '/a%09b'],
    ['/\ud83d\ude00', '/%F0%9F%98%80'],
    ['/half \ud83d', '/half%20%EF%BF%BD'],
  ])('%j', (written, encoded) => {
    expect(encodeTarget(written)).toBe(encoded);
  });

  test.each(['', '/a%20b/$1', '/$$/$&/$<größe>', "/$metadata('x')?$a=1&b;c=(1)", '/{a}|"b"'])('%j stays', (written) => {
    expect(encodeTarget(written)).toBe(written);
  });
});
