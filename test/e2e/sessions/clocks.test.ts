import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { run } from '../../../src/commands/explain-session.ts';
import type { SessionExplanation } from '../../../src/explain/session-explanation.ts';
import { callCommand } from '../../support/call-command.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { type Browser, openBrowser } from '../support/browser.ts';
import { type Harbour, openHarbour } from '../support/harbour.ts';
import { logIn } from '../support/log-in.ts';
import { openLandscape, tokenCalls } from '../support/open-landscape.ts';
import { loginAt } from '../support/open-router.ts';

/** Row by row what docs/sessions.md says about clocks. Router, landscape and OP share this process, and so its clock. */
let landscape: Landscape;
let browser: Browser;
beforeAll(async () => {
  landscape = await openLandscape();
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  browser = openBrowser();
  landscape.calls.clear();
});
afterEach(() => void vi.useRealTimers());

const pass = (minutes: number) => vi.advanceTimersByTime(minutes * 60_000);
const statusOf = async ({ at }: Harbour) => (await browser.fetch(at('/quay/'))).status;
const refreshes = () => tokenCalls(landscape, 'refresh_token').length;

async function loggedIn(env: Record<string, string> = {}): Promise<Harbour> {
  const harbour = await openHarbour({ landscape, env });
  await logIn(browser, harbour.at('/quay/'), users.everywhere);
  return harbour;
}

describe('row 1, idle time', () => {
  test('15 minutes without a request end the session; every request starts them anew', async () => {
    const harbour = await loggedIn();
    for (let i = 0; i < 4; i++) {
      pass(14);
      expect(await statusOf(harbour)).toBe(200);
    }
    pass(15.1);
    expect(await statusOf(harbour)).toBe(401);
  });

  test('asking how long it lasts does not', async () => {
    const harbour = await loggedIn();
    for (let i = 0; i < 3; i++) {
      pass(5);
      await browser.fetch(harbour.at('/-/session'));
    }
    pass(0.1);
    expect(await statusOf(harbour)).toBe(401);
  });
});

test('row 2, longest life: the session ends, however much it is used and renewed', async () => {
  const harbour = await loggedIn({ SESSION_MAX_AGE: '120' });
  for (let i = 0; i < 12; i++) {
    expect(await statusOf(harbour)).toBe(200);
    pass(10);
  }
  expect(refreshes(), 'a renewal does not prolong it').toBeGreaterThanOrEqual(1);
  pass(0.1);
  expect(await statusOf(harbour)).toBe(401);
});

test('row 3, access token: renewed before its end, and the user notices nothing', async () => {
  const harbour = await loggedIn({ SESSION_TIMEOUT: '600' });
  pass(56);
  expect(await statusOf(harbour)).toBe(200);
  expect(refreshes()).toBe(1);
  pass(30);
  expect(await statusOf(harbour), 'long after the end of the first').toBe(200);
});

test('row 4, refresh token: when it is no good, the login ends with the access token, and the session stays', async () => {
  const harbour = await loggedIn({ SESSION_TIMEOUT: '600' });
  const session = browser.cookies(harbour.at('/'));
  landscape.hooks.entra.revokeRefreshTokens(users.everywhere);
  pass(56);
  expect(await statusOf(harbour), 'while the access token lives').toBe(200);
  pass(1);
  expect(await statusOf(harbour)).toBe(200);
  expect(refreshes(), 'refused for good is not asked again').toBe(1);
  pass(4);
  expect(await statusOf(harbour)).toBe(401);
  expect(browser.cookies(harbour.at('/'))).toBe(session);
});

test('row 5, session at the provider: its end elsewhere changes nothing until the provider says so', async () => {
  const harbour = await loggedIn();
  await browser.visit(landscape.entra.logoutUrl);
  expect(await statusOf(harbour)).toBe(200);
});

describe('what `portunus explain session` tells is what happens', () => {
  const explained = async (env: Record<string, string>): Promise<SessionExplanation> => {
    const variables = { ...loginAt(landscape), ...env };
    const { out } = await callCommand(run, workingDirectory({ 'xs-app.json': {} }), ['--format=json'], variables);
    return JSON.parse(out);
  };

  test.each([{}, { SESSION_TIMEOUT: '40' }, { SESSION_MAX_AGE: '7' }])('to who leaves: %j', async (env) => {
    const [idle] = (await explained(env)).logins[0]?.stories ?? [];
    const ends = idle?.events.at(-1)?.minutes ?? 0;
    const harbour = await loggedIn(env);
    pass(ends - 0.2);
    expect(await statusOf(harbour)).toBe(200);
    await browser.visit(harbour.at('/logout'));
    await logIn(browser, harbour.at('/quay/'), users.everywhere);
    pass(ends + 0.2);
    expect(await statusOf(harbour)).toBe(401);
  });

  test.each<[Record<string, string>, number]>([
    [{ SESSION_TIMEOUT: '600' }, 1],
    [{ SESSION_TIMEOUT: '600', JWT_REFRESH: '20' }, 1],
    [{ SESSION_TIMEOUT: '600', JWT_REFRESH: '0' }, 0],
  ])('to the token of who works on: %j', async (env, renewals) => {
    const [login] = (await explained(env)).logins;
    const harbour = await loggedIn(env);
    pass((login?.renewedAfter ?? login?.tokenMinutes ?? 0) - 0.2);
    expect(await statusOf(harbour)).toBe(200);
    expect(refreshes()).toBe(0);
    pass(0.4);
    expect(await statusOf(harbour)).toBe(login?.renewedAfter === undefined ? 401 : 200);
    expect(refreshes()).toBe(renewals);
  });
});
