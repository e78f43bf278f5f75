import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { fragmentCookie, fragmentOf, loginPage } from '../../../src/login/login-page.ts';

const state = `abcdefgh.${'s'.repeat(43)}`;

/** The scripts of a page, as an HTML parser cuts them out: up to the first end tag. */
function scriptsOf(page: string): { nonce: string | undefined; code: string }[] {
  return [...page.matchAll(/<script([^>]*)>([\s\S]*?)<\/script/gi)].map((found) => ({
    nonce: /nonce="([^"]*)"/.exec(found[1] ?? '')?.[1],
    code: found[2] ?? '',
  }));
}

/** Runs the page's script in a browser of three properties. */
function visit(page: string, hash: string): { cookie: string; replacedBy: string[] } {
  const replacedBy: string[] = [];
  const document = { cookie: '' };
  const location = { hash, replace: (url: string) => replacedBy.push(url) };
  for (const { code } of scriptsOf(page)) runInNewContext(code, { document, location, encodeURIComponent });
  return { cookie: document.cookie, replacedBy };
}

const pageFor = (url: string, secure = true) => loginPage(new URL(url), state, 'bm9uY2U=', secure);

describe('the page that begins a login (xs-app.md 6.2)', () => {
  const url = 'https://login.example/authorize?client_id=a&state=b%20c&x=%22%27';

  test('goes on to the provider, without a way back to itself', () => {
    expect(visit(pageFor(url), '').replacedBy).toEqual([url]);
  });

  test('keeps the fragment for the attempt, which no server sees', () => {
    const { cookie } = visit(pageFor(url), '#/orders/7?x=1;y=ä');
    expect(cookie).toBe(
      `${fragmentCookie(state)}=${encodeURIComponent('#/orders/7?x=1;y=ä')};path=/;max-age=600;samesite=lax;secure`,
    );
  });

  test('Secure only where the client came by https', () => {
    expect(visit(pageFor(url, false), '#x').cookie).toMatch(/;samesite=lax$/);
  });

  test.each([
    ['no fragment', ''],
    ['an empty one', '#'],
    ['one that would burst the cookie', `#${'x'.repeat(1_500)}`],
  ])('%s: no cookie', (_, hash) => {
    expect(visit(pageFor(url), hash).cookie).toBe('');
  });

  test('its one script carries the nonce, and it works without scripts too', () => {
    const page = pageFor(url);
    expect(scriptsOf(page).map(({ nonce }) => nonce)).toEqual(['bm9uY2U=']);
    expect(/<noscript><a href="([^"]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&')).toBe(url);
  });
});

describe('nothing can be injected (T-51)', () => {
  const hostile = [
    '</script><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "';alert(1);//",
    '";alert(1);//',
    '\\";alert(1);//',
    '<!--<script>',
    ']]>',
    '\u2028alert(1)\u2029',
    `$\{alert(1)}`,
    '`;alert(1);`',
    '</noscript><script>alert(1)</script>',
    '&quot;&lt;',
  ];
  const places = [
    (text: string) => `https://login.example/authorize?x=${text}`,
    (text: string) => `https://login.example/${text}`,
    (text: string) => `https://login.example/#${text}`,
  ];

  test.each(hostile.flatMap((text) => places.map((place) => place(text))))('by a URL: %j', (url) => {
    const page = pageFor(url);
    expect(scriptsOf(page)).toHaveLength(1);
    expect(page.match(/<(?!\/)[a-z]+/gi)).toEqual([
      '<html',
      '<head',
      '<meta',
      '<meta',
      '<title',
      '<body',
      '<noscript',
      '<a',
      '<script',
    ]);
    expect(visit(page, '').replacedBy).toEqual([new URL(url).href]);
  });

  test.each(hostile)('by a state that is none of ours: %j', (text) => {
    const page = loginPage(new URL('https://login.example/'), text, 'bm9uY2U=', true);
    expect(scriptsOf(page)).toHaveLength(1);
    expect(visit(page, '#x').replacedBy).toEqual(['https://login.example/']);
  });
});

describe('the fragment that comes back', () => {
  test.each([
    ['%23%2Forders%2F7', '#/orders/7'],
    ['#x', '#x'],
    ['%23', '#'],
    [encodeURIComponent('#/a?b=c&d=%20'), '#/a?b=c&d=%20'],
    [undefined, ''],
    ['', ''],
    ['x', ''],
    ['%2F%2Fevil.example', ''],
    ['https%3A%2F%2Fevil.example', ''],
    ['%23a%0d%0aset-cookie%3A%20x%3D1', ''],
    ['%23a%20b', ''],
    ['%23%C3%A4', ''],
    ['%23%zz', ''],
    ['%E0%A4', ''],
    [' #x', ''],
  ])('%j is %j', (cookie, fragment) => {
    expect(fragmentOf(cookie)).toBe(fragment);
  });

  test('one cookie an attempt', () => {
    expect(fragmentCookie('abcdefgh.x')).not.toBe(fragmentCookie('abcdefgi.x'));
  });
});
