import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { users } from '../../demo/landscape/users.ts';
import { startDemo } from '../../demo/start-demo.ts';

/**
 * Takes the picture of docs/inspector.md anew, of the demo in Chromium: `node docs/generate/inspector-picture.ts`. Not part of
 * `npm run docs`, for times and ids are others each time.
 */
const folder = fileURLToPath(new URL('../pictures/', import.meta.url));
mkdirSync(folder, { recursive: true });
const demo = await startDemo({ port: 0, logLevel: 'error', progress: () => undefined });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const context = await browser.newContext({
    viewport: { width: 1240, height: 1180 },
    deviceScaleFactor: 0.75,
    locale: 'en-US',
  });
  const app = await context.newPage();
  await app.goto(`${demo.url}/app/`);
  await app.getByRole('button', { name: users.everywhere.displayName }).click();
  await app.getByRole('status').getByText('4 services asked').or(app.getByText('4 services asked')).first().waitFor();
  const page = await context.newPage();
  await page.goto(`${demo.url}/-/inspector`);
  await page.getByRole('option').filter({ hasText: '/graph/me' }).first().click();
  await page.screenshot({ path: `${folder}inspector.png` });
} finally {
  await browser.close();
  await demo.stop();
}
