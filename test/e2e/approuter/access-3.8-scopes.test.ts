import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, openClient } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 3.8: which scopes a route asks for. The user has openid, Pilot and Clerk. */

let backend: Backend;
let router: Router;
let xsuaa: Xsuaa;
let user: Client;

const routes: readonly (readonly [path: string, scope: unknown])[] = [
  ['any', undefined],
  ['pilot', '$XSAPPNAME.Pilot'],
  ['written-out', 'harbour!t7.Pilot'],
  ['other-app', 'quay!t8.Pilot'],
  ['no-prefix', 'Pilot'],
  ['lower', '$xsappname.Pilot'],
  ['foreign', 'openid'],
  ['master', '$XSAPPNAME.Master'],
  ['one-of', ['$XSAPPNAME.Master', '$XSAPPNAME.Clerk']],
  ['none-of', ['$XSAPPNAME.Master', '$XSAPPNAME.Foreman']],
  [
    'by-method',
    { GET: '$XSAPPNAME.Clerk', POST: ['$XSAPPNAME.Master', '$XSAPPNAME.Pilot'], default: '$XSAPPNAME.Master' },
  ],
  ['no-default', { GET: '$XSAPPNAME.Clerk' }],
  ['default-only', { default: ['$XSAPPNAME.Pilot'] }],
  ['head', { HEAD: '$XSAPPNAME.Clerk', GET: '$XSAPPNAME.Master' }],
  ['suffix', '$XSAPPNAME.Pil'],
  ['longer', '$XSAPPNAME.PilotAssistant'],
];

beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  xsuaa.claims = { scope: ['openid', 'harbour!t7.Pilot', 'harbour!t7.Clerk'] };
  router = await openRouter({
    xsuaa,
    xsApp: {
      routes: [
        ...routes.map(([path, scope]) => ({
          source: `^/${path}(?:[/?]|$)`,
          destination: 'b',
          csrfProtection: false,
          ...(scope === undefined ? {} : { scope }),
        })),
        { source: '^/guarded/', destination: 'b', scope: '$XSAPPNAME.Master' },
        { source: '^/public/', destination: 'b', authenticationType: 'none', scope: '$XSAPPNAME.Master' },
        { source: '^/files/(.*)', target: '$1', localDir: 'web', scope: '$XSAPPNAME.Master' },
      ],
    },
    env: { destinations: [{ name: 'b', url: backend.origin }] },
    files: { 'web/a.txt': 'a' },
  });
  user = openClient(router.origin);
  await user.logIn('/any');
});
beforeEach(() => backend.forget());

describe('a user with Pilot and Clerk', () => {
  it.each<[path: string, method: string, status: number]>([
    ['/any', 'GET', 200],
    ['/any', 'MERGE', 200],
    ['/pilot', 'GET', 200],
    ['/pilot', 'DELETE', 200],
    ['/written-out', 'GET', 200],
    ['/foreign', 'GET', 200],
    ['/other-app', 'GET', 403],
    ['/no-prefix', 'GET', 403],
    ['/lower', 'GET', 403],
    ['/master', 'GET', 403],
    ['/one-of', 'GET', 200],
    ['/none-of', 'GET', 403],
    ['/by-method', 'GET', 200],
    ['/by-method', 'POST', 200],
    ['/by-method', 'PUT', 403],
    ['/by-method', 'HEAD', 403],
    ['/by-method', 'OPTIONS', 403],
    ['/by-method', 'MERGE', 403],
    ['/no-default', 'GET', 200],
    ['/no-default', 'HEAD', 403],
    ['/no-default', 'POST', 403],
    ['/no-default', 'MERGE', 403],
    ['/default-only', 'GET', 200],
    ['/default-only', 'MERGE', 200],
    ['/head', 'HEAD', 200],
    ['/head', 'GET', 403],
    ['/suffix', 'GET', 403],
    ['/longer', 'GET', 403],
    ['/files/a.txt', 'GET', 403],
    ['/files/none.txt', 'GET', 403],
    ['/public/x', 'POST', 200],
  ])('%s by %s: %i', async (path, method, status) => {
    const reply = await user.ask(path, { method });
    expect(reply.status).toBe(status);
    expect(backend.calls).toHaveLength(status === 200 ? 1 : 0);
    if (status === 403 && method !== 'HEAD') expect(reply.text).toBe('Forbidden');
    if (status === 403) expect(reply.headers['cache-control']).toContain('no-store');
  });

  it('a method override changes no scope (T-08)', async () => {
    const headers = { 'x-http-method-override': 'GET' };
    expect((await user.ask('/no-default', { method: 'PUT', headers })).status).toBe(403);
  });

  it('no scope and no token: still 403, and nothing reaches the backend', async () => {
    expect((await user.ask('/guarded/x', { method: 'POST' })).status).toBe(403);
    expect(backend.calls).toHaveLength(0);
  });

  it('without a session the login comes first', async () => {
    const stranger = openClient(router.origin);
    const headers = { 'x-requested-with': 'XMLHttpRequest' };
    expect((await stranger.ask('/master', { headers })).status).toBe(401);
  });
});

describe('the claim scope', () => {
  it.each<[what: string, scope: unknown, status: number]>([
    ['is missing', undefined, 403],
    ['is empty', [], 403],
    ['is a text with blanks', 'openid harbour!t7.Pilot', 200],
    ['holds it twice', ['harbour!t7.Pilot', 'harbour!t7.Pilot'], 200],
    ['is an object', { 'harbour!t7.Pilot': true }, 403],
    ['holds what is no text', [1, null, ['harbour!t7.Pilot']], 403],
  ])('%s', async (_, scope, status) => {
    xsuaa.claims = { scope };
    const other = openClient(router.origin);
    await other.logIn('/any');
    expect((await other.ask('/pilot')).status).toBe(status);
  });
});
