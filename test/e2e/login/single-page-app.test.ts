import type { Frame, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { type LandscapeUser, users } from '../../../demo/landscape/users.ts';
import { chromiumIsInstalled, openTab } from '../demo/open-chromium.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openHttpsFront } from '../support/open-https-front.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { openRouter, register } from '../support/open-router.ts';

/** A page as docs/single-page-apps.md advises: one form, and what became of it. */
const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Orders</title></head><body>
<form><label>Order <input name="order"></label><button>Send</button></form>
<button id="both" type="button">Ask twice</button><button id="later" type="button">Ask later</button>
<button id="again" type="button" hidden>Log in again</button><output></output>
<script type="module">
import { createClient } from '/-/client.js';
const say = (text) => document.querySelector('output').append(text + ' ');
const again = document.getElementById('again');
const options = location.search === '?plain' ? {} : { onBlocked: (open) => { again.hidden = false; again.onclick = open; } };
const client = createClient({ ...options, warnBefore: 30, onExpiring: (session) => say('expiring:' + session.authenticated) });
const tell = (asked) => asked.then(({ status }) => say(status), ({ reason, message }) => say(reason ?? message));
const post = (body) => tell(client.fetch('/quay/orders', { method: 'POST', body }));
document.querySelector('form').onsubmit = (event) => { event.preventDefault(); post(new FormData(event.target).get('order')); };
document.getElementById('both').onclick = () => { post('one'); post('two'); tell(client.fetch('/quay/list')); };
document.getElementById('later').onclick = () => setTimeout(() => post('late'), 6000);
client.session().then(({ authenticated }) => say(authenticated ? 'ready' : 'anonymous'));
</script></body></html>`;

const routes = [
  { source: '^/quay/', destination: 'quay' },
  { source: '^/public/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
  { source: '^/app/(.*)$', target: '$1', localDir: 'web' },
];

test.runIf(process.env['PORTUNUS_REQUIRE'] === 'all')('Chromium is installed, as PORTUNUS_REQUIRE=all demands', () => {
  expect(chromiumIsInstalled).toBe(true);
});

const why = chromiumIsInstalled ? '' : ' (skipped: /usr/bin/chromium is missing)';
describe.runIf(chromiumIsInstalled)(`a single-page app in Chromium${why}`, () => {
  let landscape: Landscape;
  let quay: Backend;
  beforeAll(async () => {
    landscape = await openLandscape();
    quay = await openBackend();
  });

  const openApp = (env: object = {}) =>
    openRouter({
      xsApp: { routes },
      files: { 'web/index.html': page },
      landscape,
      env: { destinations: [{ name: 'quay', url: quay.origin }], ...env },
    });
  const signIn = (at: Page, { displayName }: LandscapeUser) => at.getByRole('button', { name: displayName }).click();
  const said = (at: Page | Frame, text: RegExp) =>
    expect.poll(() => at.locator('output').textContent(), { timeout: 10_000 }).toMatch(text);
  const orders = () => quay.received.filter(({ method }) => method === 'POST').map(({ body }) => body);

  async function openPage() {
    quay.forget();
    const router = await openApp();
    const tab = await openTab();
    await tab.page.goto(`${router.origin}/app/index.html`);
    await signIn(tab.page, users.everywhere);
    await said(tab.page, /^ready $/);
    const endSession = () => tab.context.clearCookies({ name: 'JSESSIONID' });
    return { ...tab, router, endSession };
  }

  test('a form is sent with the CSRF token, without the page knowing of it', async () => {
    const { page: app, complaints } = await openPage();
    await app.getByLabel('Order').fill('rope, 20 m');
    await app.getByRole('button', { name: 'Send' }).click();
    await said(app, /200/);
    expect(orders()).toEqual(['rope, 20 m']);
    expect(complaints).toEqual([]);
  });

  test('a session that ends while the form is filled: logged in again in a window, the form is sent, nothing is lost', async () => {
    const { page: app, context, endSession, complaints } = await openPage();
    await app.getByLabel('Order').fill('anchor, 40 kg');
    await endSession();
    await context.clearCookies({ domain: 'localhost' }); // the provider has forgotten her too
    const opened = context.waitForEvent('page');
    await app.getByRole('button', { name: 'Send' }).click();
    const popup = await opened;
    expect(orders()).toEqual([]);
    await signIn(popup, users.everywhere);
    await said(app, /200/);
    expect(orders()).toEqual(['anchor, 40 kg']);
    expect(await app.getByLabel('Order').inputValue()).toBe('anchor, 40 kg');
    await expect.poll(() => popup.isClosed()).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('requests that fail at once share one window', async () => {
    const { page: app, context, endSession } = await openPage();
    await endSession();
    const windows: Page[] = [];
    context.on('page', (opened) => windows.push(opened));
    await app.getByRole('button', { name: 'Ask twice' }).click();
    await said(app, /200 200 200/);
    expect(windows).toHaveLength(1);
    expect(orders().sort()).toEqual(['one', 'two']);
  });

  test('somebody else logs in: nothing is sent in that name', async () => {
    const { page: app, context } = await openPage();
    await app.getByLabel('Order').fill('hers');
    await context.clearCookies();
    const opened = context.waitForEvent('page');
    await app.getByRole('button', { name: 'Send' }).click();
    await signIn(await opened, users.withoutEmployeeRecord);
    await said(app, /other-user/);
    expect(orders()).toEqual([]);
  });

  test('the window is closed: the request fails with that reason, and the next try opens another', async () => {
    const { page: app, context } = await openPage();
    await context.clearCookies();
    const opened = context.waitForEvent('page');
    await app.getByRole('button', { name: 'Send' }).click();
    const window = await opened;
    await window.getByRole('button', { name: users.everywhere.displayName }).waitFor();
    await window.close();
    await app.bringToFront(); // as the system does for the window behind one that closes
    await said(app, /closed/);
    const second = context.waitForEvent('page');
    await app.getByRole('button', { name: 'Send' }).click();
    await signIn(await second, users.everywhere);
    await said(app, /200/);
  });

  test('the browser lets no window open: the page shows a button, and its click goes on', async () => {
    const { page: app, context, endSession } = await openPage();
    await app.evaluate('window.really = window.open; window.open = () => null');
    await endSession();
    await app.getByRole('button', { name: 'Send' }).click();
    const again = app.getByRole('button', { name: 'Log in again' });
    await again.waitFor();
    await app.evaluate('window.open = window.really');
    const opened = context.waitForEvent('page');
    await again.click();
    await opened;
    await said(app, /200/);
  });

  test('and without such a button the request is rejected with that reason', async () => {
    const { page: app, router, endSession } = await openPage();
    await app.goto(`${router.origin}/app/index.html?plain`);
    await said(app, /ready/);
    await app.evaluate('window.open = () => null');
    await endSession();
    await app.getByRole('button', { name: 'Send' }).click();
    await said(app, /blocked/);
  });

  test('a message of another window or origin is not taken for a login', async () => {
    const { page: app, context } = await openPage();
    await context.clearCookies();
    const begun = context.waitForEvent('request', (request) => request.url().includes('/-/login?'));
    const opened = context.waitForEvent('page');
    await app.getByRole('button', { name: 'Send' }).click();
    const popup = await opened;
    await popup.getByRole('heading', { name: 'Sign in' }).waitFor();
    // The provider's page stands for any origin that is not ours; even with the challenge it is not heard.
    const back = new URL((await begun).url()).searchParams.get('return_to') ?? '';
    const challenge = new URLSearchParams(back.split('?')[1]).get('challenge');
    expect(challenge).toHaveLength(43);
    await popup.evaluate(`opener.postMessage({ portunus: '${challenge}', code: 'x' }, '*')`);
    await app.evaluate(`new BroadcastChannel('portunus').postMessage({ portunus: 'another', code: 'x' })`);
    await app.evaluate(() => new Promise((done) => setTimeout(done)));
    expect(await app.locator('output').textContent()).toBe('ready ');
    await signIn(popup, users.everywhere);
    await said(app, /200/);
  });

  test('the page is told before the session ends', async () => {
    const router = await openApp({ SESSION_TIMEOUT: '0.6' }); // 36 s, and it wants to know 30 s before
    const { page: app } = await openTab();
    await app.goto(`${router.origin}/app/index.html`);
    await signIn(app, users.everywhere);
    await said(app, /expiring:true/);
  });

  test('embedded in a page of another site: logged in by a window, though the frame’s cookies are kept apart', async () => {
    quay.forget();
    const host = await openBackend((_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>Work</title><iframe title="app" src="${frameUrl}"></iframe>`);
    });
    const embedder = await openHttpsFront(Number(new URL(host.origin).port));
    const router = await openApp({
      PORTUNUS_EMBEDDED_IN: `https://127.0.0.1:${embedder}`,
      PORTUNUS_TRUSTED_PROXIES: '127.0.0.1/32',
    });
    const front = await openHttpsFront(router.port);
    const frameUrl = `https://localhost:${front}/app/index.html`;
    register(landscape, `https://localhost:${front}`);
    const { page: work, context } = await openTab(undefined, true);
    await work.goto(`https://127.0.0.1:${embedder}/`);
    const frame = work.frameLocator('iframe');
    const opened = context.waitForEvent('page');
    await frame.getByRole('button', { name: 'Log in' }).click();
    const popup = await opened;
    await signIn(popup, users.everywhere);
    await frame.getByLabel('Order').fill('from the frame');
    await frame.getByRole('button', { name: 'Send' }).click();
    await expect.poll(() => frame.locator('output').textContent()).toMatch(/200/);
    expect(orders()).toEqual(['from the frame']);
    const kept = (await context.cookies()).filter(({ name }) => name === 'JSESSIONID');
    expect(kept.map(({ partitionKey }) => partitionKey).sort()).toEqual(['https://127.0.0.1', 'https://localhost']);

    // Another site may not frame it at all.
    const other = await openBackend((_request, response) => {
      response.setHeader('content-type', 'text/html').end(`<iframe title="app" src="${frameUrl}"></iframe>`);
    });
    await work.goto(other.origin);
    await expect.poll(() => work.frames().at(1)?.url()).toMatch(/chrome-error|about:blank/);
  });
});
