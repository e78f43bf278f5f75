import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { writeWorkingDirectory } from '../../../demo/landscape/write-working-directory.ts';
import { run as tellKey } from '../../../src/commands/destinations-key.ts';
import { serveDestinations } from '../../../src/commands/destinations-serve.ts';
import { atEnd } from '../../support/at-end.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import type { Browser } from '../support/browser.ts';
import { openBrowser } from '../support/browser.ts';
import { logIn } from '../support/log-in.ts';
import { type Flows, flowsOf } from '../support/open-flows.ts';
import { onBehalfOf, openLandscape, tokenCalls } from '../support/open-landscape.ts';
import { loginAt, openRouter } from '../support/open-router.ts';

/** The router knows no destination itself: all are in a Destination service that is bound as the real one would be. */
let landscape: Landscape;
let binding: string;
beforeAll(async () => {
  landscape = await openLandscape();
  const directory = workingDirectory({});
  const variables = { ...(await writeWorkingDirectory(landscape, directory)), ...loginAt(landscape) };
  await believeTokensOf(landscape.entra.issuer, path.join(directory, 'destinations.json'));
  const service = await serveDestinations({ workingDirectory: directory, variables, port: 0, tell: () => {} });
  atEnd(service.stop);
  const written: string[] = [];
  await tellKey({
    workingDirectory: directory,
    args: ['--port', String(service.port), '--vcap'],
    variables,
    write: (text) => void written.push(text),
    tell: () => {},
  });
  binding = written.join('');
});
beforeEach(() => landscape.calls.clear());

/** Tokens that XSUAA did not issue are believed only with their keys (destination-service.md 0 #5). */
async function believeTokensOf(issuer: string, file: string): Promise<void> {
  const { jwks_uri: keys } = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as {
    jwks_uri: string;
  };
  const destinations = JSON.parse(await readFile(file, 'utf8')) as object[];
  await writeFile(file, JSON.stringify(destinations.map((one) => ({ ...one, 'x_user_token.jwks_uri': keys }))));
}

async function openBound(env: object): Promise<Flows> {
  const setup = flowsOf(landscape, [], { VCAP_SERVICES: binding, ...env });
  const router = await openRouter({ ...setup, withDestinations: false });
  expect(router.house.config.destinations.names).toEqual([]);
  const at = (path: string) => router.origin + path;
  return {
    router,
    at,
    async browserOf(user) {
      const browser = openBrowser();
      await logIn(browser, at('/me/currentUser'), user);
      return browser;
    },
  };
}

const recordOf = (email: string) =>
  `/successfactors/User?$format=json&$filter=${encodeURIComponent(`email eq '${email}'`)}`;

describe.each([
  ['the service gets the tokens', {}],
  ['the flows are run here', { PORTUNUS_DESTINATION_TOKENS: 'own' }],
])('destinations of the bound service, where %s', (_, env) => {
  let flows: Flows;
  let browser: Browser;
  beforeAll(async () => {
    flows = await openBound(env);
    browser = await flows.browserOf(users.everywhere);
  });

  test.each(['graph-user', 'graph-user-assertion'])('%s: on behalf of the user who is logged in', async (name) => {
    const answer = await browser.fetch(flows.at(`/${name}/me`));
    expect([answer.status, answer.json['id']]).toEqual([200, users.everywhere.oid]);
    await browser.fetch(flows.at(`/${name}/me`));
    expect(tokenCalls(landscape, onBehalfOf)).toHaveLength(1);
  });

  test('on behalf of another user, another token', async () => {
    const other = await flows.browserOf(users.withoutEmployeeRecord);
    for (const [who, user] of [
      [browser, users.everywhere],
      [other, users.withoutEmployeeRecord],
      [browser, users.everywhere],
    ] as const)
      expect((await who.fetch(flows.at('/graph-user/me'))).json['id']).toBe(user.oid);
  });

  test.each(['graph-technical', 'graph-technical-secret'])('%s: a technical user, also for nobody', async (name) => {
    const answer = await fetch(flows.at(`/public/${name}/users`));
    expect(answer.status).toBe(200);
    const token = landscape.calls.graph[0]?.full.headers['authorization']?.replace('Bearer ', '') ?? '';
    expect(decodeJwt(token)).toMatchObject({ idtyp: 'app' });
  });

  test('ias-api: mutual TLS with a key store of the service', async () => {
    const answer = await browser.fetch(flows.at('/ias-api/cost-centers'));
    expect(answer.status).toBe(200);
    expect(answer.json['caller']).toMatchObject({ kind: 'application' });
  });

  // The service sees one token of the user: here the id_token, for Entra's access tokens have no e-mail.
  const byIdToken = { ...env, OIDC_SCOPES: 'openid profile email offline_access' };

  test('successfactors: a SAML assertion about the user', async () => {
    const { at, browserOf } = await openBound(byIdToken);
    const user = await browserOf(users.everywhere);
    const answer = await user.fetch(at(recordOf(users.everywhere.email)));
    expect(answer.status).toBe(200);
    const { results } = answer.json['d'] as { results: { userId: string }[] };
    expect(results).toMatchObject([{ userId: users.everywhere.employee?.userId }]);
  });

  test('a user whom SuccessFactors does not know gets the reason, and the backend is not called', async () => {
    const { at, browserOf } = await openBound(byIdToken);
    const other = await browserOf(users.withoutEmployeeRecord);
    const answer = await other.fetch(at(recordOf(users.withoutEmployeeRecord.email)));
    expect([answer.status, answer.json['code']]).toEqual([502, 'ERR_TOKEN_SERVICE']);
    expect(answer.json['detail']).toMatch(/does not know the user/);
    expect(landscape.calls.successFactors.map(({ path }) => path)).toEqual(['/oauth/token']);
  });
});
