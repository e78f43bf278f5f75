import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import { openClient } from '../e2e/approuter/support/client.ts';
import { type Backend, openBackend } from '../e2e/approuter/support/open-backend.ts';
import { openRouter } from '../e2e/approuter/support/open-router.ts';
import { openXsuaa } from '../e2e/approuter/support/open-xsuaa.ts';

/**
 * T-16. approuter 6.2 used one tenant's session for another, 22.0.3 a token out of the wrong tenant's cache; Pomerium kept
 * claims of an earlier user (CVE-2021-41230).
 *
 * What must hold: of four users of two tenants whose thousand requests run into each other, every request shows the
 * backend its own user's token of its own tenant, and every answer reaches the one who asked.
 */
let backend: Backend;
const visitors: { readonly client: ReturnType<typeof openClient>; readonly sub: string; readonly zid: string }[] = [];
beforeAll(async () => {
  backend = await openBackend();
  for (const zid of ['tenant-a', 'tenant-b']) {
    const xsuaa = await openXsuaa();
    const router = await openRouter({
      xsuaa,
      xsApp: { routes: [{ source: '^/quay/', destination: 'b', csrfProtection: false }] },
      env: { destinations: [{ name: 'b', url: backend.origin, forwardAuthToken: true }] },
    });
    for (const name of ['ada', 'ben']) {
      const sub = `${name} of ${zid}`;
      xsuaa.claims = { sub, zid, user_name: sub };
      const client = openClient(router.origin);
      await client.logIn('/quay/');
      visitors.push({ client, sub, zid });
    }
  }
});

test('1,000 requests, each its own', async () => {
  backend.answerWith(async (request, response, { url }) => {
    const { sub, zid } = decodeJwt(request.headers.authorization?.slice(7) ?? '') as { sub: string; zid: string };
    await sleep(Math.random() * 10);
    response.end(JSON.stringify({ url, sub, zid }));
  });
  const wrong: unknown[] = [];
  const ask = async (n: number) => {
    const { client, sub, zid } = visitors[Math.floor(Math.random() * visitors.length)] as (typeof visitors)[number];
    const url = `/quay/${n}`;
    const { text } = await client.ask(url, { method: n % 3 === 0 ? 'POST' : 'GET' });
    if (text !== JSON.stringify({ url, sub, zid })) wrong.push([n, sub, text]);
  };
  for (let batch = 0; batch < 20; batch++) await Promise.all(Array.from({ length: 50 }, (_, n) => ask(batch * 50 + n)));
  expect(wrong).toEqual([]);
  expect(backend.calls.filter(({ url }) => /\d$/.test(url))).toHaveLength(1_000);
});
