import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { ask } from '../support/ask.ts';
import type { Browser } from '../support/browser.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { type Flows, openFlows } from '../support/open-flows.ts';
import { openLandscape } from '../support/open-landscape.ts';

/** Credentials that nobody has to ask for: user and password, the user's own token, and none. */
let landscape: Landscape;
let backend: Backend;
let flows: Flows;
let browser: Browser;
beforeAll(async () => {
  [landscape, backend] = await Promise.all([openLandscape(), openBackend()]);
  const { origin: url } = backend;
  flows = await openFlows(landscape, [
    { name: 'basic', url, Authentication: 'BasicAuthentication', User: 'dock', Password: 'pa:ß w%41d' },
    { name: 'token', url, forwardAuthToken: true },
    { name: 'open', url },
  ]);
  browser = await flows.browserOf(users.everywhere);
});
beforeEach(() => {
  backend.forget();
  landscape.calls.clear();
});

const authorization = () => backend.last().headers.authorization;
const clients = { authorization: 'Basic Zm9yZ2VkOmZvcmdlZA==' };

describe('a destination', () => {
  test('with user and password shows them in UTF-8, to protected and public callers alike', async () => {
    const expected = `Basic ${Buffer.from('dock:pa:ß w%41d', 'utf8').toString('base64')}`;
    await browser.fetch(flows.at('/basic/'), { headers: clients });
    expect(authorization()).toBe(expected);
    await ask(flows.router.origin, '/public/basic/', { headers: clients });
    expect(authorization()).toBe(expected);
  });

  test("that forwards the token shows the user's, also on a public route", async () => {
    for (const path of ['/token/', '/public/token/']) {
      await browser.fetch(flows.at(path), { headers: clients });
      expect(authorization(), path).toMatch(/^Bearer ey[\w-]+\.ey[\w-]+\.[\w-]+$/);
    }
  });

  test('that forwards the token shows nothing where nobody is logged in, least of all what the client says', async () => {
    await ask(flows.router.origin, '/public/token/', { headers: clients });
    expect(authorization()).toBeUndefined();
  });

  test("without a credential passes the client's own header on a public route (xs-app.md 8.1)", async () => {
    await ask(flows.router.origin, '/public/open/', { headers: clients });
    expect(authorization()).toBe(clients.authorization);
    await browser.fetch(flows.at('/public/open/'));
    expect(authorization(), 'and never shows ours').toBeUndefined();
  });

  test('is asked once when it answers 401: what was shown would be the same again', async () => {
    for (const path of ['/basic/', '/token/', '/open/']) {
      backend.forget();
      const challenge = { 'www-authenticate': 'Basic realm="quay"' };
      backend.answerWith((_, response) => void response.writeHead(401, challenge).end('who?'));
      const answer = await browser.fetch(flows.at(path));
      expect([answer.status, answer.text]).toEqual([401, 'who?']);
      expect(answer.header('www-authenticate')).toBe('Basic realm="quay"');
      expect(backend.received).toHaveLength(1);
    }
    backend.answerWith(undefined);
  });

  test('asks no token service for any of these', async () => {
    for (const path of ['/basic/', '/token/', '/open/']) await browser.fetch(flows.at(path));
    expect([...landscape.calls.entra, ...landscape.calls.ias]).toHaveLength(0);
  });
});
