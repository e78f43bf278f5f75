import { beforeAll, describe, expect, test } from 'vitest';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';

/**
 * T-51. mod_auth_openidc wrote what it had kept of a POST into a page, scripts included (CVE-2021-32792).
 *
 * What must hold: no page of ours repeats what a request says but escaped, each forbids scripts that are not its own, and
 * what is no page is not taken for one.
 */
let gate: Gate;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
});

const scripts = [
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "';alert(1)//",
  '<svg/onload=alert(1)>',
  '{{7*7}}',
  '#{7*7}',
  'javascript:alert(1)',
  '<!--',
  ']]>',
  '\u2028alert(1)',
];
const browserHeaders = { accept: 'text/html', 'user-agent': 'Mozilla/5.0', 'sec-fetch-mode': 'navigate' };

describe.each(scripts)('%s', (script) => {
  const encoded = encodeURIComponent(script);
  test.each([
    `/quay/${encoded}`,
    `/-/login?return_to=/${encoded}`,
    `/-/login?provider=${encoded}`,
    `/-/login?claims=${encodeURIComponent(JSON.stringify({ a: script }))}`,
    `/login/callback?error=${encoded}&error_description=${encoded}&state=x`,
    `/login/callback?code=${encoded}&state=${encoded}`,
    `/nowhere/${encoded}`,
    `/public/%zz${encoded}`,
  ])('in %.40s… is in no page', async (target) => {
    const { text, headers } = await gate.ask(target, {
      headers: { ...browserHeaders, 'x-request-id': 'abcdefgh', referer: `http://localhost/${encoded}` },
    });
    if (!/html/.test(headers['content-type'] ?? '')) return expect(text).not.toContain('<script');
    const inner = text.replace(/<script nonce="[\w+/=]+">/g, '');
    expect(inner.split('</script>').length, 'as many ends as scripts of ours').toBe(
      text.split('<script nonce=').length,
    );
    expect(inner).not.toMatch(/<script|<img|<svg|onerror=|<!--/i);
    const policy = String(headers['content-security-policy']);
    if (!target.startsWith('/public')) expect(policy).toMatch(/default-src 'none'|nonce-/);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
  });
});

test('every page that begins a login has a nonce of its own', async () => {
  const policies = await Promise.all(
    Array.from(
      { length: 10 },
      async () => (await gate.ask('/quay/1', { headers: browserHeaders })).headers['content-security-policy'],
    ),
  );
  expect(new Set(policies).size).toBe(10);
});
