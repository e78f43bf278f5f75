import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { openBrowser } from '../support/browser.ts';
import { harbourAt, openHarbour } from '../support/harbour.ts';
import { logIn } from '../support/log-in.ts';
import { openBackend } from '../support/open-backend.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { spawnRouter } from '../support/spawn-router.ts';

/** Refresh tokens at the end of a login (RFC 7009), at a provider that takes them back and at one that does not. */
let taking: Landscape;
let lacking: Landscape;
beforeAll(async () => {
  taking = await openLandscape({ revocation: true });
  lacking = await openLandscape({ keys: taking.keys });
});

const revocations = ({ calls }: Landscape) => calls.entra.filter(({ path }) => path.endsWith('/revoke'));

/** Shows a refresh token to the provider, as whoever got hold of it would. */
async function redeem({ entra }: Landscape, refreshToken: string) {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: entra.client.id,
    client_secret: entra.client.secret,
  });
  const answer = await fetch(entra.tokenUrl, { method: 'POST', body });
  return { status: answer.status, body: (await answer.json()) as { error?: string; error_codes?: number[] } };
}

describe('a logout', () => {
  test('gives the refresh token back: it is dead afterwards, and that of another login lives', async () => {
    const { at } = await openHarbour({ landscape: taking });
    const [leaving, staying] = [openBrowser(), openBrowser()];
    await logIn(leaving, at('/quay/'), users.everywhere);
    await logIn(staying, at('/quay/'), users.withoutConsent);
    await leaving.visit(at('/logout'));
    const [call, ...more] = revocations(taking);
    expect([call?.status, more]).toEqual([200, []]);
    const form = new URLSearchParams(call?.full.body);
    expect(form.get('token_type_hint')).toBe('refresh_token');
    const after = await redeem(taking, form.get('token') ?? '');
    expect([after.status, after.body.error]).toEqual([400, 'invalid_grant']);
    const garbage = await redeem(taking, 'never-was-one');
    expect(after.body.error_codes, 'the provider knew it once').not.toEqual(garbage.body.error_codes);
    // With its CSRF token it may ask for a renewal at once: its refresh token must be good.
    const csrf = (await staying.fetch(at('/quay/'), { headers: { 'x-csrf-token': 'fetch' } })).header('x-csrf-token');
    const renewed = await staying.fetch(at('/-/session'), { method: 'POST', headers: { 'x-csrf-token': csrf ?? '' } });
    expect(renewed.json['authenticated']).toBe(true);
    expect(taking.calls.entra.filter(({ grant }) => grant === 'refresh_token').at(-1)?.status).toBe(200);
  });

  test('calls nothing where the provider has no such place', async () => {
    const { at } = await openHarbour({ landscape: lacking });
    const browser = openBrowser();
    await logIn(browser, at('/quay/'), users.everywhere);
    lacking.calls.clear();
    expect((await browser.visit(at('/logout'))).status).toBe(302);
    expect(lacking.calls.entra).toEqual([]);
  });

  test('is one though the provider is down, and the log says so without the token', async () => {
    const passing = await openLandscape({ keys: taking.keys, revocation: true });
    const quay = await openBackend();
    const router = await spawnRouter(harbourAt(quay, { landscape: passing }));
    const browser = openBrowser();
    await logIn(browser, `${router.origin}/quay/`, users.everywhere);
    await passing.stop();
    expect((await browser.visit(`${router.origin}/logout`)).status).toBe(302);
    expect((await browser.fetch(`${router.origin}/quay/`)).status).toBe(401);
    expect(router.output()).toContain('could not be revoked at \\"oidc\\"');
  });
});

test('a time-out takes nothing back', async () => {
  const { at, router } = await openHarbour({ landscape: taking, env: { SESSION_TIMEOUT: '0.01' } });
  const browser = openBrowser();
  await logIn(browser, at('/quay/'), users.everywhere);
  taking.calls.clear();
  await expect
    .poll(async () => (await browser.fetch(at('/quay/'), {})).status, { interval: 900, timeout: 5_000 })
    .toBe(401);
  expect(router.house.state.draining).toBe(false);
  expect(revocations(taking)).toEqual([]);
});
