import { beforeAll, describe, expect, test, vi } from 'vitest';
import { refusedFlows, workingFlows } from '../../demo/check/flows.ts';
import type { Landscape } from '../../demo/landscape/landscape.ts';
import { startLandscape } from '../../demo/landscape/start-landscape.ts';
import { users } from '../../demo/landscape/users.ts';
import { writeWorkingDirectory } from '../../demo/landscape/write-working-directory.ts';
import { makeWorkingDirectory } from '../../demo/make-working-directory.ts';
import { type Answer, openBrowser } from '../e2e/support/browser.ts';
import { isSignIn } from '../e2e/support/log-in.ts';
import { launchListening, type RouterProcess } from '../e2e/support/spawn-router.ts';
import { atEnd } from '../support/at-end.ts';

/**
 * T-42. Pomerium showed tokens on its page about the user (CVE-2024-39315) and profiles of its memory (CVE-2022-24797);
 * Spring's actuators ran what they were sent (CVE-2022-22947, 10.0).
 *
 * What must hold: all flows of the demo are walked at the highest log level, with mistakes of every kind between. Then
 * every secret, token, code, assertion, verifier and cookie value that the landscape or a browser has seen is looked for
 * in the router's log, in every answer's head and body, on every door, and in all that the inspector's page gets: it is in
 * none of them, whole or in part.
 */
let landscape: Landscape;
let router: RouterProcess;
const answers: Answer[] = [];
const secrets = new Map<string, string>();
let inspected: () => string;

beforeAll(async () => {
  const directory = await makeWorkingDirectory();
  atEnd(directory.remove);
  landscape = await startLandscape({ redirectUris: [], postLogoutRedirectUris: [] });
  atEnd(landscape.stop);
  const env = await writeWorkingDirectory(landscape, directory.path);
  router = await launchListening(['start', '-w', directory.path], {
    cwd: directory.path,
    env: {
      ...env,
      PORT: '0',
      XS_BIND_ADDRESS: '127.0.0.1',
      XS_APP_LOG_LEVEL: 'trace',
      PORTUNUS_INSPECTOR: 'on',
      REQUEST_TRACE: 'true',
      SESSION_SECRET: 'the-session-secret-of-this-test',
      PATH: '',
    },
  });
  landscape.hooks.entra.registerRedirectUri(`${router.origin}/login/callback`);
  landscape.hooks.entra.registerPostLogoutRedirectUri(`${router.origin}/goodbye.html`);
  secrets.set('SESSION_SECRET', 'the-session-secret-of-this-test');
  for (const [name, value] of Object.entries(env))
    if (/SECRET|PASSWORD|KEY/.test(name) && value.length > 7) secrets.set(name, value);

  inspected = readStream(`${router.origin}/-/inspector/events`);
  for (const user of [users.everywhere, users.withoutConsent, users.withoutEmployeeRecord]) await walk(user);
  for (const calls of ['entra', 'graph', 'successFactors', 'ias', 'costCenters'] as const)
    for (const { full, grant, path } of landscape.calls[calls]) {
      const authorization = full.headers['authorization']?.split(' ')[1];
      if (authorization !== undefined) secrets.set(`authorization at ${calls} ${path}`, authorization);
      const { cookie = '', 'x-csrf-token': csrf = 'Fetch' } = full.headers;
      const session = /\bledger_session=([^;]+)/.exec(cookie)?.[1];
      if (csrf !== 'Fetch') secrets.set(`CSRF token at ${calls}`, csrf);
      if (session !== undefined) secrets.set(`session at ${calls}`, session);
      for (const [name, value] of new URLSearchParams(full.body))
        if (secretFields.has(name)) {
          secrets.set(`${name} of ${grant ?? path} at ${calls}`, value);
          const signature = /SignatureValue>([^<]+)</.exec(Buffer.from(value, 'base64').toString())?.[1];
          if (signature !== undefined) secrets.set(`signature of ${name} at ${calls}`, signature);
        }
    }
}, 90_000);

const secretFields = new Set([
  'client_secret',
  'assertion',
  'client_assertion',
  'code',
  'code_verifier',
  'refresh_token',
  'subject_token',
  'actor_token',
  'password',
  'requested_token',
  'api_key',
  'token',
]);

/** What server-sent events have said so far; they go on until the file is done. */
function readStream(url: string): () => string {
  const end = new AbortController();
  atEnd(() => end.abort());
  let text = '';
  const read = async () => {
    const { body } = await fetch(url, { signal: end.signal });
    for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) text += part;
  };
  read().catch(() => {});
  return () => text;
}

