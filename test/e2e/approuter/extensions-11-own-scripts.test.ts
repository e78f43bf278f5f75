import { request as askSecurely } from 'node:https';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectSecurely } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueCertificate } from '../../../demo/landscape/keys/certificate.ts';
import { makeRsaKeyPair } from '../../../demo/landscape/keys/key-pair.ts';
import {
  type AnswerContext,
  type BackendAnswer,
  createRouter,
  type PortunusRouter,
  type RouterConfig,
  type RouterOptions,
  type ScriptSession,
} from '../../../src/create-router.ts';
import { atEnd } from '../../support/at-end.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { openClient } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md section 11: what an own start script does besides handlers in slots. */

let backend: Backend;
let xsuaa: Xsuaa;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
});
beforeEach(() => backend.forget());

function directory(): string {
  return workingDirectory({
    'web/a.txt': 'file',
    'default-env.json': {
      XS_APP_LOG_LEVEL: 'silent',
      XS_BIND_ADDRESS: '127.0.0.1',
      VCAP_SERVICES: xsuaa.binding,
      destinations: [
        { name: 'b', url: backend.origin, timeout: 300 },
        { name: 'fwd', url: backend.origin, forwardAuthToken: true },
      ],
    },
  });
}

const xsappConfig = {
  logout: { logoutEndpoint: '/out' },
  destinations: { b: { logoutPath: '/end' } },
  routes: [
    { source: '^/a', destination: 'b' },
    { source: '^/fwd', destination: 'fwd' },
    { source: '^/open/fwd', destination: 'fwd', authenticationType: 'none' },
    { source: '^/open', destination: 'b', authenticationType: 'none' },
    { source: '^/basic', destination: 'b', authenticationType: 'basic' },
  ],
};

async function startRouter(options: RouterOptions = {}): Promise<{ router: PortunusRouter; origin: string }> {
  const router = createRouter({ workingDir: directory(), port: 0, xsappConfig, ...options });
  const port = await router.start();
  atEnd(() => router.close());
  return { router, origin: `http://localhost:${port}` };
}

const each =
  (change: (request: Request) => void): RequestHandler =>
  (request: Request, _response: Response, next: NextFunction) => {
    change(request);
    next();
  };

type After = NonNullable<Request['afterRequestHandler']>;
type OnTimeout = NonNullable<Request['backendTimeout']>;

/** One router for all that is set on requests and asked of the script for each of them. */
let shared: string;
let asks: { after?: After; onTimeout?: OnTimeout; token?: NonNullable<RouterOptions['getToken']> } = {};
beforeAll(async () => {
  const { router, origin } = await startRouter({
    getToken: (request, callback) => (asks.token ? asks.token(request, callback) : callback(null, null)),
  });
  router.beforeRequestHandler.use(
    each((request) => {
      if (asks.after) request.afterRequestHandler = asks.after;
      if (asks.onTimeout) request.backendTimeout = asks.onTimeout;
    }),
  );
  shared = origin;
});
beforeEach(() => {
  asks = {};
});

function startWithAfter(after: After): string {
  asks.after = after;
  return shared;
}

function startWithToken(token: NonNullable<RouterOptions['getToken']>): string {
  asks.token = token;
  return shared;
}

describe('getToken', () => {
  it('gives the token that a destination with forwardAuthToken gets', async () => {
    const origin = startWithToken((request, callback) => callback(null, `own-${request.headers['x-who']}`));
    await ask(origin, '/open/fwd', { headers: { 'x-who': 'ada', authorization: 'Bearer client' } });
    expect(backend.last().headers.authorization).toBe('Bearer own-ada');
  });

  it('gives none to other destinations', async () => {
    const origin = startWithToken((_request, callback) => callback(null, 'own'));
    await ask(origin, '/open/b');
    expect(backend.last().headers.authorization).toBeUndefined();
  });

  it.each([null, undefined, ''])('%j leaves it to the token of the user', async (token) => {
    const origin = startWithToken((_request, callback) => callback(undefined, token));
    const user = openClient(origin);
    await user.logIn('/fwd');
    await user.ask('/fwd');
    expect(backend.last().headers.authorization).toMatch(/^Bearer eyJ/);
  });

  it.each<[what: string, getToken: NonNullable<RouterOptions['getToken']>]>([
    ['that fails', (_request, callback) => callback(new Error('secret detail'))],
    [
      'that throws',
      () => {
        throw new Error('secret detail');
      },
    ],
    ['that is rejected', () => Promise.reject(new Error('secret detail'))],
    ['that gives what no header can hold', (_request, callback) => callback(null, 'a\r\nx-evil: 1')],
  ])('one %s is 502 without details, and the backend is not called', async (_, getToken) => {
    const origin = startWithToken(getToken);
    const { status, text } = await ask(origin, '/open/fwd');
    expect(status).toBe(502);
    expect(text).not.toContain('secret detail');
    expect(backend.calls).toHaveLength(0);
  });
});

