import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { type LandscapeUser, users } from '../../../demo/landscape/users.ts';
import type { Browser } from '../support/browser.ts';
import { type Flows, openFlows } from '../support/open-flows.ts';
import { onBehalfOf, openLandscape, tokenCalls } from '../support/open-landscape.ts';

let landscape: Landscape;
let flows: Flows;
beforeAll(async () => {
  landscape = await openLandscape();
});
beforeEach(async () => {
  flows = await openFlows(landscape);
  landscape.calls.clear();
});

const times = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const me = async (browser: Browser) => (await browser.fetch(flows.at('/graph-user/me'))).json['id'];

describe('first calls at the same time', () => {
  test('fifty of one user make one token request', async () => {
    const browser = await flows.browserOf(users.everywhere);
    const ids = await Promise.all(times(50, () => me(browser)));
    expect(ids).toEqual(times(50, () => users.everywhere.oid));
    expect(tokenCalls(landscape, onBehalfOf)).toHaveLength(1);
    expect(landscape.calls.graph).toHaveLength(50);
  });

  test('fifty of two users make two, and nobody gets the token of the other (T-40)', async () => {
    const people: readonly LandscapeUser[] = [users.everywhere, users.withoutEmployeeRecord];
    const browsers = await Promise.all(people.map((user) => flows.browserOf(user)));
    const asked = times(50, (i) => people[i % 2] as LandscapeUser);
    const ids = await Promise.all(asked.map((user) => me(browsers[people.indexOf(user)] as Browser)));
    expect(ids).toEqual(asked.map(({ oid }) => oid));
    expect(tokenCalls(landscape, onBehalfOf)).toHaveLength(2);
  });

  test('of a technical user share one token whoever is logged in', async () => {
    const browsers = await Promise.all([flows.browserOf(users.everywhere), flows.browserOf(users.withoutConsent)]);
    const answers = await Promise.all(
      times(20, (i) => (browsers[i % 2] as Browser).fetch(flows.at('/graph-technical/users'))),
    );
    expect(answers.map(({ status }) => status)).toEqual(times(20, () => 200));
    expect(tokenCalls(landscape, 'client_credentials')).toHaveLength(1);
  });
});

describe('a token that was obtained', () => {
  test('for one destination is not used for another of the same service', async () => {
    const browser = await flows.browserOf(users.everywhere);
    await browser.fetch(flows.at('/graph-user/me'));
    await browser.fetch(flows.at('/graph-user-assertion/me'));
    expect(tokenCalls(landscape, onBehalfOf)).toHaveLength(2);
    const shown = landscape.calls.graph.map(({ full }) => full.headers['authorization']);
    expect(new Set(shown).size).toBe(2);
  });

  test('is forgotten at the logout: the next login of the same user asks anew', async () => {
    const browser = await flows.browserOf(users.everywhere);
    expect(await me(browser)).toBe(users.everywhere.oid);
    await browser.open(flows.at('/logout'));
    const again = await flows.browserOf(users.everywhere);
    expect(await me(again)).toBe(users.everywhere.oid);
    expect(tokenCalls(landscape, onBehalfOf)).toHaveLength(2);
  });
});
