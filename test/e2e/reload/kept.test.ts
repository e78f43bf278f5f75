import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { openBrowser } from '../support/browser.ts';
import { openHarbour } from '../support/harbour.ts';
import { logIn } from '../support/log-in.ts';
import { openLandscape } from '../support/open-landscape.ts';

let landscape: Landscape;
beforeAll(async () => {
  landscape = await openLandscape();
});

describe('what outlives a configuration', () => {
  test('a login, with a secret and without; and another token is not asked for', async () => {
    for (const env of [{}, { SESSION_SECRET: 'a secret of the harbour' }]) {
      const { router, quay, at } = await openHarbour({ landscape, env: { PORTUNUS_RELOAD: 'signal', ...env } });
      const browser = openBrowser();
      await logIn(browser, at('/quay/1'), users.everywhere);
      const shown = quay.last().headers.authorization;
      expect(shown).toMatch(/^Bearer /);
      const { config } = router.house;
      const changed = { ...config.xsApp, sessionTimeout: 3 };
      writeFileSync(path.join(config.workingDirectory, 'xs-app.json'), JSON.stringify(changed));
      expect(await router.reload?.()).toBe('taken');
      const answer = await browser.open(at('/quay/2'));
      expect(answer.status).toBe(200);
      expect(quay.last().url).toBe('/quay/2');
      expect(quay.last().headers.authorization).toBe(shown);
    }
  });

  test('a login that was begun before is finished after', async () => {
    const { router, at } = await openHarbour({ landscape, env: { PORTUNUS_RELOAD: 'signal' } });
    const browser = openBrowser();
    const page = await browser.open(at('/quay/1'));
    expect(await router.reload?.()).toBe('taken');
    const answer = await browser.press(page, 'user', users.everywhere.email);
    expect(answer.status).toBe(200);
    expect(answer.url.pathname).toBe('/quay/1');
  });
});
