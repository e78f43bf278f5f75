import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startDemo } from '../../demo/start-demo.ts';

/**
 * `node docs/generate/screenshots.ts`: takes the pictures of the demo that the pages show. Not part of `npm run docs`: it needs
 * Chromium, and no two runs are the same to the byte.
 */
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
if (!existsSync(executablePath)) throw new Error(`there is no ${executablePath}; say where Chromium is by CHROMIUM`);

/** Bytes; a page of documentation is to open at once. */
const most = 200_000;

const demo = await startDemo({ port: 0, logLevel: 'error', progress: () => {} });
const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: 1080, height: 900 }, locale: 'en-US' });
  await page.goto(demo.url);
  await page.getByText('Mara Lindqvist').first().click();
  await page.waitForURL(`${demo.url}/app/**`);
  await page.waitForLoadState('networkidle');
  // Two panels that show what it is about: a key for each door.
  await page
    .getByRole('region', { name: 'My Graph profile' })
    .evaluate((panel) => panel.scrollIntoView({ behavior: 'instant' }));
  const path = fileURLToPath(new URL('../pictures/demo.png', import.meta.url));
  await page.screenshot({ path });
  const { size } = statSync(path);
  if (size > most) throw new Error(`${path} has ${size} bytes; ${most} are the most`);
} finally {
  await browser.close();
  await demo.stop();
}