describe('afterRequestHandler', () => {
  it('sees both sides of the exchange before anything is sent', async () => {
    const seen: unknown[] = [];
    const origin = startWithAfter(
      ({ incomingRequest, incomingResponse, outgoingRequest, outgoingResponse }: AnswerContext, done) => {
        seen.push(
          incomingRequest.url,
          incomingResponse.statusCode,
          incomingResponse.headers['x-own'],
          outgoingRequest,
          outgoingResponse.headersSent,
        );
        done();
      },
    );
    backend.answer(201, { 'x-own': 'b' }, 'body');
    expect(await ask(origin, '/open?x=1')).toMatchObject({ status: 201, text: 'body', headers: { 'x-own': 'b' } });
    expect(seen).toEqual(['/open?x=1', 201, 'b', { method: 'GET', destination: 'b', path: '/open?x=1' }, false]);
  });

  it('changes status and headers', async () => {
    const origin = startWithAfter(({ incomingResponse }, done) => {
      incomingResponse.statusCode = 203;
      incomingResponse.headers['x-added'] = '1';
      delete incomingResponse.headers['x-own'];
      done(null, incomingResponse);
    });
    backend.answer(200, { 'x-own': 'b', 'content-length': '4' }, 'body');
    const { status, headers, text } = await ask(origin, '/open');
    expect([status, headers['x-added'], headers['x-own'], text]).toEqual([203, '1', undefined, 'body']);
    expect(headers['x-frame-options']).toBe('SAMEORIGIN');
  });

  it('changes the body, whose length the backend had told', async () => {
    const origin = startWithAfter(({ incomingResponse }, done) => {
      const louder = new Transform({
        transform: (chunk, _encoding, pass) => pass(null, `${String(chunk).toUpperCase()}!`),
      });
      done(null, incomingResponse.pipe(louder) as unknown as BackendAnswer);
    });
    backend.answer(200, { 'content-length': '5' }, 'ahoy\n');
    const { status, text, headers } = await ask(origin, '/open');
    expect([status, text, headers['content-length']]).toEqual([200, 'AHOY\n!', undefined]);
  });

  it('what is changed is compressed afterwards, and the handler sees it as it was', async () => {
    let seen = '';
    const origin = startWithAfter(({ incomingResponse }, done) => {
      seen = String(incomingResponse.headers['content-encoding']);
      done();
    });
    backend.answer(200, { 'content-type': 'text/plain' }, 'x'.repeat(5_000));
    const { headers, body } = await ask(origin, '/open', { headers: { 'accept-encoding': 'gzip' } });
    expect([seen, headers['content-encoding'], headers.vary]).toEqual(['undefined', 'gzip', 'Accept-Encoding']);
    expect(gunzipSync(body).toString()).toBe('x'.repeat(5_000));
  });

  it.each<[how: string, after: After]>([
    ['told', (_context, done) => done(new Error('mine'))],
    [
      'thrown',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejected', () => Promise.reject(new Error('mine'))],
  ])('an error that is %s is only logged: the answer goes out as it was', async (_, after) => {
    const origin = startWithAfter(after);
    backend.answer(418, { 'x-own': 'b' }, 'teapot');
    expect(await ask(origin, '/open')).toMatchObject({ status: 418, text: 'teapot', headers: { 'x-own': 'b' } });
  });

  it('may take its time, and may answer itself', async () => {
    const later = startWithAfter(async (_context, done) => {
      await sleep(20);
      done();
      done();
    });
    expect((await ask(later, '/open')).status).toBe(200);
    const itself = startWithAfter(({ outgoingResponse }) => void outgoingResponse.status(410).end('mine'));
    expect(await ask(itself, '/open')).toMatchObject({ status: 410, text: 'mine' });
  });

  it('that answers itself lets go of the backend, in the middle of its answer', async () => {
    const origin = startWithAfter(({ outgoingResponse }) => void outgoingResponse.status(410).end('mine'));
    const gone = new Promise<void>((left) =>
      backend.answerWith((_, response) => {
        response.once('close', left);
        response.writeHead(200).write(Buffer.alloc(5_000_000));
      }),
    );
    expect(await ask(origin, '/open')).toMatchObject({ status: 410, text: 'mine' });
    await gone;
  });

  it('a header set to undefined is left out', async () => {
    const origin = startWithAfter(({ incomingResponse }, done) => {
      Object.assign(incomingResponse.headers, { 'x-own': undefined });
      done(null, incomingResponse);
    });
    backend.answer(200, { 'x-own': 'b' }, 'body');
    const { status, headers } = await ask(origin, '/open');
    expect([status, headers['x-own']]).toEqual([200, undefined]);
  });

  it.each<[what: string, change: object]>([
    ['a header', { headers: { 'x-own': 'a\r\nx-evil: 1' } }],
    ['a name', { headers: { 'x own': 'a' } }],
    ['a status', { statusCode: 42 }],
    ['a reason', { statusMessage: 'a\r\nx-evil: 1' }],
  ])('%s that cannot be sent is 500, and nobody waits', async (_, change) => {
    const origin = startWithAfter(({ incomingResponse }, done) => done(null, Object.assign(incomingResponse, change)));
    for (const size of [4, 5_000_000]) {
      backend.answer(200, { 'content-type': 'image/png' }, 'x'.repeat(size));
      const { status, headers } = await ask(origin, '/open');
      expect([status, headers['x-evil'], headers['content-type']]).toEqual([500, undefined, undefined]);
    }
  });

  it('a large answer comes through whole', async () => {
    const origin = startWithAfter((_context, done) => done());
    const large = Buffer.alloc(3_000_000, 'abcdefg');
    backend.answerWith((_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(large));
    expect((await ask(origin, '/open')).body.equals(large)).toBe(true);
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('%s %i have no body', async (method, status) => {
    const origin = startWithAfter((_context, done) => done());
    backend.answer(status, { etag: '"1"' });
    const reply = await ask(origin, '/open', { method });
    expect([reply.status, reply.headers.etag, reply.text]).toEqual([status, '"1"', '']);
  });

  it('cookies of the backend are kept or passed as ever, and it sees what the client is to get', async () => {
    let seen: unknown;
    const origin = startWithAfter(({ incomingResponse }, done) => {
      seen = incomingResponse.headers['set-cookie'];
      done();
    });
    backend.answer(200, { 'set-cookie': ['kept=1', 'passed=1; Max-Age=9', 'too=2; Max-Age=9'] });
    const { headers } = await ask(origin, '/open');
    const names = (headers['set-cookie'] ?? []).map((line) => line.split('=', 1)[0]).sort();
    expect(names).toEqual(['JSESSIONID', 'passed', 'too']);
    expect(seen).toEqual(expect.arrayContaining(['passed=1; Max-Age=9']));
    expect(seen).not.toEqual(expect.arrayContaining([expect.stringContaining('kept')]));
  });

  it('is not called for errors of the router', async () => {
    const after = vi.fn((_context: AnswerContext, done: (error?: unknown) => void) => done());
    const origin = startWithAfter(after);
    backend.answerWith((_, response) => response.destroy());
    expect((await ask(origin, '/open', { method: 'POST' })).status).toBe(502);
    expect(after).not.toHaveBeenCalled();
  });
});

describe('backendTimeout', () => {
  const startWith = (handler: OnTimeout) => {
    asks.onTimeout = handler;
    backend.answerWith(async (_, response) => {
      await sleep(1_000);
      response.end('late');
    });
    return shared;
  };

  it('is called when the time of the backend is up; then comes 504', async () => {
    const seen: string[] = [];
    const origin = startWith((request, done) => {
      seen.push(request.url);
      done();
    });
    expect((await ask(origin, '/open?x')).status).toBe(504);
    expect(seen).toEqual(['/open?x']);
  });

  it('may answer itself', async () => {
    const origin = startWith((request, done) => {
      request.res?.status(202).end('later');
      done();
    });
    expect(await ask(origin, '/open')).toMatchObject({ status: 202, text: 'later' });
  });

  it('is not called for a backend that is gone', async () => {
    const handler = vi.fn();
    const origin = startWith(handler);
    backend.answerWith((_, response) => response.destroy());
    expect((await ask(origin, '/open', { method: 'POST' })).status).toBe(502);
    expect(handler).not.toHaveBeenCalled();
  });
});

describe('getRouterConfig and createRouterConfig', () => {
  async function startWithConfigs() {
    const configs = new Map<string, RouterConfig>();
    const { router, origin } = await startRouter({
      getRouterConfig: ({ headers }, callback) => {
        if (headers['x-config'] === 'broken') return callback(new Error('secret detail'));
        if (headers['x-config'] === 'rejected') return Promise.reject(new Error('secret detail'));
        if (headers['x-config'] === 'rejected for nothing') return Promise.reject();
        return callback(null, configs.get(String(headers['x-config'])) ?? null);
      },
    });
    return { router, origin, configs };
  }

  it('a request is served by the configuration that is chosen for it, with the login of the others', async () => {
    const { router, origin, configs } = await startWithConfigs();
    const other = await router.createRouterConfig({
      xsappname: 'harbour!t7',
      xsappConfig: {
        welcomeFile: '/start.html',
        routes: [{ source: '^/a', target: '/other', destination: 'c', scope: '$XSAPPNAME.Pilot' }],
        sessionTimeout: 1,
      },
      destinations: [{ name: 'c', url: `${backend.origin}/base` }],
    });
    configs.set('other', other);
    const user = openClient(origin);
    await user.logIn('/a');
    await user.ask('/a');
    expect(backend.last().url).toBe('/a');
    const reply = await user.ask('/a', { headers: { 'x-config': 'other' } });
    expect([reply.status, backend.last().url]).toEqual([200, '/base/other']);
    const root = await ask(origin, '/', { headers: { 'x-config': 'other' } });
    expect([root.status, root.headers.location]).toEqual([302, '/start.html']);
    expect((await ask(origin, '/open')).status).toBe(200);
    const taken = await ask(origin, '/open', {
      headers: { 'x-config': 'other', 'x-requested-with': 'XMLHttpRequest' },
    });
    expect(taken.status).toBe(401); // by no route, so by the implicit one
  });

  it('logout calls of the usual configuration are made still', async () => {
    const { router, origin } = await startWithConfigs();
    await router.createRouterConfig({ xsappConfig: { routes: [] }, destinations: [] }).catch(() => {});
    const user = openClient(origin);
    await user.logIn('/a');
    await user.ask('/out');
    expect(backend.calls.map(({ method, url }) => `${method} ${url}`)).toContain('POST /end');
  });

  it('an error, and what createRouterConfig has not made, is 500 without details', async () => {
    const { origin, configs } = await startWithConfigs();
    configs.set('made up', { kind: 'router configuration' });
    for (const name of ['broken', 'rejected', 'rejected for nothing', 'made up']) {
      const { status, text } = await ask(origin, '/open', { headers: { 'x-config': name } });
      expect(status).toBe(500);
      expect(text).not.toContain('secret detail');
    }
    expect(backend.calls).toHaveLength(0);
  });

  it('one is checked as at the start', async () => {
    const { router } = await startWithConfigs();
    const xsapp = { routes: [{ source: '(', destination: 'nobody' }] };
    await expect(router.createRouterConfig({ xsappConfig: xsapp })).rejects.toThrow(/routes\/0\/source[\s\S]*nobody/);
    const callback = vi.fn();
    await router.createRouterConfig({ xsappConfig: xsapp }, callback);
    await vi.waitFor(() => expect(callback).toHaveBeenCalledWith(expect.any(Error)));
  });

  it('needs a router that has been started', async () => {
    await expect(createRouter().createRouterConfig({ xsappConfig: {} })).rejects.toThrow('start');
  });
});

describe('sessions', () => {
  const idOf = (cookies: Map<string, string>) =>
    decodeURIComponent(cookies.get('JSESSIONID') ?? '')
      .replace(/^s:/, '')
      .split('.')[0] ?? '';

  async function loggedIn() {
    const { router, origin } = await startRouter();
    const user = openClient(origin);
    await user.logIn('/a');
    return { router, origin, user, id: idOf(user.cookies) };
  }
  const called = <T>(call: (callback: (error?: unknown, result?: T) => void) => void) =>
    new Promise<T | undefined>((give, fail) => call((error, result) => (error ? fail(error) : give(result))));

  it.each<[what: string, status: number, handle: RequestHandler]>([
    ['goes on', 200, (_request, _response, next) => next()],
    ['answers', 202, (_request, response) => void response.status(202).json({})],
  ])(
    'one that HTTP Basic has just made is shown to a handler that %s, and its cookie sent',
    async (_, status, handle) => {
      const { router, origin } = await startRouter();
      const seen: unknown[] = [];
      router.beforeRequestHandler.use(each((request) => void seen.push(request.sessionID, request.session)));
      router.beforeRequestHandler.use(handle);
      const authorization = `Basic ${Buffer.from('skipper:ahoy:1').toString('base64')}`;
      const first = await ask(origin, '/basic', { headers: { authorization } });
      const cookie = first.headers['set-cookie']?.map((line) => line.split(';', 1)[0]).join('; ') ?? '';
      const second = await ask(origin, '/basic', { headers: { cookie } });
      expect([first.status, second.status]).toEqual([status, status]);
      expect(seen[0]).toEqual(expect.any(String));
      expect(seen.slice(2)).toEqual(seen.slice(0, 2));
      expect(seen[1]).toMatchObject({ user: { name: 'skipper' } });
    },
  );

  it('handlers behind the login see the session, to be read only', async () => {
    const { router, user, id } = await loggedIn();
    const seen: unknown[] = [];
    router.beforeRequestHandler.use(
      each((request) => {
        const session = request.session as unknown as ScriptSession;
        seen.push(request.sessionID, session.user?.name, session.user?.scopes, Object.isFrozen(session));
      }),
    );
    await user.ask('/a');
    expect(seen).toEqual([id, 'skipper', ['openid', 'harbour!t7.Pilot'], true]);
  });

  it('nobody is there without a session, and none is made', async () => {
    const { router, origin } = await startRouter();
    let seen: unknown = 'nothing';
    router.beforeRequestHandler.use(
      each((request) => {
        seen = request.session;
      }),
    );
    const { headers } = await ask(origin, '/open');
    expect([seen, headers['set-cookie']]).toEqual([undefined, undefined]);
  });

  it('the store tells, changes and ends them', async () => {
    const { router, user, id } = await loggedIn();
    const store = router.getSessionStore();
    expect(store.getDefaultSessionTimeout()).toBe(15);
    const left = await called<number>((callback) => store.getSessionTimeout(id, callback));
    expect(left).toBeGreaterThan(14);
    expect(left).toBeLessThanOrEqual(15);
    const change = (session: ScriptSession) => ({ ...session, berth: { number: 7 } });
    expect(await called((callback) => store.update(id, change, true, callback))).toBe(true);
    const session = await called<ScriptSession>((callback) => store.get(id, callback));
    expect(session).toMatchObject({ berth: { number: 7 }, user: { name: 'skipper' } });
    expect(session?.user?.token.accessToken).toMatch(/^eyJ/);
    expect((await user.ask('/a')).status).toBe(200);

    const events: string[] = [];
    router.events.on('logout', (ended) => events.push(ended.id));
    await called((callback) => store.destroy(id, callback));
    expect(events).toEqual([id]);
    expect(backend.last().url).toBe('/end');
    expect((await user.ask('/a', { headers: { 'x-requested-with': 'XMLHttpRequest' } })).status).toBe(401);
    expect(await called((callback) => store.get(id, callback))).toBeUndefined();
    expect(await called((callback) => store.update(id, change, true, callback))).toBe(false);
  });

  it('who the user is cannot be changed, nor a session made', async () => {
    const { router, id } = await loggedIn();
    const store = router.getSessionStore();
    const change = () => ({ user: { name: 'admiral', token: { accessToken: 'x', expiresAt: 0 }, scopes: ['all'] } });
    await called((callback) => store.update(id, change, true, callback));
    const session = await called<ScriptSession>((callback) => store.get(id, callback));
    expect(session?.user?.name).toBe('skipper');
    await expect(called((callback) => store.set('mine', '{}', 15, callback))).rejects.toThrow('logins only');
  });

  it('the event update tells of each use', async () => {
    const { router, user, id } = await loggedIn();
    const told: unknown[] = [];
    router.events.on('update', (used, minutes) => told.push(used, minutes));
    await user.ask('/a');
    expect(told).toEqual([id, 15]);
    router.events.on('update', () => {
      throw new Error('mine');
    });
    expect((await user.ask('/a')).status).toBe(200);
  });
});

describe('starting and stopping', () => {
  it('start takes options and a callback, and close one', async () => {
    const router = createRouter();
    const trail: string[] = [];
    const mark: RequestHandler = each(() => trail.push('first'));
    const port = await new Promise<number | undefined>((give, fail) => {
      const options = {
        workingDir: directory(),
        port: '0',
        xsappConfig,
        extensions: [{ insertMiddleware: { first: [mark] } }],
      };
      void router.start(options, (error, listening) => (error ? fail(error) : give(listening)));
    });
    expect((await ask(`http://localhost:${port}`, '/open')).status).toBe(200);
    expect(trail).toEqual(['first']);
    await new Promise<void>((closed) => void router.close(() => closed()));
    await expect(ask(`http://localhost:${port}`, '/open')).rejects.toThrow('ECONNREFUSED');
  });

  it('a start that fails tells the callback', async () => {
    const callback = vi.fn();
    await createRouter({ workingDir: workingDirectory({}), port: 0 }).start(callback);
    await vi.waitFor(() =>
      expect(callback).toHaveBeenCalledWith(
        expect.objectContaining({ message: expect.stringContaining('xs-app.json') }),
      ),
    );
  });

  describe('httpsOptions', () => {
    let origin: string;
    let cert: string;
    beforeAll(async () => {
      const keys = await makeRsaKeyPair();
      cert = issueCertificate({ use: 'server', commonName: 'localhost', keys });
      ({ origin } = await startRouter({ httpsOptions: { key: keys.privatePem, cert } }));
    });
    const front = () => ({ host: '127.0.0.1', port: Number(new URL(origin).port), ca: cert, servername: 'localhost' });

    it('HTTPS only', async () => {
      const status = await new Promise((answered, failed) => {
        askSecurely({ ...front(), path: '/open', agent: false }, (answer) => {
          answer.resume();
          answered(answer.statusCode);
        })
          .on('error', failed)
          .end();
      });
      expect(status).toBe(200);
      expect(backend.last().headers['x-forwarded-proto']).toBe('https');
      await expect(ask(origin, '/open')).rejects.toThrow();
    });

    it('what breaks off is seen to do so by clients of HTTP/1.0, for whom the end of the connection ends the answer', async () => {
      backend.answerWith((_, response) => response.write('half ', () => response.destroy()));
      const client = connectSecurely(front());
      let come = '';
      client.on('data', (chunk) => {
        come += chunk;
      });
      client.write('GET /open HTTP/1.0\r\nHost: localhost\r\n\r\n');
      const end = await new Promise((told) => {
        client.once('error', (cause: NodeJS.ErrnoException) => told(cause.code));
        client.once('end', () => told('as if it were complete'));
      });
      expect(come).toMatch(/ 200 OK[\s\S]*half $/);
      expect(end).toBe('ECONNRESET');
    });
  });

  it.each([
    [{ workinDir: '.' }, /no option "workinDir"; did you mean "workingDir"/],
    [{ zzz: 1 }, /no option "zzz"; there are workingDir/],
  ])('an option that does not exist is refused: %j', async (options, told) => {
    expect(() => createRouter(options as RouterOptions)).toThrow(told);
    await expect(createRouter().start(options as RouterOptions)).rejects.toThrow(told);
  });

  const handlers = (first: unknown) => ({ extensions: [{ insertMiddleware: { first } }] });
  it.each([
    [{ getToken: 'token' }, /option "getToken" must be a function/],
    [{ extensions: { insertMiddleware: {} } }, /option "extensions" must be a list/],
    [{ extensions: [() => {}] }, /extensions\[0\] must be an object with insertMiddleware/],
    [{ extensions: [{}, { insertMidleware: {} }] }, /extensions\[1\]: nothing reads "insertMidleware"; did you mean/],
    [{ extensions: [{ insertMiddleware: { frist: [] } }] }, /extensions\[0\]: there is no slot "frist"/],
    [handlers(() => {}), /extensions\[0\]\.insertMiddleware\.first must be a list/],
    [handlers([{ path: '/quay', handlr: () => {} }]), /\.first\[0\] must be a function, or an object with path/],
    [handlers([() => {}, null]), /\.first\[1\] must be a function/],
  ])('a handler that would never be called is refused: %j', (options, told) => {
    expect(() => createRouter(options as unknown as RouterOptions)).toThrow(told);
  });

  it('a router that runs is not started a second time, and can be after it was closed', async () => {
    const router = createRouter({ xsappConfig: { routes: [] }, port: 0, workingDir: workingDirectory({}) });
    await router.start();
    await expect(router.start()).rejects.toThrow('the router runs already; close() it');
    await router.close();
    expect(await router.start()).toBeGreaterThan(0);
    await router.close();
  });

  it('what several tenants would need is refused with the reason', async () => {
    const callback = vi.fn();
    createRouter().resolveUaaConfig({}, {}, callback);
    expect(callback).toHaveBeenCalledWith(expect.objectContaining({ message: expect.stringContaining('tenants') }));
    expect(() => createRouter().getSessionStore()).toThrow('start');
  });
});
