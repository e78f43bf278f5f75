import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyStoreFiles } from '../../../demo/landscape/destinations.ts';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import type { Browser } from '../support/browser.ts';
import { type Flows, openFlows } from '../support/open-flows.ts';
import { openLandscape } from '../support/open-landscape.ts';

/** Token flows while clocks differ, and while a key of ours is replaced. */
let landscape: Landscape;
let flows: Flows;
beforeAll(async () => {
  landscape = await openLandscape();
});
beforeEach(async () => {
  flows = await openFlows(landscape, [], { SESSION_TIMEOUT: '600' });
});
afterEach(() => landscape.hooks.reset());

const person = '/successfactors/User?$format=json&$top=1';
const ways = {
  'On-Behalf-Of with a secret': '/graph-user/me',
  'On-Behalf-Of with a client assertion': '/graph-user-assertion/me',
  'client credentials with a client assertion': '/graph-technical/users',
  'a SAML assertion': person,
};
const statuses = (browser: Browser) =>
  Promise.all(Object.entries(ways).map(async ([way, at]) => [way, (await browser.fetch(flows.at(at))).status]));
const everyWay = (status: number) => Object.keys(ways).map((way) => [way, status]);

describe('the clock of directory, token services and APIs', () => {
  test.each([-300, 300])('is %i s ahead of ours: people log in, and every flow gets its token', async (ahead) => {
    landscape.hooks.clock.advance(ahead);
    const browser = await flows.browserOf(users.everywhere);
    expect(await statuses(browser)).toEqual(everyWay(200));
  });

  test.each([-900, 900])(
    'is set by %i s while people are logged in: who is refused for it is told so, and when it is right again all is well',
    async (ahead) => {
      const browser = await flows.browserOf(users.everywhere);
      landscape.hooks.clock.advance(ahead);
      const refused = await browser.fetch(flows.at(person));
      expect([refused.status, refused.json['code']]).toEqual([502, 'ERR_TOKEN_SERVICE']);
      expect(refused.json['hint']).toMatch(/clock/i);
      landscape.hooks.reset();
      // A refusal is kept for a moment, so that a token service in trouble is not asked for each request.
      await expect.poll(() => statuses(browser), { timeout: 20_000 }).toEqual(everyWay(200));
    },
  );
});

describe('the key store that assertions are signed from', () => {
  const keyStore = () =>
    path.join(flows.router.house.config.workingDirectory, 'keystores', keyStoreFiles.successFactorsSigning);

  test('is replaced, by a broken one and a good one, while people ask: nobody notices', async () => {
    const browser = await flows.browserOf(users.everywhere);
    const seen: number[] = [];
    let asking = true;
    const people = (async () => {
      while (asking) {
        seen.push((await browser.fetch(flows.at(person))).status);
        landscape.hooks.successFactors.rejectIssuedTokens(); // each token is good for one request
      }
    })();
    const someMore = async () => {
      const before = seen.length;
      await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(before + 5);
    };
    await someMore();
    writeFileSync(keyStore(), 'half of a file');
    expect(await flows.router.reload?.()).toBe('refused');
    await someMore();
    writeFileSync(keyStore(), landscape.successFactors.signing.p12);
    expect(await flows.router.reload?.()).toBe('taken');
    await someMore();
    asking = false;
    await people;
    expect(new Set(seen)).toEqual(new Set([200]));
  });
});
