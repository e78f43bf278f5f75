import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { type LandscapeUser, users } from '../../../demo/landscape/users.ts';
import { type Answer, type Browser, openBrowser } from '../support/browser.ts';
import { logIn } from '../support/log-in.ts';
import { flowsOf } from '../support/open-flows.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { type RouterProcess, spawnRouter } from '../support/spawn-router.ts';

/** The router is a process of its own here, so that all it logs can be looked at. */
let landscape: Landscape;
let router: RouterProcess;
beforeAll(async () => {
  landscape = await openLandscape();
  router = await spawnRouter(flowsOf(landscape));
});
beforeEach(() => landscape.calls.clear());

const recordOf = ({ email }: LandscapeUser) =>
  `${router.origin}/successfactors/User?$format=json&$filter=${encodeURIComponent(`email eq '${email}'`)}`;

async function browserOf(user: LandscapeUser): Promise<Browser> {
  const browser = openBrowser();
  await logIn(browser, `${router.origin}/me/currentUser`, user);
  return browser;
}

/** Everything the last token request said that nobody else may know. */
function secretsSent(): string[] {
  const assertion = new URLSearchParams(landscape.calls.successFactors[0]?.full.body).get('assertion') ?? '';
  const xml = Buffer.from(assertion, 'base64').toString();
  const signature = /<(?:ds:)?SignatureValue>([^<]+)</.exec(xml)?.[1] ?? '';
  expect(signature.length).toBeGreaterThan(100);
  return [assertion.slice(0, 60), xml.slice(0, 60), signature.slice(0, 60), landscape.successFactors.signing.password];
}

function expectNothingSecret(text: string) {
  for (const secret of secretsSent()) expect(text).not.toContain(secret);
  expect(text).not.toMatch(/\bey[\w-]{20,}\.ey[\w-]{20,}/);
}

describe('SuccessFactors by a SAML assertion', () => {
  test('shows the record of the user who is logged in', async () => {
    const browser = await browserOf(users.everywhere);
    const answer = await browser.fetch(recordOf(users.everywhere));
    expect(answer.status).toBe(200);
    const { results } = answer.json['d'] as { results: { userId: string }[] };
    expect(results).toMatchObject([{ userId: users.everywhere.employee?.userId }]);
    const form = new URLSearchParams(landscape.calls.successFactors[0]?.full.body);
    expect(Object.fromEntries(form)).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer',
      client_id: landscape.successFactors.apiKey,
      company_id: landscape.successFactors.companyId,
    });
    const xml = Buffer.from(form.get('assertion') ?? '', 'base64').toString();
    expect(xml).toContain(`>${users.everywhere.email}</`);
    expect(xml).toContain(`Recipient="${landscape.successFactors.tokenUrl}"`);
    expectNothingSecret(router.output());
  });

  test('uses its token again, and asks for another one each time the user logs in', async () => {
    for (let logins = 1; logins <= 2; logins++) {
      const browser = await browserOf(users.everywhere);
      for (let i = 0; i < 3; i++) expect((await browser.fetch(recordOf(users.everywhere))).status).toBe(200);
      const assertions = landscape.calls.successFactors.filter(({ path }) => path === '/oauth/token');
      expect(new Set(assertions.map(({ full }) => full.body)).size).toBe(logins);
    }
  });
});

describe('a user whom SuccessFactors does not know', () => {
  let browser: Browser;
  // A refusal stands for a while; each test has a login, and so a refusal, of its own.
  beforeEach(async () => {
    browser = await browserOf(users.withoutEmployeeRecord);
  });

  function expectNotCalled() {
    expect(landscape.calls.successFactors.map(({ path }) => path)).toEqual(['/oauth/token']);
  }

  const logLineOf = ({ header }: Answer) =>
    router
      .output()
      .split('\n')
      .find((line) => line.includes(header('x-request-id') ?? 'none'));

  test('gets 502 as a problem document with the decoded reason, and the backend is not called', async () => {
    const answer = await browser.fetch(recordOf(users.withoutEmployeeRecord));
    expect(answer.status).toBe(502);
    expect(answer.header('content-type')).toBe('application/problem+json');
    expect(answer.header('cache-control')).toContain('no-store');
    expect(answer.json).toMatchObject({
      status: 502,
      code: 'ERR_TOKEN_SERVICE',
      detail: expect.stringMatching(/successfactors.*does not know the user/i),
      hint: expect.any(String),
      destination: 'successfactors',
      tokenServiceStatus: 401,
      requestId: answer.header('x-request-id'),
    });
    expectNotCalled();
    expectNothingSecret(answer.text);
  });

  test('finds the same reason in the log under the same id, and no secret there', async () => {
    const answer = await browser.fetch(recordOf(users.withoutEmployeeRecord));
    await expect.poll(() => logLineOf(answer), { timeout: 2_000 }).toBeDefined();
    expect(JSON.parse(logLineOf(answer) ?? '{}')).toMatchObject({
      status: 502,
      code: 'ERR_TOKEN_SERVICE',
      destination: 'successfactors',
      msg: expect.stringMatching(/does not know the user/i),
    });
    expectNothingSecret(router.output());
  });

  test('gets a page when the browser navigates', async () => {
    const answer = await browser.visit(recordOf(users.withoutEmployeeRecord));
    expect(answer.status).toBe(502);
    expect(answer.header('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.text).toMatch(/does not know the user/i);
    expect(answer.text).toContain(answer.header('x-request-id'));
    expect(answer.header('content-security-policy')).toContain("default-src 'none'");
    expectNotCalled();
    expectNothingSecret(answer.text);
  });
});
