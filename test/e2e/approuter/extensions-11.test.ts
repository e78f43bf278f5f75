import { setTimeout as sleep } from 'node:timers/promises';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRouter, type PortunusRouter, type RouterOptions } from '../../../src/create-router.ts';
import type { ExtensionObject } from '../../../src/extensions.ts';
import { atEnd } from '../../support/at-end.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { openClient } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md section 11: an own start script. */

let backend: Backend;
let xsuaa: Xsuaa;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
});
beforeEach(() => backend.forget());

const xsappConfig = (more: object = {}) => ({
  logout: { logoutEndpoint: '/out' },
  destinations: { b: { logoutPath: '/end' } },
  routes: [
    { source: '^/a', destination: 'b' },
    { source: '^/public', destination: 'b', authenticationType: 'none' },
    { source: '^/files/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
  ],
  ...more,
});

/** Starts a router whose environment stands in default-env.json, as an own start script's would. */
async function startRouter(
  options: RouterOptions = {},
  more: object = {},
): Promise<{ router: PortunusRouter; origin: string }> {
  const workingDir = workingDirectory({
    'web/a.txt': 'file',
    'default-env.json': {
      XS_APP_LOG_LEVEL: 'error',
      XS_BIND_ADDRESS: '127.0.0.1',
      VCAP_SERVICES: xsuaa.binding,
      destinations: [{ name: 'b', url: backend.origin }],
    },
  });
  const router = createRouter({ workingDir, port: 0, xsappConfig: xsappConfig(more), ...options });
  const port = await router.start();
  atEnd(() => router.close());
  return { router, origin: `http://localhost:${port}` };
}

const mark =
  (trail: string[], name: string): RequestHandler =>
  (_request, _response, next) => {
    trail.push(name);
    next();
  };

describe('slots', () => {
  it('run in their order: first, login, beforeRequestHandler, the backend', async () => {
    const trail: string[] = [];
    const { router, origin } = await startRouter();
    router.first.use(mark(trail, 'first'));
    router.beforeRequestHandler.use(mark(trail, 'before'));
    backend.answerWith((_, response) => {
      trail.push('backend');
      response.end();
    });
    await ask(origin, '/public');
    expect(trail).toEqual(['first', 'before', 'backend']);
    trail.splice(0);
    await ask(origin, '/a', { headers: { 'x-requested-with': 'XMLHttpRequest' } });
    expect(trail).toEqual(['first']);
    trail.splice(0);
    await ask(origin, '/files/a.txt');
    expect(trail).toEqual(['first', 'before']);
  });

  it('take several handlers, in the order they came, chainable', async () => {
    const trail: string[] = [];
    const { router, origin } = await startRouter();
    router.first.use(mark(trail, '1')).use(mark(trail, '2'), mark(trail, '3')).use('/public', mark(trail, 'path'));
    await ask(origin, '/public/x');
    await ask(origin, '/files/a.txt');
    expect(trail).toEqual(['1', '2', '3', 'path', '1', '2', '3']);
  });

  it('may answer themselves: then nobody else does', async () => {
    const { router, origin } = await startRouter();
    router.first.use('/early', (_request: Request, response: Response) => void response.status(202).end('early'));
    router.beforeRequestHandler.use('/public', (_request: Request, response: Response) => void response.end('mine'));
    expect(await ask(origin, '/early')).toMatchObject({ status: 202, text: 'early' });
    expect((await ask(origin, '/public')).text).toBe('mine');
    expect(backend.calls).toHaveLength(0);
  });

  it('may change the headers that the backend gets', async () => {
    const { router, origin } = await startRouter();
    router.first.use(({ headers }: Request, _response: Response, next: NextFunction) => {
      headers['x-first'] = '1';
      next();
    });
    router.beforeRequestHandler.use(({ headers }: Request, _response: Response, next: NextFunction) => {
      headers['X-Added'] = 'yes';
      headers['accept-language'] = 'de';
      delete headers['x-gone'];
      headers['x-forwarded-host'] = 'evil.example';
      next();
    });
    const sent = { 'accept-language': 'en', 'x-gone': '1', 'x-twice': ['a', 'b'] };
    await ask(origin, '/public', { headers: sent });
    const { headers, rawHeaders } = backend.last();
    expect(headers).toMatchObject({ 'x-first': '1', 'x-added': 'yes', 'accept-language': 'de', 'x-twice': 'a, b' });
    expect(headers['x-gone']).toBeUndefined();
    expect(headers['x-forwarded-host']).not.toBe('evil.example'); // no more than any client may say
    expect(rawHeaders.filter((text) => text === 'x-twice')).toHaveLength(2);
  });

  it('one that has read the body has used it up: 500, and the backend does not wait for it', async () => {
    const { router, origin } = await startRouter();
    router.beforeRequestHandler.use(async (request: Request, _response: Response, next: NextFunction) => {
      for await (const _ of request);
      next();
    });
    expect((await ask(origin, '/public', { method: 'POST', body: 'cargo' })).status).toBe(500);
    expect(backend.calls).toHaveLength(0);
    expect((await ask(origin, '/public', { method: 'POST' })).status).toBe(200);
  });

  it('may answer later', async () => {
    const { router, origin } = await startRouter();
    router.beforeRequestHandler.use(async (_request: Request, response: Response) => {
      await sleep(50);
      response.end('later');
    });
    expect((await ask(origin, '/public')).text).toBe('later');
  });

  it('first has no session and comes before every check', async () => {
    const seen: unknown[] = [];
    const { router, origin } = await startRouter();
    router.first.use((request: Request, _response: Response, next: NextFunction) => {
      seen.push([request.url, (request as { session?: unknown }).session]);
      next();
    });
    await ask(origin, '/nowhere');
    await ask(origin, '/a/../b');
    expect(seen).toEqual([
      ['/nowhere', undefined],
      ['/a/../b', undefined],
    ]);
  });

  it('changing the url in first changes the route', async () => {
    const { router, origin } = await startRouter();
    router.first.use((request: Request, _response: Response, next: NextFunction) => {
      request.url = request.url.replace('/old', '/public');
      next();
    });
    expect((await ask(origin, '/old/x?y=1')).status).toBe(200);
    expect(backend.last().url).toBe('/public/x?y=1');
  });

  it('headers set in a slot are in the answer', async () => {
    const { router, origin } = await startRouter();
    router.first.use((_request: Request, response: Response, next: NextFunction) => {
      response.setHeader('x-first', '1');
      next();
    });
    router.beforeRequestHandler.use((_request: Request, response: Response, next: NextFunction) => {
      response.setHeader('x-before', '1');
      next();
    });
    for (const target of ['/public', '/files/a.txt']) {
      const { headers } = await ask(origin, target);
      expect([headers['x-first'], headers['x-before']]).toEqual(['1', '1']);
    }
  });
});

describe('errors', () => {
  it.each<[slot: 'first' | 'beforeRequestHandler', how: string, handler: RequestHandler]>([
    [
      'first',
      'thrown',
      () => {
        throw new Error('secret detail');
      },
    ],
    ['first', 'handed on', (_q, _s, next) => next(new Error('secret detail'))],
    [
      'first',
      'rejected',
      async () => {
        throw new Error('secret detail');
      },
    ],
    [
      'beforeRequestHandler',
      'thrown',
      () => {
        throw new Error('secret detail');
      },
    ],
    ['beforeRequestHandler', 'handed on', (_q, _s, next) => next(new Error('secret detail'))],
    [
      'beforeRequestHandler',
      'rejected',
      async () => {
        throw new Error('secret detail');
      },
    ],
  ])('of %s, %s: 500 without details, and the router lives on', async (slot, _, handler) => {
    const { router, origin } = await startRouter({}, { responseHeaders: [{ name: 'x-harbour', value: 'quay' }] });
    router[slot].use('/public/fails', handler);
    const reply = await ask(origin, '/public/fails');
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain('secret detail');
    expect(reply.headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^[\w-]{36}$/),
      'x-frame-options': 'SAMEORIGIN',
      'x-harbour': 'quay',
    });
    expect((await ask(origin, '/public')).status).toBe(200);
  });

  it('pass beforeErrorHandler first, which may answer or hand on', async () => {
    const seen: string[] = [];
    const { router, origin } = await startRouter();
    router.beforeErrorHandler.use(
      (error: Error & { status?: number }, request: Request, response: Response, next: NextFunction) => {
        seen.push(`${request.url} ${error.status}`);
        if (request.url === '/mine') return void response.status(410).end('gone');
        next(error);
      },
    );
    expect(await ask(origin, '/mine')).toMatchObject({ status: 410, text: 'gone' });
    expect(await ask(origin, '/nowhere')).toMatchObject({ status: 404, text: 'Not Found' });
    expect((await ask(origin, '/public')).status).toBe(200);
    expect(seen).toEqual(['/mine 404', '/nowhere 404']);
  });

  it("of a backend pass it only where they are the router's", async () => {
    let passed = 0;
    const { router, origin } = await startRouter();
    router.beforeErrorHandler.use((error: Error, _request: Request, _response: Response, next: NextFunction) => {
      passed += 1;
      next(error);
    });
    backend.answer(500, {}, 'own');
    expect((await ask(origin, '/public')).text).toBe('own');
    expect(passed).toBe(0);
    backend.answerWith((_, response) => response.destroy());
    expect((await ask(origin, '/public', { method: 'POST' })).status).toBe(502);
    expect(passed).toBe(1);
  });
});

