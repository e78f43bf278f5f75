import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type LandscapeUser, users } from '../../../demo/landscape/users.ts';
import { type Demo, startDemo } from '../../../demo/start-demo.ts';
import { atEnd } from '../../support/at-end.ts';
import { lowContrast } from './low-contrast.ts';
import { chromiumIsInstalled, openTab, type Tab } from './open-chromium.ts';

type Both = Tab & { readonly app: Page };

/** The inspector beside the demo's app, as a developer has them open. */
const why = chromiumIsInstalled ? '' : ' (skipped: /usr/bin/chromium is missing)';

describe.runIf(chromiumIsInstalled)(`the inspector in Chromium${why}`, () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await startDemo({ port: 0, logLevel: 'error', progress: () => undefined });
    atEnd(demo.stop);
    await open(users.everywhere);
  }, 90_000);

  const opened = new Map<LandscapeUser, Promise<Both>>();
  /** The two pages of somebody, the same ones for all stories: each adds requests, and none relies on there being no others. */
  const open = (user: LandscapeUser): Promise<Both> => {
    const both = opened.get(user) ?? openBoth(user);
    opened.set(user, both);
    return both;
  };

  /** The inspector first, then the app with somebody in it, whose panels have all been answered. */
  async function openBoth({ displayName }: LandscapeUser): Promise<Both> {
    const tab = await openTab();
    const { page, context, complaints } = tab;
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`${demo.url}/-/inspector`);
    await page.getByText('Live', { exact: true }).waitFor();
    const app = await context.newPage();
    app.on('pageerror', ({ message }) => complaints.push(message));
    await app.goto(`${demo.url}/app/`);
    await app.getByRole('button', { name: displayName }).click();
    await app.waitForURL(`${demo.url}/**`);
    await app.getByRole('status').getByText('4 services asked').waitFor();
    return { ...tab, app };
  }
  const requests = (page: Page) => page.getByRole('listbox', { name: /^Requests/ }).getByRole('option');
  const choose = async (page: Page, name: RegExp) => {
    await requests(page).filter({ hasText: name }).first().click();
    return page.getByRole('region', { name: 'The request’s way' });
  };
  const cellsOf = async (page: Page, table: RegExp, claim: string) =>
    page
      .getByRole('table', { name: table })
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: claim, exact: true }) })
      .getByRole('cell')
      .allInnerTexts();

  test('requests come by themselves; On-Behalf-Of shows both tokens’ claims side by side', async () => {
    const { page, complaints } = await open(users.everywhere);
    const detail = await choose(page, /\/graph\/me/);
    const stops = (await detail.getByRole('listitem').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    expect(
      stops.map((text) => /Client|Session|Route|May they\?|Destination|Token|Backend|Answer/.exec(text)?.[0]),
    ).toEqual(['Client', 'Session', 'Route', 'May they?', 'Destination', 'Token', 'Backend', 'Answer']);
    expect(stops.join()).toMatch(/routes\/\d .*\^.*graph/);
    expect(stops.join()).toContain(users.everywhere.email);
    expect(await cellsOf(page, /jwt-bearer: claims side by side/, 'aud')).toEqual([
      `"${demo.landscape.entra.client.id}"`,
      '"https://graph.microsoft.com"',
      'changed',
    ]);
    expect((await cellsOf(page, /side by side/, 'scp')).slice(1)).toEqual(['"User.Read"', 'new']);
    expect((await cellsOf(page, /side by side/, 'oid'))[2]).toBe('');
    expect((await cellsOf(page, /side by side/, 'exp'))[1]).toMatch(/in \d+ min/);
    const times = page.getByRole('table', { name: 'Where the time went' });
    expect(await times.getByRole('rowheader').allInnerTexts()).toEqual([
      'Session',
      'Credential for graph-user',
      'Token request: jwt-bearer',
      'Backend',
      'Whole request',
    ]);
    await detail.getByText('What was sent').click();
    expect(await detail.getByRole('row', { name: /requested_token_use on_behalf_of/ }).count()).toBe(1);
    expect(await detail.getByRole('row', { name: /client_secret \[not shown\]/ }).count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('a cached token is shown as well', async () => {
    const { page, app } = await open(users.everywhere);
    await app.getByRole('region', { name: 'My Graph profile' }).getByRole('button', { name: 'Send again' }).click();
    await expect
      .poll(() =>
        requests(page)
          .filter({ hasText: /\/graph\/me/ })
          .count(),
      )
      .toBeGreaterThan(1);
    const detail = await choose(page, /\/graph\/me/);
    await detail.getByText('at hand, authorization: Bearer').first().waitFor();
    expect((await cellsOf(page, /Credential for graph-user: claims side by side/, 'aud'))[2]).toBe('changed');
  });

  test('a minted client assertion, and a SAML assertion without its signature', async () => {
    const { page } = await open(users.everywhere);
    const technical = await choose(page, /\/graph-technical\//);
    await technical.getByText('What was sent').click();
    expect(
      (await technical.getByRole('table', { name: 'Fields of the form' }).innerText()).replace(/\s+/g, ' '),
    ).toMatch(/client_assertion a JWT .*alg "PS256"/);
    const detail = await choose(page, /\/successfactors\/User/);
    const xml = await detail.getByRole('region', { name: 'SAML assertion in assertion' }).innerText();
    expect(xml).toMatch(/^<saml2:Assertion .*\n {2}<saml2:Issuer>/);
    expect(xml).toContain(`>${users.everywhere.email}</saml2:NameID>`);
    expect(xml).toContain('<ds:SignatureValue>[…]</ds:SignatureValue>');
  });

  test('an error with its cause and its cure, found by the filter', async () => {
    const { page } = await open(users.withoutEmployeeRecord);
    await page.getByRole('searchbox', { name: 'Filter' }).fill('status:5xx destination:success');
    await expect.poll(() => requests(page).count()).toBeGreaterThan(0);
    expect((await requests(page).allTextContents()).filter((text) => text.includes('502')).length).toBe(1);
    const detail = await choose(page, /502/);
    const error = detail.getByRole('region', { name: 'What went wrong: ERR_TOKEN_SERVICE (502)' });
    expect(await error.innerText()).toMatch(
      /SuccessFactors does not know the user[\s\S]*What to do: Check userIdSource/,
    );
    await page.getByRole('searchbox', { name: 'Filter' }).fill('code:err_token user:nobody-at-all');
    await expect.poll(() => requests(page).count()).toBe(0);
    await page.getByText('None of them is what the filter asks for.').waitFor();
    await page.getByRole('searchbox', { name: 'Filter' }).fill('');
  });

  test('by keyboard alone: to the list, through it, into what is shown, and to the assertion', async () => {
    const { page } = await open(users.everywhere);
    await page.goto('about:blank');
    await page.goto(`${demo.url}/-/inspector`);
    await expect.poll(() => requests(page).count()).toBeGreaterThan(10);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = () => page.evaluate('document.activeElement.id || document.activeElement.textContent');
    const chosen = async () =>
      (
        await requests(page)
          .and(page.getByRole('option', { selected: true }))
          .allInnerTexts()
      ).join();
    await press('Tab');
    expect(await focused()).toBe('Skip to the requests');
    expect(await page.evaluate('document.activeElement.getBoundingClientRect().top >= 0')).toBe(true);
    await press('Enter');
    expect(await focused()).toBe('list');
    await press('ArrowDown');
    const first = await chosen();
    await press('ArrowDown');
    expect(await chosen()).not.toBe(first);
    await press('ArrowUp');
    expect(await chosen()).toBe(first);
    await press('End');
    const last = await chosen();
    expect(last).not.toBe(first);
    await press('Home', 'ArrowUp');
    expect(await chosen()).toBe(first);
    const active = 'document.getElementById("list").getAttribute("aria-activedescendant")';
    expect(await page.evaluate(`document.getElementById(${active}).getAttribute("aria-selected")`)).toBe('true');
    await press('Enter');
    expect(await focused()).toBe('detail-heading');
    await press('Tab');
    expect(await focused()).toBe('Copy as Markdown');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  });

  test('what is shown stays in focus while its request goes on', async () => {
    const { page, app } = await open(users.everywhere);
    await choose(page, /\/graph\/me/);
    await page.getByRole('listbox').press('Enter');
    const before = await requests(page).count();
    await app.getByRole('region', { name: 'My Graph profile' }).getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => requests(page).count()).toBeGreaterThan(before);
    expect(await page.evaluate('document.activeElement.id')).toBe('detail-heading');
  });

  test('to a screen reader: landmarks, one heading of each place, news said politely, nothing without a name', async () => {
    const { page } = await open(users.withoutEmployeeRecord);
    await choose(page, /502/);
    for (const landmark of ['banner', 'main', 'search'] as const)
      expect(await page.getByRole(landmark).count()).toBe(1);
    expect(await page.getByRole('heading', { level: 1 }).allInnerTexts()).toEqual(['Inspector']);
    expect(await page.getByRole('heading', { level: 2 }).count()).toBe(2);
    await expect.poll(() => page.getByRole('status').textContent()).toMatch(/^(GET|POST) \/\S*: \d{3}$/);
    expect(await requests(page).filter({ hasText: '502' }).first().textContent()).toMatch(
      /^GET \S+ 502 failed successfactors \d/,
    );
    const nameless =
      await page.evaluate(`[...document.querySelectorAll('button, input, a, [tabindex="0"], table, section')]
      .filter((element) => element.matches('button, a') ? element.textContent.trim() === ''
        : element.matches('input') ? element.labels.length === 0
        : element.matches('table') ? element.caption === null
        : element.matches('section') ? element.querySelector('h2, h3') === null && !element.hasAttribute('aria-label')
        : !element.hasAttribute('aria-label') && !element.hasAttribute('aria-labelledby'))
      .map((element) => element.outerHTML.slice(0, 80))`);
    expect(nameless).toEqual([]);
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
  });

  test.each(['light', 'dark'] as const)(
    'every text has enough contrast in %s (WCAG 2.2, 1.4.3)',
    async (colorScheme) => {
      const { page } = await open(users.withoutEmployeeRecord);
      await page.emulateMedia({ colorScheme });
      for (const one of [/502/, /\/graph\/me/, /\/login\/callback/]) {
        await choose(page, one);
        for (const summary of await page.locator('summary').all()) await summary.click();
        expect(await page.evaluate(lowContrast())).toEqual([]);
      }
    },
  );

  test('on a phone nothing sticks out at the side', async () => {
    const { page } = await open(users.everywhere);
    await page.setViewportSize({ width: 390, height: 844 });
    await choose(page, /\/successfactors\/User/);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  test('the page ends where what is shown ends, however many requests there are', async () => {
    const { page } = await open(users.everywhere);
    expect(await requests(page).count()).toBeGreaterThan(15);
    const tooLong = `document.documentElement.scrollHeight
      - Math.max(innerHeight, document.querySelector('main').getBoundingClientRect().bottom + scrollY)`;
    for (const viewport of [
      { width: 390, height: 844 },
      { width: 1280, height: 900 },
    ]) {
      await page.setViewportSize(viewport);
      expect(await page.evaluate(tooLong)).toBeLessThan(2);
    }
  });

  test('copied as Markdown and as JSON: the way, the claims, and no token', async () => {
    const { page } = await open(users.everywhere);
    await choose(page, /\/graph\/me/);
    const copied = async (name: string) => {
      await page.getByRole('button', { name }).click();
      await expect.poll(() => page.getByRole('status').textContent()).toBe('Copied.');
      return String(await page.evaluate('navigator.clipboard.readText()'));
    };
    const markdown = await copied('Copy as Markdown');
    expect(markdown).toMatch(/^## GET \/graph\/me: 200\n/);
    expect(markdown).toContain('| aud |');
    expect(markdown).toMatch(/\*\*Backend\*\*: 200/);
    const json = await copied('Copy as JSON');
    expect(JSON.parse(json)).toMatchObject({ path: '/graph/me', destination: 'graph-user', end: { status: 200 } });
    for (const text of [markdown, json]) expect(text).not.toMatch(/eyJ[\w-]{8}/);
  });

  test('a request has an address: the id that its answer carries', async () => {
    const { page, app } = await open(users.everywhere);
    const answer = await app.request.get(`${demo.url}/nowhere/at/all`);
    const id = answer.headers()['x-request-id'];
    await page.goto('about:blank');
    await page.goto(`${demo.url}/-/inspector#${id}`);
    await page.getByRole('heading', { name: /GET \/nowhere\/at\/all: 404/ }).waitFor();
    expect(await page.getByRole('region', { name: /What went wrong/ }).count()).toBe(1);
  });

  test('no route took it: which nearly did, on the page and in what is copied', async () => {
    const { page, app } = await open(users.everywhere);
    await app.request.get(`${demo.url}/grpah/me`);
    const detail = await choose(page, /\/grpah\/me/);
    const nearly = detail.getByRole('region', { name: 'Routes that nearly took it' });
    expect(await nearly.getByRole('listitem').allInnerTexts()).toContainEqual(
      expect.stringMatching(/^routes\/\d+ .*with "\/graph\/" in place of "\/grpah\/" it would be$/),
    );
    await page.getByRole('button', { name: 'Copy as Markdown' }).click();
    await expect.poll(() => page.getByRole('status').textContent()).toBe('Copied.');
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain('### Routes that nearly took it');
  });

  test('what requests say becomes no markup', async () => {
    const { page, app, complaints } = await open(users.everywhere);
    await app.request.get(`${demo.url}/<img/src=x/onerror=alert(1)>`, {
      headers: { 'user-agent': '<script>alert(2)</script>' },
    });
    const detail = await choose(page, /alert\(1\)/);
    expect(await detail.getByRole('heading', { level: 2 }).innerText()).toContain('alert(1)');
    expect(await page.locator('img').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('held, it shows nothing new until it goes on; cleared, it has forgotten, also for who comes later', async () => {
    const { page, app } = await open(users.everywhere);
    await page.getByRole('button', { name: 'Pause' }).click();
    expect(await page.getByRole('button', { name: 'Pause' }).getAttribute('aria-pressed')).toBe('true');
    const before = await requests(page).count();
    const other = await page.context().newPage();
    await other.goto(`${demo.url}/-/inspector`);
    await app.reload();
    await expect.poll(() => requests(other).count()).toBeGreaterThan(before);
    expect(await requests(page).count()).toBe(before);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => requests(page).count()).toBeGreaterThan(before);
    await app.close();
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => requests(page).count()).toBe(0);
    await expect.poll(() => requests(other).count()).toBe(0);
  });
});
