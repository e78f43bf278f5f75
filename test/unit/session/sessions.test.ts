import { sign } from 'cookie-signature';
import express, { type RequestHandler } from 'express';
import supertest from 'supertest';
import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { MemoryStore } from '../../../src/session/memory-store.ts';
import type { SessionData } from '../../../src/session/session-data.ts';
import type { SessionStore } from '../../../src/session/session-store.ts';
import { createSessions, type Sessions } from '../../../src/session/sessions.ts';
import { arrivalOf } from '../../support/arrival-of.ts';
import { cookiesOf } from '../../support/visitor.ts';

const secret = 'a secret of enough length for a test';
const stores: SessionStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

function sessionsWith(
  store: SessionStore = new MemoryStore(60_000),
  cookieName = 'JSESSIONID',
  secrets: readonly string[] = [secret],
): Sessions {
  stores.push(store);
  const attributes = () => ({ secure: false, sameSite: 'lax' }) as const;
  return createSessions({ cookieName, secrets, store, attributes });
}

/** A small app over sessions: each path does one thing, and tells which session it saw. */
function appOf(sessions: Sessions): express.Express {
  const app = express();
  const does = (work: (...args: Parameters<RequestHandler>) => Promise<unknown>): RequestHandler => {
    return async (request, response, next) => {
      request.arrival = arrivalOf();
      response.json((await work(request, response, next)) ?? null);
    };
  };
  app.get(
    '/find',
    does(async (request) => (await sessions.find(request))?.data),
  );
  app.get(
    '/open',
    does(async (request, response) => {
      const found = await sessions.open(request, response);
      if (found.data.csrfToken === undefined) await sessions.update(found, { csrfToken: 'token' });
      return { id: found.id };
    }),
  );
  app.get(
    '/replace',
    does(async (request, response) => {
      const data: SessionData = { createdAt: 1, csrfToken: 'after' };
      return { id: (await sessions.replace(request, response, data)).id };
    }),
  );
  app.get(
    '/end',
    does((request, response) => sessions.end(request, response)),
  );
  app.use(((cause: unknown, _request, response, _next) => {
    const { status, code, headers } = cause as AppError;
    response.status(status).set(headers).json({ code });
  }) as express.ErrorRequestHandler);
  return app;
}

const value = (line: string | undefined) => line?.split(';')[0]?.split('=').slice(1).join('=') ?? '';

