import { beforeAll, describe, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';

/**
 * T-30 and T-31. approuter accepted an authorization code that somebody else had begun a login for (CVE-2025-24876, 8.1);
 * @hono/oauth-providers checked `state` only if there was one (CVE-2026-81888); Envoy crashed without (CVE-2023-27496).
 *
 * What must hold: a callback finishes a login only with the very state, in the very browser, once, and with the code
 * verifier of that attempt. Anything else is refused, makes no session and asks the token endpoint nothing.
 */
let gate: Gate;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
});

/** A browser with a login under way: its cookies, and where the provider sent it back to. */
async function underWay() {
  const browser = openClient(gate.origin);
  const begun = await browser.ask('/quay/1', { headers: { accept: 'text/html' } });
  const provider = await fetch(begun.headers.location ?? '', { redirect: 'manual' });
  const back = new URL(provider.headers.get('location') ?? '');
  return { browser, code: back.searchParams.get('code') ?? '', state: back.searchParams.get('state') ?? '' };
}
const redeemed = () => gate.xsuaa.grants('authorization_code').length;

describe('a callback', () => {
  test.each<[what: string, query: (code: string, state: string) => string]>([
    ['without a state', (code) => `code=${code}`],
    ['with an empty state', (code) => `code=${code}&state=`],
    ['with the state twice', (code, state) => `code=${code}&state=${state}&state=${state}`],
    ['with two states', (code, state) => `code=${code}&state=x&state=${state}`],
    ['with the state as an array', (code, state) => `code=${code}&state[]=${state}`],
    ['with the state as an object', (code, state) => `code=${code}&state[a]=${state}`],
    ['with the code twice', (code, state) => `code=${code}&code=x&state=${state}`],
    ['with an error and a code', (code, state) => `code=${code}&error=x&error=y&state=${state}`],
    ['with the state in capitals', (code, state) => `code=${code}&state=${state.toUpperCase()}x`],
    ['with the state cut short', (code, state) => `code=${code}&state=${state.slice(0, -1)}`],
    ['with only the beginning of the state', (code, state) => `code=${code}&state=${state.slice(0, 8)}`],
    ['with another end of the state', (code, state) => `code=${code}&state=${state.slice(0, 9)}${'A'.repeat(43)}`],
    ['with the parameters in the fragment’s place', (code, state) => `%23code=${code}&x=${state}`],
    ['with __proto__ as state', (code) => `code=${code}&state=__proto__`],
    ['without anything', () => ''],
  ])('%s is refused, and nobody is asked', async (_, query) => {
    const { browser, code, state } = await underWay();
    const before = redeemed();
    const answer = await browser.ask(`/login/callback?${query(code, state)}`);
    expect(answer.status).toBe(400);
    expect(answer.headers['set-cookie']?.join() ?? '').not.toContain('JSESSIONID=s');
    expect(redeemed()).toBe(before);
    expect(browser.cookies.has('JSESSIONID')).toBe(false);
  });

  test('with the attempt’s cookie missing is refused, though state and code are right', async () => {
    const { code, state } = await underWay();
    const before = redeemed();
    expect((await gate.ask(`/login/callback?code=${code}&state=${state}`)).status).toBe(400);
    expect(redeemed()).toBe(before);
  });

  test('of the attacker, opened by the victim, logs nobody in', async () => {
    const [attacker, victim] = await Promise.all([underWay(), underWay()]);
    const before = redeemed();
    expect((await victim.browser.ask(`/login/callback?code=${attacker.code}&state=${attacker.state}`)).status).toBe(
      400,
    );
    expect(redeemed()).toBe(before);
  });

  test('with the victim’s own state and the attacker’s code fails at the code verifier', async () => {
    const [attacker, victim] = await Promise.all([underWay(), underWay()]);
    const answer = await victim.browser.ask(`/login/callback?code=${attacker.code}&state=${victim.state}`);
    expect(answer.status).toBe(401);
    expect(victim.browser.cookies.has('JSESSIONID')).toBe(false);
    expect(gate.xsuaa.grants('authorization_code').at(-1)?.form.get('code_verifier')).toMatch(/^[\w-]{43,}$/);
  });

  test('works once, also for a failed try', async () => {
    const { browser, code, state } = await underWay();
    const first = await browser.ask(`/login/callback?code=wrong&state=${state}`);
    expect(first.status).toBe(401);
    expect((await browser.ask(`/login/callback?code=${code}&state=${state}`)).status).toBe(400);
  });

  test('is a GET: POST, PUT and HEAD with the same parameters make no session', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { browser, code, state } = await underWay();
      expect((await browser.ask(`/login/callback?code=${code}&state=${state}`, { method })).status).toBe(405);
      expect(browser.cookies.has('JSESSIONID')).toBe(false);
    }
  });
});

test('every attempt asks with a fresh state, nonce and S256 challenge (no downgrade to plain)', async () => {
  const seen = new Set<string>();
  for (let n = 0; n < 20; n++) {
    const { headers } = await gate.ask('/quay/1', { headers: { accept: 'text/html' } });
    const { searchParams } = new URL(headers.location ?? '');
    expect(searchParams.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) seen.add(`${name} ${searchParams.get(name)}`);
  }
  expect(seen.size).toBe(60);
});
