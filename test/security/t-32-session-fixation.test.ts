import { beforeAll, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';

/**
 * T-32 and T-35. passport kept the session id over the login (CVE-2022-25896): who had planted it was logged in, too.
 * Envoy's logout left cookies that still worked (CVE-2025-55162); oauth2-proxy likewise.
 *
 * What must hold: a login makes a new session id, ids that come from outside never become sessions, and after a logout
 * neither browser nor server knows the old one.
 */
let gate: Gate;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
});
const cookieOf = (client: ReturnType<typeof openClient>) => client.cookies.get('JSESSIONID');
const stranger = async (cookie: string) =>
  (await gate.ask('/quay/', { headers: { cookie: `JSESSIONID=${cookie}`, accept: 'text/plain' } })).status;

test('the id before the login is not the id after, and dies with it', async () => {
  const victim = openClient(gate.origin);
  await victim.ask('/public/', { headers: { 'x-csrf-token': 'fetch' } });
  const before = cookieOf(victim) ?? '';
  expect(before).toMatch(/^s%3A/);
  await victim.logIn('/quay/');
  expect(cookieOf(victim)).not.toBe(before);
  expect((await victim.ask('/quay/')).status).toBe(200);
  expect(await stranger(before)).toBe(401);
});

test('a second login replaces the first one’s id', async () => {
  const victim = openClient(gate.origin);
  await victim.logIn('/quay/');
  const first = cookieOf(victim) ?? '';
  await victim.ask('/-/login').then(() => victim.logIn('/-/login?return_to=/quay/'));
  expect(cookieOf(victim)).not.toBe(first);
  expect(await stranger(first)).toBe(401);
});

test.each(['planted', 's%3Aplanted', 's%3Aplanted.signature', 's:planted', '__proto__', 's%3A__proto__.x'])(
  'a planted cookie %j becomes no session, and the login does not take it over',
  async (planted) => {
    const victim = openClient(gate.origin);
    victim.cookies.set('JSESSIONID', planted);
    await victim.ask('/public/', { headers: { 'x-csrf-token': 'fetch' } });
    expect(cookieOf(victim)).not.toBe(planted);
    victim.cookies.set('JSESSIONID', planted);
    await victim.logIn('/quay/');
    expect(cookieOf(victim)).not.toBe(planted);
    expect(await stranger(planted)).toBe(401);
  },
);

test('an attacker’s session in the victim’s browser is not what the victim logs in to', async () => {
  const attacker = await gate.loggedIn();
  const theirs = cookieOf(attacker) ?? '';
  gate.xsuaa.claims = { sub: 'victim', user_name: 'victim' };
  const victim = openClient(gate.origin);
  victim.cookies.set('JSESSIONID', theirs);
  await victim.logIn('/-/login?return_to=/quay/');
  gate.xsuaa.claims = {};
  expect(cookieOf(victim)).not.toBe(theirs);
  expect(await stranger(theirs), 'the attacker is out, and sees nothing of the victim').toBe(401);
});

test('after a logout the browser has no cookie of ours, and the old one opens nothing', async () => {
  const user = await gate.loggedIn();
  const old = cookieOf(user) ?? '';
  expect(await stranger(old)).toBe(200);
  const { headers } = await user.ask('/logout');
  expect(headers['set-cookie']?.join()).toMatch(/JSESSIONID=;/);
  expect([...user.cookies.keys()]).toEqual([]);
  expect(await stranger(old)).toBe(401);
  expect(headers['cache-control']).toContain('no-store');
});

test.each(['planted', 's%3Aplanted.signature', 's%3A%zz', '', '"s%3Aplanted.x"'])(
  'a cookie %j of the same name, set by another application of the domain, locks nobody out, whichever comes first',
  async (planted) => {
    const user = await gate.loggedIn();
    const own = `JSESSIONID=${cookieOf(user)}`;
    for (const cookie of [`JSESSIONID=${planted}; ${own}`, `${own}; JSESSIONID=${planted}`])
      expect((await gate.ask('/quay/', { headers: { cookie, accept: 'text/plain' } })).status).toBe(200);
  },
);

test('nor does such a cookie keep the old session alive over a login or a logout', async () => {
  const user = await gate.loggedIn();
  const first = cookieOf(user) ?? '';
  user.cookies.delete('JSESSIONID');
  const tossed = { cookie: `JSESSIONID=planted; JSESSIONID=${first}` };
  const begun = await user.ask('/-/login?return_to=/quay/');
  const provider = await fetch(begun.headers.location ?? '', { redirect: 'manual' });
  const back = new URL(provider.headers.get('location') ?? '');
  const attempt = [...user.cookies].map((pair) => pair.join('=')).join('; ');
  const finished = await gate.ask(back.pathname + back.search, {
    headers: { cookie: `${tossed.cookie}; ${attempt}` },
  });
  expect(finished.status).toBe(302);
  const second = /JSESSIONID=([^;]+)/.exec(finished.headers['set-cookie']?.join() ?? '')?.[1] ?? '';
  expect(await stranger(second)).toBe(200);
  expect(await stranger(first)).toBe(401);
  await gate.ask('/logout', { headers: { cookie: `JSESSIONID=planted; JSESSIONID=${second}` } });
  expect(await stranger(second)).toBe(401);
});
