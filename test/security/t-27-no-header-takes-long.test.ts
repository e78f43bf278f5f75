import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { openBackend } from '../e2e/approuter/support/open-backend.ts';
import { openXsuaa } from '../e2e/approuter/support/open-xsuaa.ts';
import { type RunningRouter, runRouter } from '../e2e/approuter/support/run-router.ts';
import { ask } from '../e2e/support/ask.ts';

/**
 * T-27. An expression that tries again and again holds a whole process for one request (ReDoS): a header of 60 KB full of
 * commas, `X-Forwarded-Client-Cert` of a trusted peer, which on Cloud Foundry is everybody, took seconds here.
 *
 * What must hold: no header, path or query, however long and whatever it is full of, keeps the process from answering
 * others; neither without a session nor with one.
 */
let router: RunningRouter;
let session: string;
beforeAll(async () => {
  const [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  router = await runRouter({
    xsuaa,
    xsApp: {
      logout: { logoutEndpoint: '/logout', logoutPage: '/public/bye' },
      cors: [{ uriPattern: '^/public/', allowedOrigin: [{ host: '*.shop.example' }] }],
      whitelistService: { endpoint: '/framing' },
      routes: [
        { source: '^/public/', destination: 'b', authenticationType: 'none' },
        { source: '^/quay/(.*)$', target: '/$1', destination: 'b', csrfProtection: false },
      ],
    },
    env: {
      PORTUNUS_TRUSTED_PROXIES: '127.0.0.0/8 ::1',
      PORTUNUS_BEARER_PATHS: ['^/quay/'],
      CJ_PROTECT_WHITELIST: [{ host: '*.shop.example' }],
      COOKIES: { Partitioned: { supportedPartitionAgents: 'Chrome', unsupportedPartitionAgents: 'Old' } },
      destinations: [{ name: 'b', url: backend.origin }],
    },
  });
  const user = openClient(origin());
  await user.logIn('/quay/');
  session = `JSESSIONID=${user.cookies.get('JSESSIONID')}`;
});
const origin = () => `http://127.0.0.1:${router.port}`;

const fillers = [
  ',',
  '"',
  ';',
  '="',
  '",',
  ', ',
  ' ',
  '\\"',
  '%25',
  './',
  'a=b;',
  'Hash=,',
  'q=0,',
  '-----A',
  '/',
  ':',
  'A',
];
const headers: readonly (readonly [name: string, begin: string])[] = [
  ['x-forwarded-client-cert', 'Hash=a,'],
  ['x-forwarded-client-cert', 'Cert="'],
  ['x-forwarded-client-cert', ''],
  ['x-forwarded-for', ''],
  ['x-forwarded-host', 'x'],
  ['x-forwarded-proto', ''],
  ['x-request-id', ''],
  ['x-correlation-id', ''],
  ['traceparent', '00-'],
  ['authorization', 'Bearer '],
  ['authorization', 'Basic '],
  ['x-approuter-authorization', 'Basic '],
  ['x-approuter-access-token', ''],
  ['cookie', ''],
  ['cookie', 'JSESSIONID=s%3A'],
  ['cookie', 'JSESSIONID='],
  ['origin', 'https://'],
  ['referer', 'https://x/'],
  ['accept', ''],
  ['accept-encoding', ''],
  ['user-agent', ''],
  ['connection', 'close, '],
  ['content-type', 'application/'],
  ['range', 'bytes='],
  ['x-csrf-token', ''],
];
/** Generous for a busy machine; what was found took twenty times as long on an idle one. */
const longest = 2_000;

/** Asks for something else all the while. @returns the longest that it had to wait, in milliseconds */
async function longestWait(work: Promise<unknown>): Promise<number> {
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  let longestYet = 0;
  while (!over) {
    const begun = performance.now();
    expect((await ask(origin(), '/-/health/live')).status).toBe(200);
    longestYet = Math.max(longestYet, performance.now() - begun);
    await sleep(2);
  }
  await done;
  return longestYet;
}

test.each(headers)('%s: %s…', async (name, begin) => {
  const wait = await longestWait(
    (async () => {
      for (const filler of fillers) {
        const value = begin + filler.repeat(Math.ceil(48_000 / filler.length));
        const proof = name === 'x-forwarded-client-cert' ? { 'x-approuter-authorization': 'Bearer a.b.c' } : {};
        const own = name === 'cookie' ? `${value}; ${session}` : session;
        for (const target of ['/quay/1', '/public/1'])
          await ask(origin(), target, { headers: { ...proof, [name]: value, cookie: own } }).catch(() => undefined);
      }
    })(),
  );
  expect(wait).toBeLessThan(longest);
});

test.each([
  '/quay/',
  '/public/',
  '/',
  '/logout?',
  '/framing?parentOrigin=https://',
  '/-/login?return_to=/',
  '/login/callback?state=',
])('the target %s…', async (begin) => {
  const wait = await longestWait(
    (async () => {
      // A way back that is as long, written out, is too much for the client that asks here.
      for (const filler of ['%25', '%2e', './', '..%2f', ';', '&', '%ef%bc%8e', '//', '%2525', 'a=', '$1', '.;'])
        await ask(origin(), begin + filler.repeat(Math.ceil(48_000 / filler.length)), {
          headers: begin.startsWith('/logout') ? {} : { cookie: session },
        }).catch(() => undefined);
    })(),
  );
  expect(wait).toBeLessThan(longest);
});
