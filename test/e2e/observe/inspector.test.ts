import { expect, test, vi } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { ask } from '../support/ask.ts';
import { cookieOf, openGateway, sessionCookie } from '../support/open-gateway.ts';
import { openRouter } from '../support/open-router.ts';

/** Streams of the inspector stay open for as long as a page is: nothing may wait for them. */
const setup = { xsApp: { authenticationMethod: 'none' }, env: { PORTUNUS_INSPECTOR: 'on' } };

/** A page that looks. */
async function look(origin: string, lastEventId?: string) {
  const end = new AbortController();
  atEnd(() => end.abort());
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const { body, status } = await fetch(`${origin}/-/inspector/events`, { signal: end.signal, headers });
  let text = '';
  let ended = false;
  const read = async () => {
    for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) text += part;
  };
  read().then(
    () => {
      ended = true;
    },
    () => {},
  );
  return { status, text: () => text, ended: () => ended, leave: () => end.abort() };
}

const lastId = (text: string) => [...text.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1];

test('who comes back gets what it has missed, and nothing twice; another process begins anew', async () => {
  const { origin } = await openRouter(setup);
  await ask(origin, '/first', { headers: { host: new URL(origin).host } });
  const one = await look(origin);
  await vi.waitFor(() => expect(one.text()).toMatch(/\/first[\s\S]*"status":404/));
  one.leave();
  const id = lastId(one.text()) ?? '';
  await ask(origin, '/second', { headers: { host: new URL(origin).host } });
  const again = await look(origin, id);
  await vi.waitFor(() => expect(again.text()).toContain('/second'));
  expect(again.text()).not.toContain('/first');
  expect(again.text()).toContain('"reset":false');
  const stranger = await look(origin, id.replace(/^[^.]+/, 'earlier'));
  await vi.waitFor(() => expect(stranger.text()).toMatch(/"reset":true[\s\S]*\/first[\s\S]*\/second/));
});

test('a request that no route took comes with those that nearly did', async () => {
  const xsApp = {
    authenticationMethod: 'none',
    routes: [
      { source: '^/graph/', destination: 'graph' },
      { source: '^/files/', localDir: '.' },
    ],
  };
  const destinations = JSON.stringify([{ name: 'graph', url: 'http://localhost:9' }]);
  const { origin } = await openRouter({ xsApp, env: { ...setup.env, destinations } });
  const page = await look(origin);
  await ask(origin, '/Graph/me?key=hush', { headers: { host: new URL(origin).host } });
  await vi.waitFor(() => expect(page.text()).toContain('"status":404'));
  expect(page.text()).toContain(
    '"nearMisses":[{"name":"routes/0","source":"^/graph/","why":"its source is not found; in another case it would be","nearness":"close"}]',
  );
  expect(page.text()).not.toContain('hush');
});

test('a CSRF token that was got from the backend is a step, of which nothing is told that could be used', async () => {
  const gateway = await openGateway();
  gateway.onFetch = ({ method }) => (method === 'HEAD' ? { status: 405, withoutToken: true } : undefined);
  const xsApp = { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'abap' }] };
  const destinations = JSON.stringify([{ name: 'abap', url: gateway.origin, 'csrfToken.fetch': true }]);
  const { origin } = await openRouter({ xsApp, env: { ...setup.env, destinations } });
  const page = await look(origin);
  const path = '/sap/opu/odata/sap/CARGO_SRV/Cargos';
  expect((await ask(origin, path, { method: 'POST', headers: { host: new URL(origin).host } })).status).toBe(201);
  await vi.waitFor(() => expect(page.text()).toContain('"status":201'));
  expect(page.text()).toMatch(/"title":"CSRF token of the backend"[^}]*"result":"fetched, HEAD 405, GET 200"/);
  expect(page.text()).toContain(`"Fetched at","value":"${gateway.origin}/sap/opu/odata/sap/CARGO_SRV/"`);
  const { headers } = gateway.changes()[0] ?? {};
  const secrets = [headers?.['x-csrf-token'], cookieOf(headers ?? {}, sessionCookie)].map(String);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(30);
    expect(page.text()).not.toContain(secret);
  }
});

test('a changed configuration ends the streams, so that the one before can leave; they are open to who comes back', async () => {
  const router = await openRouter(setup);
  const page = await look(router.origin);
  await vi.waitFor(() => expect(page.text()).toContain('event: entries'));
  expect(await router.reload?.()).toBe('taken');
  await vi.waitFor(() => expect(page.ended()).toBe(true));
  const back = await look(router.origin, lastId(page.text()));
  await ask(router.origin, '/after', { headers: { host: new URL(router.origin).host } });
  await vi.waitFor(() => expect(back.text()).toContain('/after'));
});

test('a router that stops does not wait for who looks', async () => {
  const router = await openRouter({ ...setup, env: { ...setup.env, PORTUNUS_SHUTDOWN_GRACE: '30' } });
  const page = await look(router.origin);
  await vi.waitFor(() => expect(page.text()).toContain('event: entries'));
  await router.stop();
  await vi.waitFor(() => expect(page.ended()).toBe(true));
});

test('more pages than a browser could open are turned away', async () => {
  const { origin } = await openRouter(setup);
  const pages = await Promise.all(Array.from({ length: 20 }, () => look(origin)));
  expect(pages.filter(({ status }) => status === 200)).toHaveLength(16);
  expect(pages.filter(({ status }) => status === 403)).toHaveLength(4);
});
