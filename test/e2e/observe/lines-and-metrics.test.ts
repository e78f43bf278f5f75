import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { ask } from '../support/ask.ts';
import { openBrowser } from '../support/browser.ts';
import { logIn, sessionCookie } from '../support/log-in.ts';
import { flowsOf } from '../support/open-flows.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { type RouterProcess, spawnRouter } from '../support/spawn-router.ts';

type Line = Readonly<Record<string, unknown>>;

/** A day in the life of a router: login, flows, refusals, logout; everything that listens is on. */
let landscape: Landscape;
let router: RouterProcess;
let cookie = '';
let scrape = '';
let whileLoggedIn = '';
const secretQuery = 'sup3r-s3cret-key';

const linesOf = (message: string) =>
  router
    .output()
    .split('\n')
    .flatMap((text) => (text.startsWith('{') ? [JSON.parse(text) as Line] : []))
    .filter(({ msg }) => msg === message);

beforeAll(async () => {
  landscape = await openLandscape();
  const setup = flowsOf(landscape);
  router = await spawnRouter({
    ...setup,
    env: {
      ...setup.env,
      PORTUNUS_ACCESS_LOG: 'true',
      PORTUNUS_AUDIT_LOG: 'true',
      PORTUNUS_ADMIN_PORT: '0',
      XS_APP_LOG_LEVEL: 'trace',
    },
  });
  const browser = openBrowser();
  const at = (path: string) => router.origin + path;
  await logIn(browser, at('/me/currentUser'), users.everywhere);
  cookie = sessionCookie(browser, router.origin) ?? '';
  await browser.open(at(`/graph-user/me?key=${secretQuery}`));
  await browser.open(at(`/graph-user/me?key=${secretQuery}`));
  await ask(router.origin, '/x/%2e%2e/y', { headers: { 'x-correlation-id': 'found-by-this' } });
  await ask(router.origin, '/me/currentUser', { headers: { 'x-approuter-authorization': 'Bearer eyJh.eyJz.c2ln' } });
  const adminPort = /127\.0\.0\.1:(\d+)\/metrics/.exec(router.output())?.[1];
  whileLoggedIn = (await ask(`http://127.0.0.1:${adminPort}`, '/metrics')).text;
  await browser.open(at('/logout'));
  await vi.waitFor(() => expect(linesOf('audit').length).toBeGreaterThan(2));
  scrape = (await ask(`http://127.0.0.1:${adminPort}`, '/metrics')).text;
});

const sample = (name: string, text = scrape) =>
  Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);

describe('access lines', () => {
  test('one a request: route, destination, status, where the time went', () => {
    const calls = linesOf('request').filter(({ destination }) => destination === 'graph-user');
    expect(calls).toHaveLength(2);
    for (const call of calls)
      expect(call).toMatchObject({ level: 'info', method: 'GET', path: '/graph-user/me', status: 200, bytes_in: 0 });
    for (const field of ['duration_ms', 'session_ms', 'credential_ms', 'backend_ms', 'bytes_out'])
      expect(calls[0]?.[field]).toBeGreaterThan(0);
    expect(calls[0]?.['route']).toMatch(/^routes\/\d+$/);
  });

  test('are found by the caller’s correlation id, as the failure is', () => {
    const tied = router
      .output()
      .split('\n')
      .filter((line) => line.includes('"correlation_id":"found-by-this"'));
    expect(tied.map((line) => (JSON.parse(line) as Line)['status'])).toEqual([400, 400]);
  });
});

describe('audit lines', () => {
  test('login, refusal and logout, with the user masked', () => {
    const audits = linesOf('audit');
    expect(audits.map(({ audit, by, reason }) => [audit, by ?? reason])).toEqual([
      ['login', 'redirect'],
      ['refused', 'caller-token'],
      ['logout', 'user'],
    ]);
    const [login, , logout] = audits;
    expect(login?.['user']).toMatch(/\*{4}/);
    expect(login?.['user_hash']).toMatch(/^[0-9a-f]{16}$/);
    expect(logout?.['user_hash']).toBe(login?.['user_hash']);
    expect(login?.['peer']).toBe('127.0.*.*');
  });
});

describe('metrics of a real scrape', () => {
  test('requests, credentials, token requests, backend calls, logins', () => {
    expect(sample('portunus_credentials_total{destination="graph-user",cache="miss"}')).toBe(1);
    expect(sample('portunus_credentials_total{destination="graph-user",cache="hit"}')).toBe(1);
    expect(scrape).toMatch(
      /portunus_token_request_duration_seconds_count\{destination="graph-user",grant="[^"]+jwt-bearer",outcome="ok"\} 1/,
    );
    expect(sample('portunus_backend_duration_seconds_count{destination="graph-user",status="2xx"}')).toBe(2);
    expect(scrape).toMatch(/portunus_logins_total\{provider="[^"]+",outcome="ok"\} 1/);
    expect(sample('portunus_logouts_total{by="user"}')).toBe(1);
    expect(sample('portunus_refusals_total{reason="caller-token"}')).toBe(1);
    expect(scrape).toMatch(/portunus_requests_total\{route="none",method="GET",status="4xx"\} [1-9]/);
    expect(scrape).toMatch(/portunus_certificate_expiry_days\{owner="[^"]+",subject="[^"]+"\} \d/);
    expect(scrape).toContain('process_cpu_user_seconds_total');
    expect(sample('portunus_requests_in_flight')).toBe(0);
  });

  test('what is held while somebody is logged in is gone after the logout', () => {
    const held = ['portunus_sessions', 'portunus_tokens_kept', 'portunus_live_sessions'];
    expect(held.map((name) => sample(name, whileLoggedIn))).toEqual([1, 1, 0]);
    expect(held.map((name) => sample(name))).toEqual([0, 0, 0]);
  });
});

test('no line at the highest level and no metric holds a token, a secret, a cookie or a query', () => {
  const { entra } = landscape;
  for (const text of [router.output(), scrape]) {
    expect(text).not.toMatch(/eyJ[\w-]{8,}/);
    expect(text).not.toContain(secretQuery);
    expect(text).not.toContain(entra.client.secret);
    expect(text).not.toContain(users.everywhere.email);
    expect(cookie.length).toBeGreaterThan(20);
    expect(text).not.toContain(cookie.slice(4, 24));
    expect(text).not.toMatch(/[?&](?:code|state)=/);
  }
});
