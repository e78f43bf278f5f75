import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { fragmentOf } from '../../src/login/login-page.ts';
import { isReturnUrl, returnUrlFor } from '../../src/login/return-url.ts';
import { openClient } from '../e2e/approuter/support/client.ts';
import { chromiumIsInstalled, openTab } from '../e2e/demo/open-chromium.ts';
import { type Gate, openGate } from './support/open-gate.ts';

/**
 * T-50. `/\evil`, `//evil`, `/<tab>/evil`, `evil.good.example`: oauth2-proxy alone was caught five times
 * (CVE-2017-1000070, CVE-2020-5233, -4037, -11053, CVE-2021-21291), then mod_auth_openidc, Duende, Pomerium, React Router,
 * approuter 22.0.2: each had read an address otherwise than browsers do.
 *
 * What must hold: wherever Portunus redirects to something that the request had a say in (deep links, `return_to`, the
 * callback, logout, static folders, own error pages), the browser stays on its origin. Two judges: the WHATWG parser for
 * all payloads, Chromium for thirty of them.
 */
const evil = 'evil.example';
const heads = [
  '/',
  '//',
  '///',
  '////',
  '/\\',
  '\\/',
  '\\\\',
  '\\',
  '/%09/',
  '/%0a/',
  '/%0d/',
  '/%5c',
  '%5c%5c',
  '/%2f',
  '%2f%2f',
  '/.//',
  '/..//',
  '/./',
  '/;@',
  '/@',
  '@',
  'https:',
  'https:/',
  'https://',
  'https:\\\\',
  'http:',
  'HTTPS://',
  'https:///',
  '//;@',
  '/\t/',
  '/\n/',
  '\t//',
  ' //',
  '\u00a0//',
  '//\u0000',
  '/\u0009\\',
  '／／',
  '/／',
  '﹨﹨',
  '//%E3%80%82',
  '//user:pw@',
  '//localhost@',
  '//localhost%00.',
  '//localhost%23@',
  '//localhost%3f@',
  '//localhost\\@',
  '//[::ffff:127.0.0.1]@',
  'javascript://',
  'javascript:alert(1)//',
  'data:text/html,',
  'vbscript:',
  'blob:',
  'file://',
  'ftp://',
  '//\u2100',
  '/%E2%80%8B/',
  '/\u200b/',
  '//\uff0f',
];
const tails = [
  evil,
  `${evil}/`,
  `${evil}%2f..`,
  `${evil}#`,
  `${evil}?x=/`,
  `${evil}/%2e%2e`,
  'evil。example',
  'ev%69l.example',
  `${evil}:443/x`,
  'xn--evil-9na.example',
];
const payloads = [...new Set(heads.flatMap((head) => tails.map((tail) => head + tail)))];

let gate: Gate;
beforeAll(async () => {
  gate = await openGate(({ origin }) => ({
    xsApp: {
      welcomeFile: '/public/',
      logout: { logoutEndpoint: '/logout', logoutPage: '/public/bye' },
      errorPage: [{ status: 404, path: '/public/lost' }],
      routes: [
        { source: '^/public/', destination: 'b', authenticationType: 'none' },
        { source: '^[/\\\\]*files/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
        { source: '^/', destination: 'b' },
      ],
    },
    files: { [`web/${evil}/index.html`]: 'x', 'web/folder/index.html': 'x' },
    env: { destinations: [{ name: 'b', url: origin }] },
  }));
});

const leaves = (location: string, base: string) => {
  const url = URL.parse(location, base);
  return url === null || url.origin !== new URL(base).origin;
};
/** Only what a client can send at all: control characters and bytes beyond ASCII end at node's parser. */
const sendable = (text: string) =>
  [...text].map((char) => (/[\x21-\x7e]/.test(char) ? char : encodeURIComponent(char))).join('');

test(`${payloads.length} payloads: none is taken for a way back that leaves the origin`, () => {
  expect(payloads.length).toBeGreaterThanOrEqual(500);
  for (const payload of [
    ...payloads,
    ...payloads.map(sendable),
    ...payloads.map(encodeURIComponent),
    ...payloads.map((text) => `/${text}`),
  ]) {
    expect(leaves(returnUrlFor(payload), gate.origin), payload).toBe(false);
    if (isReturnUrl(payload)) expect(leaves(payload, gate.origin), payload).toBe(false);
    expect(leaves(`/${fragmentOf(encodeURIComponent(payload))}`, gate.origin), payload).toBe(false);
  }
});

test('nor is any other text (property)', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '\t',
    '\n',
    '\r',
    '.',
    '..',
    ':',
    '@',
    '%',
    '%2f',
    '%5c',
    '#',
    '?',
    ';',
    '[',
    ']',
    '／',
    ' ',
    'a',
    'evil.example',
    'https',
    '\u0000',
    '&',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
      ),
      (text) => {
        expect(leaves(returnUrlFor(text), 'http://localhost:5000')).toBe(false);
        if (isReturnUrl(text)) expect(leaves(text, 'http://localhost:5000/some/page')).toBe(false);
      },
    ),
    { numRuns: 3_000 },
  );
});

