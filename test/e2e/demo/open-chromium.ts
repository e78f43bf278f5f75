import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { atEnd } from '../../support/at-end.ts';

/** Debian's; playwright-core brings no browser of its own. */
const executablePath = '/usr/bin/chromium';

export const chromiumIsInstalled = existsSync(executablePath);

/** Nothing that calls home, and no sandbox: it cannot be made where tests run as root. */
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser: Promise<Browser> | undefined;

/** What a page complained about, as a developer sees it in the console. */
export interface Tab {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Violations of the policy, exceptions, and whatever else is an error; failed requests are not. */
  readonly complaints: string[];
}

/** A tab of a browser profile of its own: nobody is logged in. Both end with the test file. */
export async function openTab(viewport = { width: 1280, height: 900 }, ignoreHTTPSErrors = false): Promise<Tab> {
  if (browser === undefined) {
    browser = chromium.launch({ executablePath, args });
    atEnd(async () => {
      const ending = browser;
      browser = undefined;
      await (await ending)?.close();
    });
  }
  const context = await (await browser).newContext({ viewport, locale: 'en-US', ignoreHTTPSErrors });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  return { page, context, complaints };
}
