import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { hasDotSegments, refuseAmbiguousTarget } from '../../../src/routing/refuse-target.ts';

function statusOf(target: string): number | undefined {
  try {
    refuseAmbiguousTarget(target);
    return undefined;
  } catch (cause) {
    return cause instanceof AppError ? cause.status : Number.NaN;
  }
}

/** `.`, `..` and separators in every spelling that some reader between browser and file system takes for them. */
const dots = ['..', '%2e%2e', '%2E%2E', '.%2e', '%2e.', '%252e%252e', '%25252e%25252e', '%2525252e%2525252e'];
const slashes = ['/', '%2f', '%2F', '%5c', '%5C', '\\', '%252f', '%255c', '%25252f'];

describe('dot segments are refused in every encoding (xs-app.md 3.2 step 2, T-05, T-06)', () => {
  const spellings = dots.flatMap((dot) => slashes.map((slash) => `/web/${dot}${slash}secret.txt`));

  test.each(spellings)('%s', (target) => {
    expect(statusOf(target)).toBe(400);
  });

  test.each([
    '/..',
    '/.',
    '/./web',
    '/web/.',
    '/web/..',
    '/%2e',
    '/web/%2e%2e?x=1',
    '/web/..?',
    '/api/../../admin',
    '/api/..;/admin',
    '/api/..;x=1/admin',
    '/api/.;/admin',
    '/api/%2e%2e;/admin',
    '/api/..%3b/admin',
    '/api/..%3bx/admin',
    '/web/..%20/secret.txt',
    '/web/..%09/secret.txt',
    '/web/%20../secret.txt',
    '/web\\..\\secret.txt',
    '/web/\\../secret.txt',
    '/web/..\\..\\secret.txt',
    '//../secret.txt',
    '/web//../secret.txt',
  ])('%s', (target) => {
    expect(statusOf(target)).toBe(400);
  });
});

describe('look-alikes that some decoder folds to dots and slashes are refused (T-04, T-06)', () => {
  test.each([
    ['two dot leader ‥', '/web/%e2%80%a5/secret.txt'],
    ['one dot leaders ․․', '/web/%e2%80%a4%e2%80%a4/secret.txt'],
    ['one dot leader and a dot', '/web/.%e2%80%a4/secret.txt'],
    ['full-width dots ．．', '/web/%ef%bc%8e%ef%bc%8e/secret.txt'],
    ['small full stops ﹒﹒', '/web/%ef%b9%92%ef%b9%92/secret.txt'],
    ['full-width dots and slash ．．／', '/web/%ef%bc%8e%ef%bc%8e%ef%bc%8fsecret.txt'],
    ['dots before a full-width slash', '/web/..%ef%bc%8fsecret.txt'],
    ['dots before a full-width backslash', '/web/..%ef%bc%bcsecret.txt'],
    ['dots before a small backslash', '/web/..%ef%b9%a8secret.txt'],
    ['dots before a division slash ∕', '/web/..%e2%88%95secret.txt'],
    ['dots before a fraction slash ⁄', '/web/..%e2%81%84secret.txt'],
    ['dots after a division slash', '/web%e2%88%95..%e2%88%95secret.txt'],
    ['ideographic full stops 。。', '/web/%e3%80%82%e3%80%82/secret.txt'],
    ['half-width ideographic full stops', '/web/%ef%bd%a1%ef%bd%a1/secret.txt'],
    ['look-alikes encoded twice', '/web/%25e2%2580%25a5/secret.txt'],
    ['full-width dots as themselves', '/web/．．/secret.txt'],
  ])('%s: %s', (_, target) => {
    expect(statusOf(target)).toBe(400);
  });
});

describe('bytes that no honest name has are refused', () => {
  test.each([
    ['NUL', '/web/index.html%00.txt'],
    ['NUL before the dots', '/web/%00../secret.txt'],
    ['NUL after the dots', '/web/..%00/secret.txt'],
    ['overlong dot in two bytes', '/web/%c0%ae%c0%ae/secret.txt'],
    ['overlong slash in two bytes', '/web/..%c0%afsecret.txt'],
    ['overlong dot, upper case', '/web/%C0%AE%C0%AE/secret.txt'],
    ['overlong in two bytes, second row', '/web/%c1%9c/secret.txt'],
    ['overlong dot in three bytes', '/web/%e0%80%ae%e0%80%ae/secret.txt'],
    ['overlong slash in three bytes', '/web/..%e0%80%afsecret.txt'],
    ['overlong dot in four bytes', '/web/%f0%80%80%ae%f0%80%80%ae/secret.txt'],
    ['overlong dot encoded twice', '/web/%25c0%25ae%25c0%25ae/secret.txt'],
    ['overlong slash encoded twice', '/web/..%25c0%25afsecret.txt'],
  ])('%s: %s', (_, target) => {
    expect(statusOf(target)).toBe(400);
  });
});

describe('a % that is no escape is refused in the path', () => {
  test.each(['/web/%', '/web/%2', '/web/%zz', '/web/%2g', '/web/%u002e%u002e/x', '/web/100%/x', '/%%32%65/'])(
    '%s',
    (target) => {
      expect(statusOf(target)).toBe(400);
    },
  );
});

