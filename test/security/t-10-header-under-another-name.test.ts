import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../e2e/approuter/support/client.ts';
import { openClient } from '../e2e/approuter/support/client.ts';
import { openRouter } from '../e2e/approuter/support/open-router.ts';
import { atEnd } from '../support/at-end.ts';
import { type Gate, openGate } from './support/open-gate.ts';
import { openWire } from './support/wire.ts';

/**
 * T-10 and T-12. oauth2-proxy set `X-Forwarded-Email`, a client sent `X_Forwarded_Email`, and a WSGI backend could not tell
 * the two apart: whoever liked was whoever they liked (CVE-2025-64484); Traefik the same (CVE-2026-54763).
 * mod_auth_openidc let forged identity headers through on public paths.
 *
 * What must hold, on protected and on public routes: of every header that Portunus sets a backend gets one value, ours,
 * also when it reads headers as CGI and WSGI do, where everything but letters and digits is `_`.
 */
let gate: Gate;
let pilot: Client;
beforeAll(async () => {
  gate = await openGate(({ origin }) => ({
    xsApp: {
      routes: [
        { source: '^/quay/', destination: 'b', csrfProtection: false },
        { source: '^/public/', destination: 'open', authenticationType: 'none' },
      ],
    },
    env: {
      destinations: [
        { name: 'b', url: origin, forwardAuthToken: true },
        {
          name: 'open',
          url: origin,
          Authentication: 'BasicAuthentication',
          User: 'u',
          Password: 'p',
          'URL.headers.sap-client': '100',
        },
      ],
    },
  }));
  pilot = await gate.loggedIn();
});
beforeEach(() => gate.backend.forget());

const ours = [
  'authorization',
  'cookie',
  'host',
  'tenantid',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-path',
];
const never = [
  'x-approuter-user',
  'x-ias-token',
  'sap-connectivity-authentication',
  'sap-connectivity-scc-location_id',
  'proxy-authorization',
  'x-forwarded-client-cert',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-port',
  'x-forwarded-uri',
  'x-forwarded-prefix',
  'x-real-ip',
  'forwarded',
  'x-custom-host',
];

/** The name as a client may write it so that somebody takes it for the real one. */
const spellings = (name: string) => [
  ...new Set([
    name,
    name.toUpperCase(),
    name.replaceAll('-', '_'),
    name.replace('-', '_'),
    name.toUpperCase().replaceAll('-', '_'),
    name.replaceAll('-', '.'),
    name.replaceAll('-', '!'),
    name.replaceAll('-', '~'),
    name.replaceAll('-', '*'),
    name.replaceAll('_', '-'),
  ]),
];
/** The variable that CGI makes of a header (RFC 3875 4.1.18), with everything odd folded as lax servers do. */
const cgi = (name: string) => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');

const raw = async (target: string, lines: readonly string[], cookie = '') => {
  const wire = await openWire(gate.port);
  const own = cookie === '' ? [] : [`Cookie: ${cookie}`];
  wire.send(
    [`GET ${target} HTTP/1.1`, `Host: localhost:${gate.port}`, ...own, ...lines, 'Connection: close', '', ''].join(
      '\r\n',
    ),
  );
  await wire.closed(2_000);
  return wire.heard();
};

describe.each(['/quay/', '/public/'])('at %s', (target) => {
  const session = () => (target === '/quay/' ? [...pilot.cookies].map((pair) => pair.join('=')).join('; ') : '');

  test.each([...ours, ...never])('%s is ours alone in every spelling', async (name) => {
    const spoofs = spellings(name).filter((spelling) => !/^(host|cookie)$/i.test(spelling));
    const lines = spoofs.flatMap((spelling) => [`${spelling}: spoofed`, `${spelling}: spoofed`]);
    expect(await raw(target, lines, session())).toMatch(/^HTTP\/1\.1 200 /);
    const { rawHeaders } = gate.backend.last();
    const seen = rawHeaders.flatMap((header, i) =>
      i % 2 === 0 && cgi(header) === cgi(name) ? [rawHeaders[i + 1]] : [],
    );
    expect(seen.filter((value) => value?.includes('spoofed'))).toEqual([]);
    expect(seen.length).toBeLessThanOrEqual(1);
  });

  test.each([
    'Authorization : Bearer spoofed',
    'X-Forwarded-For\t: spoofed',
    'X-A: b\r\n Authorization: spoofed',
    'X-A: b\r\n\tX-Forwarded-User: spoofed',
  ])('%j is refused', async (line) => {
    expect(await raw(target, [line], session())).toMatch(/^HTTP\/1\.1 400 /);
    expect(gate.backend.calls).toEqual([]);
  });
});

test('a header of the destination has no second spelling', async () => {
  expect(await raw('/public/', ['sap_client: 999', 'SAP.CLIENT: 998'])).toMatch(/^HTTP\/1\.1 200 /);
  const { rawHeaders } = gate.backend.last();
  expect(rawHeaders.filter((header, i) => i % 2 === 0 && cgi(header) === 'SAP_CLIENT')).toEqual(['sap-client']);
});

test.runIf(existsSync('/usr/bin/python3') || process.env['PORTUNUS_REQUIRE'] === 'all')(
  'a WSGI backend, asked itself, sees our values',
  async () => {
    const script = [
      'import json',
      'from wsgiref.simple_server import make_server, WSGIRequestHandler',
      'class Quiet(WSGIRequestHandler):',
      '  def log_message(self, *a): pass',
      'def app(env, start):',
      '  start("200 OK", [("content-type", "application/json")])',
      '  return [json.dumps({k: str(v) for k, v in env.items() if k.startswith("HTTP_")}).encode()]',
      's = make_server("127.0.0.1", 0, app, handler_class=Quiet)',
      'print(s.server_port, flush=True)',
      's.serve_forever()',
    ].join('\n');
    const python = spawn('python3', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    atEnd(() => python.kill('SIGKILL'));
    const [line] = (await once(python.stdout, 'data')) as [Buffer];
    const router = await openRouter({
      xsuaa: gate.xsuaa,
      xsApp: { routes: [{ source: '^/quay/', destination: 'wsgi' }] },
      env: { destinations: [{ name: 'wsgi', url: `http://127.0.0.1:${Number(line)}`, forwardAuthToken: true }] },
    });
    const user = openClient(router.origin);
    await user.logIn('/quay/');
    const spoofs = [...ours, ...never].flatMap(spellings).filter((name) => !/^(host|cookie)$/i.test(name));
    const { text } = await user.ask('/quay/', { headers: Object.fromEntries(spoofs.map((name) => [name, 'spoofed'])) });
    const env = JSON.parse(text) as Record<string, string>;
    expect(Object.entries(env).filter(([, value]) => value.includes('spoofed'))).toEqual([]);
    expect(env['HTTP_AUTHORIZATION']).toMatch(/^Bearer ey/);
    expect(env['HTTP_X_FORWARDED_HOST']).toBe(new URL(router.origin).host);
  },
);
