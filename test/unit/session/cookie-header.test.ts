import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { cookieNames, readCookie, withoutCookies } from '../../../src/session/cookie-header.ts';

describe('reading one cookie', () => {
  test.each([
    ['a=1', 'a', '1'],
    ['a=1; b=2', 'b', '2'],
    ['a=1;b=2', 'b', '2'],
    ['a=1;   b=2  ', 'b', '2'],
    ['a=1; a=2', 'a', '1'],
    ['a=b=c', 'a', 'b=c'],
    ['a=', 'a', ''],
    ['a="1"', 'a', '"1"'],
    ['a=s%3Aid.sig', 'a', 's%3Aid.sig'],
    ['A=1', 'a', undefined],
    ['xa=1', 'a', undefined],
    ['ax=1', 'a', undefined],
    ['b=a=1', 'a', undefined],
    ['a', 'a', undefined],
    ['a; b=1', 'a', undefined],
    ['a; b=1', 'b', '1'],
    ['=1', '', '1'],
    ['', 'a', undefined],
    [';;; ;', 'a', undefined],
    ['__proto__=1', 'constructor', undefined],
    ['__proto__=1', '__proto__', '1'],
  ])('%j: %s is %j', (header, name, value) => {
    expect(readCookie(header, name)).toBe(value);
  });

  test('no Cookie header, no cookie', () => {
    expect(readCookie(undefined, 'a')).toBeUndefined();
  });

  test.each([';'.repeat(60_000), `${';'.repeat(60_000)}=`])(
    'a header full of semicolons is gone through once (T-27)',
    (header) => {
      const looked = vi.spyOn(String.prototype, 'indexOf');
      onTestFinished(() => looked.mockRestore());
      const read = readCookie(header, 'a');
      const looksForEquals = looked.mock.calls.filter(([text]) => text === '=').length;
      expect(read).toBeUndefined();
      expect(looksForEquals).toBeLessThan(10);
    },
  );

  test('a long hostile header is read at once (T-25)', () => {
    const began = performance.now();
    expect(readCookie(`${'a'.repeat(8_000)}; ${'x=1;'.repeat(2_000)} a=1`, 'a')).toBe('1');
    expect(readCookie(';'.repeat(16_000), 'a')).toBeUndefined();
    expect(readCookie('x'.repeat(16_000), 'a')).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(200);
  });
});

test('the names in a header, in order', () => {
  expect(cookieNames('a=1; b; =c; __proto__=x;; a=2')).toEqual(['a', 'b', '__proto__', 'a']);
  expect(cookieNames(undefined)).toEqual([]);
});

describe('a header without our own cookies (xs-app.md 8.1, T-13)', () => {
  const ours = (name: string) => name === 'JSESSIONID' || name.startsWith('portunus.');

  test.each([
    ['JSESSIONID=s%3A1', undefined],
    ['a=1; JSESSIONID=s%3A1; b=2', 'a=1; b=2'],
    ['JSESSIONID=1; JSESSIONID=2; a=1; JSESSIONID=3', 'a=1'],
    [' JSESSIONID = 1 ;a=1', 'a=1'],
    ['JSESSIONID', undefined],
    ['a=1; portunus.login.abc=x; portunus.fragment.abc=y', 'a=1'],
    ['jsessionid=1', 'jsessionid=1'],
    ['XJSESSIONID=1', 'XJSESSIONID=1'],
    ['a="JSESSIONID=1"', 'a="JSESSIONID=1"'],
    ['a=JSESSIONID=1', 'a=JSESSIONID=1'],
    ['a=1;b="2";c=%20', 'a=1; b="2"; c=%20'],
    ['', undefined],
    [';;', undefined],
    [undefined, undefined],
  ])('%j becomes %j', (header, kept) => {
    expect(withoutCookies(header, ours)).toBe(kept);
  });

  test('whatever is mixed in, none of ours stays (property)', () => {
    const parts = ['JSESSIONID=1', ' JSESSIONID=2', 'JSESSIONID', 'portunus.login.x=1', 'a=1', 'b', '', ' ', '=x'];
    for (const a of parts)
      for (const b of parts)
        for (const c of parts) {
          const kept = withoutCookies([a, b, c].join(';'), ours);
          expect.soft(cookieNames(kept).filter(ours), `${a};${b};${c}`).toEqual([]);
        }
  });
});
