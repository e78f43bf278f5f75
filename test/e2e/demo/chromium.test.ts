import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type LandscapeUser, users } from '../../../demo/landscape/users.ts';
import { type Demo, startDemo } from '../../../demo/start-demo.ts';
import { atEnd } from '../../support/at-end.ts';
import { lowContrast } from './low-contrast.ts';
import { chromiumIsInstalled, openTab } from './open-chromium.ts';

/**
 * The page as people meet it, in a real browser: cookies, fragments, policies and back buttons are Chromium's own. Where
 * it is missing the stories are skipped, visibly; with PORTUNUS_REQUIRE=all that is a failure.
 */
test.runIf(process.env['PORTUNUS_REQUIRE'] === 'all')('Chromium is installed, as PORTUNUS_REQUIRE=all demands', () => {
  expect(chromiumIsInstalled).toBe(true);
});

const why = chromiumIsInstalled ? '' : ' (skipped: /usr/bin/chromium is missing)';

describe.runIf(chromiumIsInstalled)(`the demo in Chromium${why}`, () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo({ port: 0, logLevel: 'error', progress: () => undefined });
    atEnd(demo.stop);
  });

  const deepLink = () => `${demo.url}/app/?from=mail#panel-successfactors`;
  const logIn = async (page: Page, { displayName }: LandscapeUser) => {
    await page.getByRole('button', { name: displayName }).click();
    await page.waitForURL(`${demo.url}/**`);
  };
  const panel = (page: Page, title: string) => page.getByRole('region', { name: title });
  const outcome = async (page: Page, title: string) => {
    const section = panel(page, title);
    await section.and(page.locator('[data-outcome=fine], [data-outcome=refused]')).waitFor();
    return (await section.allInnerTexts()).join().replace(/\s+/g, ' ');
  };

  test('a deep link survives the login with query and fragment, and every panel is filled', async () => {
    const { page, complaints } = await openTab();
    await page.goto(deepLink());
    expect(new URL(page.url()).origin).toBe(demo.landscape.entra.origin);
    await logIn(page, users.everywhere);

    expect(page.url()).toBe(deepLink());
    expect(await outcome(page, 'Who am I')).toMatch(/200 OK .*mara\.lindqvist@example\.com/);
    expect(await outcome(page, 'My Graph profile')).toMatch(/200 OK .*graph-user .*On-Behalf-Of .*Harbour Pilot/);
    expect(await outcome(page, 'My SuccessFactors record')).toMatch(/200 OK .*SAML bearer .*103214 .*June 1, 2019/);
    expect(await outcome(page, 'Graph as the technical user')).toMatch(/200 OK .*Client credentials .*Yuki Brandt/);
    expect(await outcome(page, 'An IAS-protected API')).toMatch(/200 OK .*mTLS .*Quay maintenance/);
    await expect.poll(() => panel(page, 'My SuccessFactors record').evaluate(isInView)).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('the other ways to the same services work too', async () => {
    const { page } = await openTab();
    await page.goto(`${demo.url}/`);
    await logIn(page, users.everywhere);
    expect(await outcome(page, 'An IAS-protected API')).toContain('/ias/cost-centers');
    for (const [title, choice, destination, shows] of [
      ['My Graph profile', 'a signed assertion', 'graph-user-assertion', 'Harbour Pilot'],
      ['Graph as the technical user', 'a secret', 'graph-technical-secret', 'Lighthouse Keeper'],
      ['An IAS-protected API', 'as you', 'ias-user', 'The API was called by Mara Lindqvist'],
    ] as const) {
      await panel(page, title).getByText(choice, { exact: true }).click();
      await panel(page, title).getByText(destination, { exact: true }).waitFor();
      const text = await outcome(page, title);
      expect(text).toContain('200 OK');
      expect(text).toContain(shows);
    }
  });

  test('whom SuccessFactors does not know sees why and what to do, and the other panels as ever', async () => {
    const { page } = await openTab({ width: 390, height: 844 });
    await page.goto(deepLink());
    await logIn(page, users.withoutEmployeeRecord);
    const text = await outcome(page, 'My SuccessFactors record');
    expect(text).toContain('502 Bad Gateway');
    expect(text).toContain('SuccessFactors does not know the user');
    expect(text).toMatch(/What to do: \S+/);
    expect(text).toContain('ERR_TOKEN_SERVICE');
    expect(text).toMatch(/Request id [\w-]{8,}/);
    expect(await outcome(page, 'My Graph profile')).toContain('Customs Broker');
    // Nothing sticks out at the side of a phone's screen.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });

  test('logging out ends both sessions; the way back shows nothing of hers and leads to the sign-in page', async () => {
    const { page, complaints } = await openTab();
    await page.goto(`${demo.url}/app/`);
    await logIn(page, users.everywhere);
    await outcome(page, 'My Graph profile');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(`${demo.url}/goodbye.html`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('You have logged out');
    expect(await page.evaluate("fetch('/graph/me').then(({ status }) => status)")).toBe(401);

    await page.goBack();
    await page.getByText('Your session has ended.').first().waitFor();
    expect(await page.getByText('Lindqvist').count()).toBe(0);
    await page.getByRole('alert').getByRole('link', { name: 'Log in again' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).origin).toBe(demo.landscape.entra.origin);
    expect(complaints).toEqual([]);
  });

  test('who cancels the login reads why, by day and by night, and can begin again', async () => {
    const { page, complaints } = await openTab({ width: 390, height: 844 });
    await page.goto(`${demo.url}/app/`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: '403 Forbidden' }).waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('light dark');
      expect(await page.evaluate(lowContrast(4)), colorScheme).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    }
    await page.getByRole('link', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a session that has ended meanwhile: a click logs in again by a window, and the panel has its answer', async () => {
    const { page, context } = await openTab();
    await page.goto(`${demo.url}/app/#panel-ias`);
    await logIn(page, users.everywhere);
    await outcome(page, 'An IAS-protected API');
    await context.clearCookies({ name: 'JSESSIONID' });
    const opened = context.waitForEvent('page');
    await panel(page, 'An IAS-protected API').getByRole('button', { name: 'Send again' }).click();
    // The directory still knows her: no questions asked, and the window closes by itself.
    const popup = await opened;
    await expect.poll(() => popup.isClosed()).toBe(true);
    expect(await outcome(page, 'An IAS-protected API')).toContain('200 OK');
    expect(page.url()).toBe(`${demo.url}/app/#panel-ias`);
  });

  test('the page is usable by keyboard: first the skip link, and each panel has a name', async () => {
    const { page } = await openTab();
    await page.goto(`${demo.url}/app/`);
    await logIn(page, users.everywhere);
    await outcome(page, 'An IAS-protected API');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the panels');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Send again');
    expect(await page.getByRole('region').count()).toBe(5);
    expect(await page.getByRole('status').textContent()).toBe('4 services asked, 0 refused.');
  });

  test('no token is anywhere in the browser', async () => {
    const { page, context } = await openTab();
    const seen: string[] = [];
    page.on('response', async (response) => {
      if (response.url().startsWith(demo.url)) seen.push(await response.text().catch(() => ''));
    });
    await page.goto(`${demo.url}/app/`);
    await logIn(page, users.everywhere);
    await outcome(page, 'An IAS-protected API');
    const cookies = (await context.cookies()).map(({ value }) => value);
    const kept = await page.evaluate('JSON.stringify([localStorage, sessionStorage]) + document.cookie');
    expect(seen.join()).toContain('Harbour Pilot');
    expect([...seen, ...cookies, String(kept)].join('\n')).not.toMatch(/eyJ[\w-]{10}/);
  });
});

/** Runs in the page. */
function isInView(element: { getBoundingClientRect(): { readonly top: number } }): boolean {
  const { top } = element.getBoundingClientRect();
  return top >= 0 && top < 450;
}