describe('a target that is no path, or has more than one reading, is refused (T-02, T-71)', () => {
  test.each([
    'http://169.254.169.254/latest/meta-data',
    'https://harbour.example/web/',
    'HTTP://harbour.example/',
    'evil.example:443',
    '*',
    '',
    'web/index.html',
    '?x=1',
    '\\web',
    '/public/x#/../admin',
    '/admin#/public/',
    '/x?y=1#z',
    '#',
  ])('%j', (target) => {
    expect(statusOf(target)).toBe(400);
  });

  test('an encoded # is a character of the path like any other', () => {
    expect(statusOf('/admin%23/public/x')).toBeUndefined();
  });
});

describe('honest targets pass, whatever they look like', () => {
  test.each([
    '/',
    '//',
    '/quay/7?full=1',
    '/quay/7?',
    '/app1/a%2Fb',
    '/app1/a%20b?c=%20d',
    '/app1/%C3%A4',
    '/a..b',
    '/a../b',
    '/..a/b',
    '/.a',
    '/...',
    '/.../x',
    '/a...b/c....d',
    '/.well-known/openid-configuration',
    '/.git/config',
    '/file%2Etxt',
    '/archive%2Etar%2Egz',
    '/v1%2e0/items',
    '/a;..b/c',
    '/dock;bay=2/index.html',
    '/a/b;v=1.1/c',
    "/sap/opu/odata/User('1')?$select=a,b&$filter=x%20eq%20'y'",
    "/odata/v2/Photo(photoType=1,userId='a.b')/$value",
    "/odata/v2/cust_Item(effectiveDate=datetime'2026-11-21T00:00:00',key='..')",
    "/odata/v4/Files(path='a.b%2Fc.d')",
    "/odata/Items(name='50%25')",
    '/odata/$batch',
    '/search/C%2B%2B',
    '/100%25',
    '/100%2525',
    '/100%25%20sure',
    '/x?path=../../etc/passwd',
    '/x?next=%2e%2e%2f',
    '/x?like=100%',
    '/x?url=https://harbour.example/',
    '/x?a=b?c',
    '/caf%C3%A9/na%C3%AFve',
    '/%E6%B8%AF/%E9%8D%B5',
    '/%F0%9F%94%91',
    '/%E2%80%A6/ellipsis',
    '/v1.0/me/messages',
    '/~user/(a)/$x/@y/!z/*/+/,/=/:/&',
    '/a:b/c@d',
    '/-/health/live',
    '/_next/static/chunks/%5Bid%5D.js',
    `/${'a/'.repeat(2_000)}`,
    '/e2/%E0%A4%95/hindi',
    '/%E1%80%80/burmese',
  ])('%s', (target) => {
    expect(statusOf(target)).toBeUndefined();
  });
});

describe('however deep the encoding goes, the answer is never "not a dot segment" (property)', () => {
  const encodeAll = (text: string) =>
    [...text].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
  const deeper = (text: string) => text.replaceAll('%', '%25');

  test('one to eight rounds of encoding over ../', () => {
    let spelling = encodeAll('../');
    for (let round = 1; round <= 8; round++) {
      expect.soft(statusOf(`/web/${spelling}secret.txt`), `round ${round}: ${spelling}`).toBe(400);
      spelling = deeper(spelling);
    }
  });

  test('any mixture of plain, once and twice encoded characters', () => {
    const forms = (char: string) => [char, encodeAll(char), deeper(encodeAll(char))];
    for (const a of forms('.'))
      for (const b of forms('.'))
        for (const s of [...forms('/'), ...forms('\\')])
          expect.soft(hasDotSegments(`/web/${a}${b}${s}x`), `${a}${b}${s}`).toBe(true);
  });

  test('a target it lets pass never climbs, whoever decodes it how often', () => {
    const parts = ['.', '..', '...', 'a', '%2e', '%252e', '/', '%2f', '\\', '%5c', ';', '%3b', '%20', '%25', 'é'];
    let seed = 42;
    const next = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed;
    };
    for (let round = 0; round < 5_000; round++) {
      const target = `/base/${Array.from({ length: 1 + (next() % 6) }, () => parts[next() % parts.length]).join('')}`;
      if (statusOf(target) !== undefined) continue;
      for (let decoded = target, times = 0; times < 4; times++) {
        const { pathname } = new URL(decoded.replaceAll('?', ''), 'http://harbour.example');
        expect.soft(pathname.startsWith('/base/'), `${target} read as ${decoded}`).toBe(true);
        try {
          decoded = decodeURIComponent(decoded);
        } catch {
          break;
        }
      }
    }
  });
});

describe('the refusal', () => {
  test('tells what is wrong and repeats nothing of the target', () => {
    try {
      refuseAmbiguousTarget('/web/../s3cret');
      expect.unreachable();
    } catch (cause) {
      expect(cause).toMatchObject({ code: 'ERR_BAD_REQUEST', detail: 'the path holds dot segments' });
      expect((cause as Error).message).not.toContain('s3cret');
    }
  });

  test('comes at once for a long hostile path', () => {
    const began = performance.now();
    expect(statusOf(`/${'%2525252525'.repeat(1_400)}`)).toBe(400);
    expect(statusOf(`/${'%'.repeat(16_000)}`)).toBe(400);
    expect(statusOf(`/${'.a'.repeat(8_000)}`)).toBeUndefined();
    expect(performance.now() - began).toBeLessThan(500);
  });
});