describe('extension objects', () => {
  it('insert handlers alone or below a path, in every slot', async () => {
    const trail: string[] = [];
    const extension: ExtensionObject = {
      insertMiddleware: {
        first: [mark(trail, 'first'), { path: '/public', handler: mark(trail, 'first at path') }],
        beforeRequestHandler: [{ path: '/files', handler: mark(trail, 'before at path') }],
        beforeErrorHandler: [
          (error: Error, _request: Request, _response: Response, next: NextFunction) => {
            trail.push('error');
            next(error);
          },
        ],
      },
    };
    const second: ExtensionObject = { insertMiddleware: { first: [mark(trail, 'second')] } };
    const { origin } = await startRouter({ extensions: [extension, second, {}] });
    await ask(origin, '/public');
    expect(trail).toEqual(['first', 'first at path', 'second']);
    trail.splice(0);
    await ask(origin, '/files/a.txt');
    expect(trail).toEqual(['first', 'second', 'before at path']);
    trail.splice(0);
    await ask(origin, '/nowhere');
    expect(trail).toEqual(['first', 'second', 'error']);
  });

  it('for a slot that does not exist are refused', () => {
    const extension = { insertMiddleware: { frist: [() => {}] } } as unknown as ExtensionObject;
    expect(() => createRouter({ extensions: [extension] })).toThrow(/frist.*first/);
  });
});