/** A user goes everywhere, and makes mistakes. */
async function walk(user: (typeof users)[keyof typeof users]) {
  const browser = openBrowser();
  const at = (path: string) => router.origin + path;
  const go = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    for (const accept of ['application/json', 'text/html', 'text/plain']) {
      const answer = await browser.fetch(at(path), { method, headers: { accept, ...headers } });
      answers.push(answer);
    }
  };
  let page = await browser.open(at('/user-api/currentUser'));
  if (isSignIn(page)) page = await browser.press(page, 'user', user.email);
  answers.push(page);
  const cookie = browser.cookie(at('/'), 'JSESSIONID') ?? '';
  secrets.set(`session of ${user.email}`, cookie);
  for (const { path, posted } of [...workingFlows, ...refusedFlows]) if (posted === undefined) await go(path);
  const csrf = (await browser.fetch(at('/ias-user/'), { headers: { 'x-csrf-token': 'fetch' } })).header('x-csrf-token');
  secrets.set(`CSRF token of ${user.email}`, csrf ?? '');
  const headers = { 'x-csrf-token': csrf ?? '', 'content-type': 'application/json' };
  const booking = { method: 'POST', headers, body: '{"amount":7}' };
  answers.push(await browser.fetch(at('/ias-user/cost-centers/4100/bookings'), booking));
  for (const path of [
    '/user-api/attributes',
    '/nowhere',
    '/graph/no/such',
    '/-/health/live',
    '/-/health/ready',
    '/-/',
    '/-/metrics',
    '/-/inspector',
    '/-/session',
    '/-/debug',
    '/login/callback?code=canary-code-1234&state=x',
    '/graph/%zz',
    '/graph/%2e%2e/x',
    '/env',
    '/debug/pprof/',
    '/actuator/env',
    '/metrics',
    '/.env',
    '/default-env.json',
    '/destinations.json',
    '/xs-app.json',
    '/keystores/',
  ])
    await go(path);
  await go('/graph/me', { 'x-approuter-authorization': 'Bearer canary-token-of-a-caller.eyJhIjoxfQ.c2ln' });
  await go('/graph/me', { authorization: 'Bearer canary-authorization-header' });
  await go('/graph/me', { cookie: 'JSESSIONID=s%3Acanary-session-cookie.value; other=canary-other-cookie' });
  await go(
    '/graph/me',
    { 'proxy-authorization': 'Basic canary-proxy-authorization', 'x-ias-token': 'canary-ias-token' },
    'POST',
  );
  for (const canary of [
    'canary-code-1234',
    'canary-token-of-a-caller',
    'canary-authorization-header',
    'canary-session-cookie',
    'canary-other-cookie',
    'canary-proxy-authorization',
    'canary-ias-token',
  ])
    secrets.set(canary, canary);
  landscape.hooks.entra.registerRedirectUri(`${router.origin}/login/callback`);
  await browser.fetch(at('/goodbye.html')).then((answer) => answers.push(answer));
}

/** Pieces by which a value would be known: whole, and each part of a token that is long enough to be one. */
const piecesOf = (value: string) => [
  ...new Set(
    [value, decodeURIComponent(value.replace(/%(?![0-9a-f]{2})/gi, '')), ...value.split('.')].filter(
      (piece) => piece.length >= 12 && !/^eyJ0eXAi|^eyJhbGci/.test(piece),
    ),
  ),
];
const found = (text: string) =>
  [...secrets].filter(([, value]) => piecesOf(value).some((piece) => text.includes(piece))).map(([name]) => name);

test('the walk was one: flows ran, services were called, secrets were seen', () => {
  expect(secrets.size).toBeGreaterThan(25);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(20);
  expect(answers.filter(({ status }) => status >= 400).length).toBeGreaterThan(60);
  expect([...secrets.keys()].join()).toMatch(/client_assertion.*|assertion/);
  expect([...secrets.keys()]).toEqual(expect.arrayContaining(['CSRF token at costCenters', 'session at costCenters']));
  expect(router.output().split('\n').length).toBeGreaterThan(20);
});

describe('none of what was secret', () => {
  test('is in the log', () => expect(found(router.output())).toEqual([]));

  test('is in what the inspector’s page gets, though it gets the way of every token', async () => {
    await vi.waitFor(() => expect(inspected()).toContain('/goodbye.html'));
    const told = inspected();
    for (const word of [
      '"claims"',
      '<saml2:Assertion',
      '"scp"',
      'client_assertion',
      'ERR_TOKEN_SERVICE',
      'SignatureValue>[…]<',
    ])
      expect([word, told.includes(word) || told.includes(JSON.stringify(word).slice(1, -1))]).toEqual([word, true]);
    expect(found(told)).toEqual([]);
    expect(told).not.toMatch(/eyJ[\w-]{8,}/);
  });

  test('is in an answer’s body', () => {
    for (const { text, url } of answers) expect([url.pathname, found(text)]).toEqual([url.pathname, []]);
  });

  test('is in an answer’s head, but for the session’s own cookie', () => {
    for (const { header, setCookies, url } of answers) {
      const heads = [
        'location',
        'www-authenticate',
        'x-request-id',
        'x-csrf-token',
        'link',
        'server-timing',
        'x-error-source',
      ]
        .map(header)
        .join('\n');
      expect([url.pathname, found(heads)]).toEqual([url.pathname, []]);
      expect(found(setCookies.join('\n')).filter((name) => !name.startsWith('session of'))).toEqual([]);
    }
  });
});

test('and nothing looks like a secret either: no token, no private key, no long random text in the log', () => {
  const log = router.output();
  expect(log).not.toMatch(/eyJ[\w-]{10,}\.[\w-]{10,}/);
  expect(log).not.toMatch(/-----BEGIN|PRIVATE KEY|PHNhbWw|<saml/i);
  expect(log).not.toMatch(/\b(?:bearer|basic) [\w+/=.-]{8,}/i);
  for (const { text, url } of answers)
    if (url.origin === router.origin)
      expect([url.pathname, /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/.test(text)]).toEqual([url.pathname, false]);
  const words = log.match(/[\w+/=-]{40,}/g) ?? [];
  expect(words.filter((word) => entropy(word) > 4.6 && !/node_modules|file:|\/src\//.test(word))).toEqual([]);
});

/** Bits a character (Shannon); prose and paths have about 4, random base64 near 5.5. */
function entropy(text: string): number {
  const counts = Map.groupBy(text, (char) => char);
  return [...counts.values()].reduce(
    (sum, { length }) => sum - (length / text.length) * Math.log2(length / text.length),
    0,
  );
}