describe('looking makes no session', () => {
  test.each([
    ['no cookie', undefined],
    ['an unsigned id', 'JSESSIONID=abc'],
    ['an id that claims to be signed', 'JSESSIONID=s%3Aabc.def'],
    ['a bad escape', 'JSESSIONID=s%3A%zz'],
    ['an empty one', 'JSESSIONID='],
    ['only the prefix', 'JSESSIONID=s%3A'],
    ['a signature without an id', 'JSESSIONID=s%3A.x'],
    ['signed with another secret', `JSESSIONID=s:${sign('abc', 'another secret')}`],
    ['signed rightly, but unknown', `JSESSIONID=s:${sign('abc', secret)}`],
    ['a name of Object.prototype', `JSESSIONID=s:${sign('__proto__', secret)}`],
  ])('%s: nobody (6.1, T-33)', async (_, cookie) => {
    const asked = supertest(appOf(sessionsWith())).get('/find');
    const answer = await (cookie === undefined ? asked : asked.set('cookie', cookie));
    expect(answer.body).toBeNull();
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

describe('a session that was made is found again by its cookie', () => {
  test('which scripts cannot read, and which ends with the browser', async () => {
    const browser = supertest.agent(appOf(sessionsWith()));
    const made = await browser.get('/open');
    expect(cookiesOf(made).get('JSESSIONID')).toMatch(
      /^JSESSIONID=s%3A[\w-]{43}\.[^;]+; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect((await browser.get('/find')).body).toMatchObject({ csrfToken: 'token' });
  });

  test('under any configured name (13.1 #19)', async () => {
    const browser = supertest.agent(appOf(sessionsWith(undefined, 'harbour.sid')));
    expect([...cookiesOf(await browser.get('/open')).keys()]).toEqual(['harbour.sid']);
    expect((await browser.get('/find')).body).toMatchObject({ csrfToken: 'token' });
  });

  test('and is the same when opened again', async () => {
    const browser = supertest.agent(appOf(sessionsWith()));
    const first = await browser.get('/open');
    expect((await browser.get('/open')).body).toEqual(first.body);
  });

  test('but not when any character of the cookie was changed (T-33)', async () => {
    const app = appOf(sessionsWith());
    const cookie = value(cookiesOf(await supertest(app).get('/open')).get('JSESSIONID'));
    for (let i = 0; i < cookie.length; i++) {
      const changed = cookie.slice(0, i) + (cookie[i] === 'x' ? 'y' : 'x') + cookie.slice(i + 1);
      const answer = await supertest(app).get('/find').set('cookie', `JSESSIONID=${changed}`);
      expect.soft(answer.body, changed).toBeNull();
    }
  });
});

describe('a changed secret logs nobody out', () => {
  test('what the earlier one signed is found, what is new is signed by the current one', async () => {
    const store = new MemoryStore(60_000);
    const before = await supertest(appOf(sessionsWith(store, 'JSESSIONID', ['old']))).get('/open');
    const after = appOf(sessionsWith(store, 'JSESSIONID', ['new', 'old']));
    const found = await supertest(after)
      .get('/find')
      .set('cookie', `JSESSIONID=${value(cookiesOf(before).get('JSESSIONID'))}`);
    expect(found.body).toMatchObject({ csrfToken: 'token' });
    const fresh = value(cookiesOf(await supertest(after).get('/open')).get('JSESSIONID'));
    const onlyNew = appOf(sessionsWith(store, 'JSESSIONID', ['new']));
    expect((await supertest(onlyNew).get('/find').set('cookie', `JSESSIONID=${fresh}`)).body).not.toBeNull();
    const onlyOld = appOf(sessionsWith(store, 'JSESSIONID', ['old']));
    expect((await supertest(onlyOld).get('/find').set('cookie', `JSESSIONID=${fresh}`)).body).toBeNull();
  });
});

describe('a session id before the login is worth nothing after it (T-32)', () => {
  test('replacing gives a new id, ends the old one, and sets the new cookie', async () => {
    const app = appOf(sessionsWith());
    const before = await supertest(app).get('/open');
    const old = `JSESSIONID=${value(cookiesOf(before).get('JSESSIONID'))}`;
    const replaced = await supertest(app).get('/replace').set('cookie', old);
    const fresh = `JSESSIONID=${value(cookiesOf(replaced).get('JSESSIONID'))}`;
    expect(replaced.body.id).not.toBe(before.body.id);
    expect((await supertest(app).get('/find').set('cookie', old)).body).toBeNull();
    expect((await supertest(app).get('/find').set('cookie', fresh)).body).toEqual({ createdAt: 1, csrfToken: 'after' });
  });

  test('a planted cookie never becomes a session, not even a well signed one of an unknown id', async () => {
    const app = appOf(sessionsWith());
    const planted = `JSESSIONID=s%3A${encodeURIComponent(sign('planted', secret))}`;
    for (const path of ['/open', '/replace']) {
      const answer = await supertest(app).get(path).set('cookie', planted);
      expect(answer.body.id).not.toBe('planted');
      expect((await supertest(app).get('/find').set('cookie', planted)).body).toBeNull();
    }
  });
});

describe('ending a session', () => {
  test('makes the cookie worthless and deletes it (T-35)', async () => {
    const app = appOf(sessionsWith());
    const cookie = `JSESSIONID=${value(cookiesOf(await supertest(app).get('/open')).get('JSESSIONID'))}`;
    const ended = await supertest(app).get('/end').set('cookie', cookie);
    expect(cookiesOf(ended).get('JSESSIONID')).toMatch(/^JSESSIONID=;.*Path=\/;.*Expires=Thu, 01 Jan 1970/);
    expect((await supertest(app).get('/find').set('cookie', cookie)).body).toBeNull();
  });

  test('nobody to end: the cookie is deleted all the same', async () => {
    const ended = await supertest(appOf(sessionsWith())).get('/end');
    expect(cookiesOf(ended).get('JSESSIONID')).toMatch(/^JSESSIONID=;/);
  });
});

describe('a store that fails answers 503; nobody passes as anonymous (design section 5)', () => {
  class BrokenStore extends MemoryStore {
    override read(): never {
      throw new Error('connection refused');
    }
    override get(_id: string, callback: (error: unknown) => void): void {
      callback(new Error('connection refused'));
    }
    override set(_id: string, _record: unknown, callback?: (error?: unknown) => void): void {
      callback?.(new Error('connection refused'));
    }
    override write(): never {
      throw new Error('connection refused');
    }
    override remove(): never {
      throw new Error('connection refused');
    }
  }
  const cookie = `JSESSIONID=s%3A${encodeURIComponent(sign('abc', secret))}`;

  test.each(['/find', '/open', '/replace', '/end'])('%s', async (path) => {
    const answer = await supertest(appOf(sessionsWith(new BrokenStore(60_000))))
      .get(path)
      .set('cookie', cookie);
    expect(answer.status).toBe(503);
    expect(answer.body).toEqual({ code: 'ERR_SESSION_STORE' });
    expect(answer.headers['retry-after']).toBe('2');
  });

  test('a store that has lost its connection: express-session would go on without a session', async () => {
    const store = new MemoryStore(60_000);
    const sessions = sessionsWith(store);
    store.emit('disconnect');
    const answer = await supertest(appOf(sessions)).get('/open');
    expect(answer.status).toBe(503);
  });

  test('the failure is an AppError that names no id and no cookie', async () => {
    const sessions = sessionsWith(new BrokenStore(60_000));
    const request = { headers: { cookie } } as unknown as Parameters<Sessions['find']>[0];
    const finding = async () => sessions.find(request);
    const failure = await finding().catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(AppError);
    expect((failure as AppError).message).not.toMatch(/abc|s%3A/);
  });
});

test('a store that outlives configurations is listened to by the last one only', () => {
  const store = new MemoryStore(60_000);
  for (let reload = 0; reload < 20; reload++) sessionsWith(store);
  expect([store.listenerCount('connect'), store.listenerCount('disconnect')]).toEqual([1, 1]);
});
