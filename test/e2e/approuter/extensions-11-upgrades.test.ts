import { setTimeout as sleep } from 'node:timers/promises';
import type { NextFunction, Request, Response } from 'express';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRouter, type PortunusRouter } from '../../../src/create-router.ts';
import type { Slot } from '../../../src/extensions.ts';
import { atEnd } from '../../support/at-end.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { openWebSocketBackend, type WebSocketBackend } from '../support/open-web-socket-backend.ts';
import { upgrade } from '../support/upgrade.ts';

/** xs-app.md section 11: own handlers of upgrades, HANDLE_WEBSOCKET_EXT. */

let backend: WebSocketBackend;
beforeAll(async () => {
  backend = await openWebSocketBackend();
});
beforeEach(() => backend.forget());

const places = ['first', 'beforeRequestHandler', 'firstWS', 'beforeRequestHandlerWS'] as const;

async function startRouter(
  mode: string | undefined,
  insertMiddleware: object = {},
): Promise<{ router: PortunusRouter; origin: string }> {
  const workingDir = workingDirectory({
    'default-env.json': {
      XS_APP_LOG_LEVEL: 'silent',
      XS_BIND_ADDRESS: '127.0.0.1',
      destinations: [{ name: 'b', url: backend.origin }],
      ...(mode === undefined ? {} : { HANDLE_WEBSOCKET_EXT: mode }),
    },
  });
  const xsappConfig = {
    authenticationMethod: 'none',
    websockets: { enabled: true },
    routes: [{ source: '^/a', destination: 'b' }],
  };
  const router = createRouter({ workingDir, port: 0, xsappConfig, extensions: [{ insertMiddleware }] });
  const port = await router.start();
  atEnd(() => router.close());
  return { router, origin: `http://localhost:${port}` };
}

function marked(router: PortunusRouter): string[] {
  const trail: string[] = [];
  for (const place of places)
    router[place].use((_request: Request, _response: Response, next: NextFunction) => {
      trail.push(place);
      next();
    });
  return trail;
}

describe('which slots an upgrade passes', () => {
  it.each<[mode: string | undefined, trail: readonly Slot[]]>([
    [undefined, ['first', 'beforeRequestHandler']],
    ['false', ['first', 'beforeRequestHandler']],
    ['true', ['firstWS', 'beforeRequestHandlerWS']],
    ['async', ['firstWS', 'beforeRequestHandlerWS']],
  ])('HANDLE_WEBSOCKET_EXT=%s: %j; another request passes its own all the same', async (mode, expected) => {
    const { router, origin } = await startRouter(mode);
    const trail = marked(router);
    expect((await upgrade(origin, '/a')).status).toBe(101);
    expect(trail.splice(0)).toEqual(expected);
    expect((await ask(origin, '/a')).status).toBe(200);
    expect(trail).toEqual(['first', 'beforeRequestHandler']);
  });

  it('another value refuses the start', async () => {
    await expect(startRouter('yes')).rejects.toThrow(/HANDLE_WEBSOCKET_EXT.*false or true or async/);
  });
});

describe.each(['true', 'async'])('with %s, own handlers of upgrades', (mode) => {
  it.each(['firstWS', 'beforeRequestHandlerWS'] as const)('%s may answer: the backend hears nothing', async (slot) => {
    const { router, origin } = await startRouter(mode);
    router[slot].use('/a', (_request: Request, response: Response) => void response.status(418).end('no'));
    const { status, body } = await upgrade(origin, '/a/x');
    expect([status, body]).toEqual([418, 'no']);
    expect(backend.upgrades).toHaveLength(0);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('own');
      },
    ],
    ['rejects', () => Promise.reject(new Error('own'))],
    ['hands an error on', (_request: Request, _response: Response, next: NextFunction) => next(new Error('own'))],
  ])('one that %s refuses the upgrade', async (_, handler) => {
    const { router, origin } = await startRouter(mode);
    router.firstWS.use(handler);
    expect((await upgrade(origin, '/a')).status).toBe(500);
    expect(backend.upgrades).toHaveLength(0);
  });

  it('changing the url in firstWS changes the route', async () => {
    const { router, origin } = await startRouter(mode);
    router.firstWS.use((request: Request, _response: Response, next: NextFunction) => {
      request.url = request.url.replace('/old', '/a');
      next();
    });
    expect((await upgrade(origin, '/old/x?y=1')).status).toBe(101);
    expect(backend.upgrades[0]?.url).toBe('/a/x?y=1');
  });

  it('stand in extension objects, too', async () => {
    const trail: string[] = [];
    const handler = (request: Request, _response: Response, next: NextFunction) => {
      trail.push(request.originalUrl);
      next();
    };
    const { origin } = await startRouter(mode, {
      firstWS: [handler],
      beforeRequestHandlerWS: [{ path: '/a/b', handler }],
    });
    await upgrade(origin, '/a/b');
    await upgrade(origin, '/a/c');
    expect(trail).toEqual(['/a/b', '/a/b', '/a/c']);
  });
});

describe('handlers that return promises', () => {
  const slow =
    (trail: string[], name: string) => async (_request: Request, _response: Response, next: NextFunction) => {
      trail.push(`${name} begins`);
      next();
      await sleep(20);
      trail.push(`${name} ends`);
    };

  it.each<[mode: string, trail: readonly string[]]>([
    ['true', ['one begins', 'two begins']],
    ['async', ['one begins', 'one ends', 'two begins', 'two ends']],
  ])('%s: %j', async (mode, expected) => {
    const { router, origin } = await startRouter(mode);
    const trail: string[] = [];
    router.firstWS.use([slow(trail, 'one'), slow(trail, 'two')]);
    router.beforeRequestHandlerWS.use((_request: Request, response: Response) => void response.end([...trail].join()));
    expect((await upgrade(origin, '/a')).body).toBe(expected.join());
  });

  it('async: one that takes no next goes on by ending', async () => {
    const { router, origin } = await startRouter('async');
    let ended = false;
    router.firstWS.use(async () => {
      await sleep(20);
      ended = true;
    });
    expect((await upgrade(origin, '/a')).status).toBe(101);
    expect(ended).toBe(true);
  });
});
