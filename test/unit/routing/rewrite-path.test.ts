import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { joinPath, rewritePath } from '../../../src/routing/rewrite-path.ts';
import { compiledRoute } from '../../support/compiled-routes.ts';

function rewrite(source: string, target: string | undefined, url: string): string {
  return rewritePath(compiledRoute({ source, destination: 'b', ...(target === undefined ? {} : { target }) }), url);
}

/** What the upstream is asked for. */
function asked(source: string, target: string | undefined, base: string, url: string): string {
  return joinPath(new URL(base), rewrite(source, target, url));
}

describe('the table of the specification (xs-app.md 3.4)', () => {
  test.each([
    ['^/quay/(.*)$', '/berths/$1', 'https://hm.example', '/quay/7?full=1', '/berths/7?full=1'],
    ['^/quay/(.*)$', '/berths/$1/log', 'https://hm.example', '/quay/7?full=1', '/berths/7?full=1/log'],
    ['^/quay/([^?]*)(.*)$', '/berths/$1/log$2', 'https://hm.example', '/quay/7?full=1', '/berths/7/log?full=1'],
    ['^/quay/', '/berths/', 'https://hm.example', '/quay/7/log', '/berths/7/log'],
    ['^/quay/(.*)$', undefined, 'https://hm.example/api/v1', '/quay/7', '/api/v1/quay/7'],
    ['^/quay/(.*)$', '$1', 'https://hm.example/api/v1/', '/quay/7', '/api/v1/7'],
    ['^/tow/([^/]+)/(.*)$', '$2', 'https://tug5.example', '/tow/tug5/engine', '/engine'],
  ])('%s → %s at %s: %s becomes %s', (source, target, base, url, expected) => {
    expect(asked(source, target, base, url)).toBe(expected);
  });
});

describe('the matched part is replaced once, the rest stays', () => {
  test.each([
    ['quay', 'berth', '/x/quay/quay', '/x/berth/quay'],
    ['^/a', '/b', '/a/a?x=/a', '/b/a?x=/a'],
    ['^/nogroup/', '/fixed/', '/nogroup/1?x=1', '/fixed/1?x=1'],
    ['^/nogroup/.*$', '/fixed', '/nogroup/1?x=1', '/fixed'],
    ['^/two/([^/]+)/([^/]+)$', '$2/$1', '/two/a/b', '/b/a'],
    ['^/(a|b)/only$', '/$1$1', '/a/only', '/aa'],
    ['^/(a)?x$', '/y$1', '/x', '/y'],
    ['^/(.*)$', '$10', '/x', '/x0'],
    ['^/first/.*$', '/first-wins', '/first/second', '/first-wins'],
  ])('%s → %s: %s becomes %s', (source, target, url, expected) => {
    expect(rewrite(source, target, url)).toBe(expected);
  });

  test('nothing is decoded, collapsed or encoded', () => {
    const url = "/q/a%2Fb//c%20d;x=1/(e)'$+%C3%A4?f=%20g&h=//";
    expect(rewrite('^/q/(.*)$', '/$1', url)).toBe(url.slice(2));
    expect(rewrite('^/q/(.*)$', undefined, url)).toBe(url);
  });

  test('what a group captured is text, not a template', () => {
    expect(rewrite('^/q/(.*)$', '/p/$1', '/q/$1$2$&')).toBe('/p/$1$2$&');
  });
});

describe('exactly one leading slash (3.4)', () => {
  test.each([
    ['^/q/(.*)$', '$1', '/q/x', '/x'],
    ['^/q/(.*)$', '/$1', '/q//x', '/x'],
    ['^/q/(.*)$', '///$1', '/q/x', '/x'],
    ['^/q/(.*)$', '', '/q/x', '/'],
    ['^/q(.*)$', '$1', '/q?x=1', '/?x=1'],
  ])('%s → %j: %s becomes %s', (source, target, url, expected) => {
    expect(rewrite(source, target, url)).toBe(expected);
  });
});

describe('the base path loses its trailing slash, then comes the path', () => {
  test.each([
    ['https://hm.example', '/v1/x', '/v1/x'],
    ['https://hm.example/', '/v1/x', '/v1/x'],
    ['https://hm.example/api', '/v1/x', '/api/v1/x'],
    ['https://hm.example/api/', '/v1/x', '/api/v1/x'],
    ['https://hm.example/api', '/', '/api/'],
    ['https://hm.example/api', '/?x=1', '/api/?x=1'],
    ['https://hm.example/a%20b', '/x', '/a%20b/x'],
    ['https://hm.example', '//evil.example/x', '//evil.example/x'],
  ])('%s and %s: %s', (base, path, expected) => {
    expect(joinPath(new URL(base), path)).toBe(expected);
  });
});

describe('a replacement cannot put together what the door refuses (T-05)', () => {
  const refusal = (source: string, target: string, url: string): number | undefined => {
    try {
      rewrite(source, target, url);
      return undefined;
    } catch (cause) {
      return cause instanceof AppError ? cause.status : Number.NaN;
    }
  };

  test.each([
    ['^/x/(.*)$', '/base/.$1', '/x/./admin'],
    ['^/x/(.*)$', '/base/.$1', '/x/.'],
    ['^/x/(.*)$', '/base/%2e$1', '/x/%2e/admin'],
    ['^/x/([^/]*)/(.*)$', '/base/$1$2', '/x/./.%2Fadmin'],
    ['^/x\\?p=(.*)$', '/base/$1', '/x?p=../admin'],
    ['^/x\\?p=(.*)$', '/base/$1', '/x?p=%2e%2e%2fadmin'],
    ['^/x\\?p=(.*)$', '/base/$1', '/x?p=..;/admin'],
    ['^/x\\?p=(.*)$', '/base/$1', '/x?p=%252e%252e/admin'],
    ['^/x\\?p=(.*)$', '/base/$1', '/x?p=%e2%80%a5/admin'],
  ])('dot segments: %s → %s with %s', (source, target, url) => {
    expect(refusal(source, target, url)).toBe(400);
  });

  test.each([
    ['a % that is no escape', '/x?p=%zz'],
    ['NUL', '/x?p=a%00b'],
    ['overlong UTF-8', '/x?p=%c0%ae%c0%ae/admin'],
  ])('%s brought from the query into the path', (_, url) => {
    expect(refusal('^/x\\?p=(.*)$', '/base/$1', url)).toBe(400);
  });

  test('whatever is captured, the result stays below the base (property)', () => {
    const parts = ['..', '.', '%2e', '/', '%2f', '\\', '%5c', ';', 'a', '?', '%3f', '%23', '%0d%0a', '%252e'];
    for (const a of parts)
      for (const b of parts)
        for (const c of parts) {
          const url = `/api/${a}${b}${c}`;
          let path: string;
          try {
            path = asked('^/api/(.*)$', '/base/$1', 'http://b.example', url);
          } catch {
            continue;
          }
          expect.soft(new URL(path, 'http://b.example').pathname.startsWith('/base/'), url).toBe(true);
          expect.soft(path, url).not.toMatch(/[\r\n#]/);
        }
  });
});