/** Goes through a whole login that was begun with this target. @returns where the callback sends the browser */
async function landing(begin: string): Promise<string | undefined> {
  const browser = openClient(gate.origin);
  const { headers, status } = await browser.ask(begin, { headers: { accept: 'text/html' } });
  if (status !== 302) return undefined;
  const provider = await fetch(headers.location ?? '', { redirect: 'manual' });
  const back = new URL(provider.headers.get('location') ?? '');
  return (await browser.ask(back.pathname + back.search)).headers.location;
}

describe('over the wire', () => {
  const some = payloads.filter((_, n) => n % 9 === 0);

  test('return_to and deep links', async () => {
    const landings = await Promise.all(
      some.flatMap((payload) => [
        landing(`/-/login?return_to=${encodeURIComponent(payload)}`),
        landing(sendable(payload.startsWith('/') ? payload : `/${payload}`)),
      ]),
    );
    const locations = landings.filter((location) => location !== undefined);
    expect(locations.length).toBeGreaterThan(some.length);
    expect(locations.filter((location) => leaves(location, gate.origin))).toEqual([]);
  });

  test('static folders, welcome file, own error pages, logout, and what a script is told', async () => {
    for (const payload of some) {
      const path = sendable(payload);
      for (const target of [
        `/${path}`,
        `//${path}/../files/folder`,
        `/files/${path}`,
        `//${evil}/files/folder`,
        `/\\${evil}/files/folder`,
        `/logout?x=${path}`,
      ]) {
        const { headers } = await gate.ask(target, {
          headers: { accept: 'text/html', referer: payload.replace(/[^\x21-\x7e]/g, '') },
        });
        const { location } = headers;
        if (location !== undefined && !location.startsWith(gate.xsuaa.origin))
          expect(leaves(location, gate.origin), target).toBe(false);
      }
      const { text } = await gate.ask('/quay', {
        headers: { accept: 'application/json', referer: `${gate.origin}${path}` },
      });
      const { loginUrl } = JSON.parse(text) as { loginUrl: string };
      expect(leaves(loginUrl, gate.origin)).toBe(false);
    }
  });

  test('the slash that a folder gets', async () => {
    for (const target of ['//files/folder', '///files/folder', '//evil.example/files/folder', '/files/folder']) {
      const { headers } = await gate.ask(target);
      const toLogin = headers.location?.startsWith(gate.xsuaa.origin);
      if (headers.location !== undefined && !toLogin) expect(leaves(headers.location, gate.origin), target).toBe(false);
    }
    expect((await gate.ask('/files/folder')).headers.location).toBe('/files/folder/');
  });
});

test.runIf(chromiumIsInstalled || process.env['PORTUNUS_REQUIRE'] === 'all')(
  'thirty of them in Chromium',
  { timeout: 60_000 },
  async () => {
    const { page } = await openTab();
    const picked = payloads.filter((_, n) => n % Math.floor(payloads.length / 30) === 0).slice(0, 30);
    expect(picked).toHaveLength(30);
    const visited: string[] = [];
    const own = [gate.origin, gate.xsuaa.origin];
    await page.route(
      ({ origin }) => !own.includes(origin),
      (route) => {
        visited.push(route.request().url());
        return route.abort();
      },
    );
    for (const payload of picked) {
      await page.goto(`${gate.origin}/-/login?return_to=${encodeURIComponent(payload)}`).catch(() => {});
      expect(new URL(page.url()).origin, payload).toBe(gate.origin);
    }
    expect(visited, 'nothing else was asked for').toEqual([]);
  },
);