describe('events', () => {
  it('login and logout carry the id of the session', async () => {
    const events: string[] = [];
    const { router, origin } = await startRouter();
    router.events.on('login', ({ id }) => events.push(`login ${id}`));
    router.events.on('logout', ({ id }) => events.push(`logout ${id}`));
    const user = openClient(origin);
    await user.logIn('/a');
    const id = decodeURIComponent(user.cookies.get('JSESSIONID') ?? '')
      .replace(/^s:/, '')
      .split('.')[0];
    expect(events).toEqual([`login ${id}`]);
    await user.ask('/out');
    expect(events).toEqual([`login ${id}`, `logout ${id}`]);
  });

  it('logout is told at the time-out too', async () => {
    const events: string[] = [];
    const { router, origin } = await startRouter({}, { sessionTimeout: 0.005 });
    router.events.on('login', ({ id }) => events.push(`login ${id}`));
    router.events.on('logout', ({ id }) => events.push(`logout ${id}`));
    await openClient(origin).logIn('/a');
    for (let i = 0; i < 30 && events.length < 2; i++) await sleep(100);
    expect(events).toHaveLength(2);
    expect(events[1]).toBe(events[0]?.replace('login', 'logout'));
  });

  it('a listener that throws breaks neither login nor logout', async () => {
    const { router, origin } = await startRouter();
    router.events.on('login', () => {
      throw new Error('mine');
    });
    router.events.on('logout', () => {
      throw new Error('mine');
    });
    const user = openClient(origin);
    expect(await user.logIn('/a')).toBe('/a');
    expect((await user.ask('/out')).status).toBe(302);
  });
});

describe('options', () => {
  it('xsappConfig takes precedence over the file', async () => {
    const workingDir = workingDirectory({
      'xs-app.json': { routes: [{ source: '(' }] },
      'default-env.json': { XS_BIND_ADDRESS: '127.0.0.1', XS_APP_LOG_LEVEL: 'error' },
    });
    const router = createRouter({ workingDir, port: '0', xsappConfig: { authenticationMethod: 'none' } });
    expect(await router.start()).toBeGreaterThan(0);
    await router.close();
  });

  it('a faulty one is refused with every problem', async () => {
    const router = createRouter({
      workingDir: workingDirectory({}),
      port: 0,
      xsappConfig: { routs: [], welcomefile: '/' },
    });
    await expect(router.start()).rejects.toThrow(/routs[\s\S]*welcomefile/);
  });

  it('getSessionSecret: two routers of one secret understand begun logins', async () => {
    const getSessionSecret = () => 'one secret for both of them, long enough';
    const [one, two] = [await startRouter({ getSessionSecret }), await startRouter({ getSessionSecret })];
    const user = openClient(one.origin);
    const begun = await user.ask('/a', { headers: { accept: 'text/html' } });
    const back = (await fetch(begun.headers.location ?? '', { redirect: 'manual' })).headers.get('location');
    const { pathname, search } = new URL(back ?? '');
    const cookie = [...user.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    expect((await ask(two.origin, pathname + search, { headers: { cookie } })).status).toBe(302);
  });

  it('close stops it, and each call of the factory gives another router', async () => {
    const one = await startRouter();
    const two = await startRouter();
    await one.router.close();
    await expect(ask(one.origin, '/public')).rejects.toThrow('ECONNREFUSED');
    expect((await ask(two.origin, '/public')).status).toBe(200);
  });
});
