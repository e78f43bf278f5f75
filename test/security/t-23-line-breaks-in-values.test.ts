import { beforeAll, beforeEach, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { refusalsOf } from '../e2e/approuter/support/open-router.ts';
import { type Gate, openGate } from './support/open-gate.ts';

/**
 * T-23. `%0d%0a` decoded into a path became a header of its own in Perl's Reverse::Proxy (CVE-2026-75922), CRLF in a
 * multipart field in http-proxy-middleware (CVE-2026-55603), a CR in a header in mod_auth_openidc.
 *
 * What must hold: nothing that a client, an identity provider or a backend says becomes a header of its own, at the
 * backend or in an answer.
 */
let gate: Gate;
beforeAll(async () => {
  gate = await openGate(({ origin }) => ({
    xsApp: {
      logout: { logoutEndpoint: '/logout', logoutPage: '/public/bye' },
      cors: [{ uriPattern: '^/public/', allowedOrigin: [{ host: '*.shop.example' }] }],
      routes: [
        { source: '^/public/(.*)$', target: '/base/$1', destination: 'b', authenticationType: 'none' },
        { source: '^/quay/', destination: 'u', csrfProtection: false },
        { source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' },
      ],
    },
    env: {
      destinations: [
        { name: 'b', url: origin },
        { name: 'u', url: origin, forwardAuthToken: true },
      ],
    },
  }));
});
beforeEach(() => gate.backend.forget());

const breaks = ['%0d%0a', '%0a', '%0d', '%e5%98%8a%e5%98%8d', '%c4%8d%c4%8a', '%250d%250a', '%0d%0a%20', '%00%0d%0a'];

test.each(breaks)('%s makes no header, wherever it is written', async (line) => {
  const evil = `${line}X-Evil:%201${line}Set-Cookie:%20JSESSIONID=planted${line}${line}<script>`;
  const targets = [
    `/public/${evil}`,
    `/public/x?y=${evil}`,
    `/quay/${evil}`,
    `/-/login?return_to=/${evil}`,
    `/-/login?return_to=/a&provider=${evil}`,
    `/login/callback?state=${evil}&code=${evil}`,
    `/login/callback?error=${evil}&error_description=${evil}`,
    `/logout?x=${evil}`,
    `/me/${evil}`,
    `/${evil}`,
    `/?${evil}`,
  ];
  for (const target of targets) {
    const { rawHeaders, status } = await gate.ask(target, {
      headers: { accept: 'text/html', referer: `http://localhost/${evil}` },
    });
    expect(status).toBeLessThan(500);
    const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
    expect(names, target).not.toContain('x-evil');
    expect(rawHeaders.join('\n'), target).not.toContain('JSESSIONID=planted\n');
  }
  for (const { rawHeaders } of gate.backend.calls)
    expect(rawHeaders.map((text) => text.toLowerCase())).not.toContain('x-evil');
});

test('line breaks in claims become no header of anything', async () => {
  const evil = 'Ada\r\nX-Evil: 1\r\n\r\nGET /smuggled HTTP/1.1\r\n';
  gate.xsuaa.claims = { given_name: evil, user_name: evil, email: evil, sub: evil, zid: evil, ext_attr: { zdn: evil } };
  const user = openClient(gate.origin);
  await user.logIn('/quay/');
  gate.xsuaa.claims = {};
  const { status } = await user.ask('/quay/1');
  expect(status).toBe(200);
  expect(gate.backend.last().rawHeaders.join('\n')).not.toMatch(/X-Evil|smuggled/);
  const shown = await user.ask('/me/currentUser');
  expect(shown.rawHeaders.join('\n')).not.toMatch(/X-Evil/i);
  expect(JSON.parse(shown.text)).toMatchObject({ firstname: evil });
});

test('nor do raw control characters in headers that are echoed', async () => {
  for (const value of [
    'https://a.shop.example\x0bX-Evil: 1',
    'https://a.shop.example\tx',
    'https://a\x7f.shop.example',
  ]) {
    const { rawHeaders } = await gate
      .ask('/public/x', { headers: { origin: value } })
      .catch(() => ({ rawHeaders: [] }));
    expect(rawHeaders.join('\n')).not.toMatch(/x-evil/i);
  }
});

test.each(['a\r\nX-Evil: 1', 'a\nb', 'a\0b'])(
  'a destination with the header value %j does not start',
  async (value) => {
    const problems = await refusalsOf({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'd' }] },
      env: { destinations: [{ name: 'd', url: 'http://localhost:1', 'URL.headers.x-a': value }] },
    });
    expect(problems.join()).toMatch(/x-a/);
  },
);
