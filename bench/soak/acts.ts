import { once } from 'node:events';
import { documents } from '../world/documents.ts';
import type { Client } from './client.ts';
import type { Visitor, Visitors } from './visitors.ts';
import { slowLimit } from './write-configuration.ts';

/** What a person, a program or a broken network does. */
export interface Act {
  /** How often it is done, by the others. */
  readonly weight: number;
  run(stage: Stage): Promise<void>;
}

export interface Stage {
  readonly client: Client;
  readonly visitors: Visitors;
  /** A logout token of the provider for a user, by the `sub`. */
  readonly logoutToken: (subject: string) => Promise<string>;
}

const [small, large] = [documents.small.path, documents.large.path];
/** How a script asks: it wants no login page. */
const script = { accept: 'application/json', 'x-requested-with': 'XMLHttpRequest' };
const body = Buffer.alloc(200_000, 'cargo ');

/** The cookie of a session that has ended logs nobody in. */
async function seeLoggedOut(client: Client, cookie: string): Promise<void> {
  await client.ask({ kind: 'after the logout', path: `/user${small}`, wants: [401], headers: { cookie, ...script } });
}

/**
 * Lends a visitor, who comes back unless `gone`. Most requests prolong the session; where they did not, it is `unused`.
 */
function as(run: (client: Client, visitor: Visitor, stage: Stage) => Promise<unknown>): Act['run'] {
  return async (stage) => {
    const visitor = await stage.visitors.take();
    const usedAt = performance.now();
    const outcome = await run(stage.client, visitor, stage);
    if (outcome !== 'gone') stage.visitors.give(visitor, outcome === 'unused' ? visitor.usedAt : usedAt);
  };
}

async function csrfOf(client: Client, visitor: Visitor): Promise<string> {
  if (visitor.csrf === undefined) {
    const headers = { cookie: visitor.cookie, 'x-csrf-token': 'fetch' };
    const answer = await client.ask({ kind: 'CSRF token', path: `/user${small}`, wants: [200], headers });
    visitor.csrf = String(answer.headers['x-csrf-token'] ?? '');
  }
  return visitor.csrf;
}

const get = (kind: string, path: string, more: Readonly<Record<string, string>> = {}) =>
  as(async (client, { cookie }) => {
    const { text } = await client.ask({ kind, path, wants: [200], headers: { cookie, ...more } });
    if (text === '') client.tally.unexpected(kind, 'an empty body');
  });

const refused = (kind: string, path: string, status: number, method = 'GET') =>
  as(async (client, { cookie }) => {
    await client.ask({ kind, path, method, wants: [status], headers: { cookie, ...script } });
  });

const strange = (kind: string, path: string, wants: readonly number[], method = 'GET'): Act['run'] => {
  return async ({ client }) => void (await client.ask({ kind, path, method, wants, headers: script }));
};

const upload = (send: (client: Client, headers: Readonly<Record<string, string>>) => Promise<unknown>) =>
  as(async (client, visitor) => {
    await send(client, { cookie: visitor.cookie, 'x-csrf-token': await csrfOf(client, visitor) });
  });

const socket = (kind: string, path: string, end: 'client' | 'terminate' | 'backend') =>
  as(async (client, { cookie }) => {
    const open = await client.open(kind, path, { cookie });
    if (open === undefined) return;
    const gone = once(open, 'close');
    open.send('ahoy');
    if (end !== 'backend') {
      const [echo] = await Promise.race([once(open, 'message'), gone]);
      if (String(echo) !== 'ahoy') client.tally.unexpected(kind, 'no echo');
      open.send(body);
      await Promise.race([once(open, 'message'), gone]);
      if (end === 'client') open.close(1000);
      else open.terminate();
    }
    await gone;
  });

/** By the name of each: what a soak is made of. */
export const acts: Readonly<Record<string, Act>> = {
  '1 KB, user token': { weight: 200, run: get('1 KB', `/user${small}`) },
  '1 KB, technical token': { weight: 60, run: get('1 KB, technical token', `/technical${small}`) },
  '1 KB, public': { weight: 40, run: strange('1 KB, public', `/public${small}`, [200]) },
  '100 KB': { weight: 25, run: get('100 KB', `/user${large}`) },
  '100 KB, gzip': { weight: 25, run: get('100 KB, gzip', `/user${large}`, { 'accept-encoding': 'gzip' }) },
  'who am I': { weight: 10, run: get('who am I', '/me/currentUser') },
  'backend cookie': { weight: 10, run: get('backend cookie', '/user/cookie') },
  'slow answer': { weight: 10, run: get('slow answer', '/user/slow?80') },
  upload: {
    weight: 20,
    run: upload((client, headers) =>
      client.ask({ kind: 'upload', path: '/user/echo', method: 'POST', wants: [200], headers, body }),
    ),
  },
  'upload cut by the client': {
    weight: 10,
    run: upload((client, headers) =>
      client.sendHalf({ kind: 'upload cut by the client', path: '/user/echo', method: 'POST', headers }, body, 900_000),
    ),
  },
  'download cut by the client': {
    weight: 10,
    run: as(async (client, { cookie }) => {
      const kind = 'download cut by the client';
      const answer = await client.begin({ kind, path: '/user/flood', wants: [200], headers: { cookie } });
      if (answer === undefined) return;
      await once(answer, 'data');
      answer.destroy();
    }),
  },
  'answer cut by the backend': {
    weight: 10,
    run: as(async (client, { cookie }) => {
      const kind = 'answer cut by the backend';
      const { isWhole } = await client.ask({ kind, path: '/user/cut', wants: [200], headers: { cookie } });
      if (isWhole) client.tally.unexpected(kind, 'it looks whole');
    }),
  },
  'backend resets': { weight: 10, run: refused('backend resets', '/user/reset', 502) },
  'backend too slow': {
    weight: 2,
    async run(stage) {
      await strange('backend too slow', `/slow/slow?${slowLimit * 3}`, [504])(stage);
      await strange('slow answer', '/slow/slow?5', [200])(stage); // or the destination would be given a pause
    },
  },
  'backend gone': { weight: 5, run: strange('backend gone', '/gone/', [502, 503]) },
  events: {
    weight: 8,
    run: as(async (client, { cookie }) => {
      const headers = { cookie, accept: 'text/event-stream' };
      const { text } = await client.ask({ kind: 'events', path: '/user/events?3', wants: [200], headers });
      if (!text.includes('data: 2')) client.tally.unexpected('events', 'not all of them came');
    }),
  },
  'events, client leaves': {
    weight: 8,
    run: as(async (client, { cookie }) => {
      const headers = { cookie, accept: 'text/event-stream' };
      const answer = await client.begin({ kind: 'events, client leaves', path: '/user/events', wants: [200], headers });
      if (answer === undefined) return;
      await once(answer, 'data');
      answer.destroy();
    }),
  },
  WebSocket: { weight: 8, run: socket('WebSocket', '/user/ws', 'client') },
  'WebSocket broken off': { weight: 6, run: socket('WebSocket broken off', '/user/ws', 'terminate') },
  'WebSocket closed by the backend': {
    weight: 4,
    run: socket('WebSocket closed by the backend', '/user/ws?close', 'backend'),
  },
  'WebSocket broken off by the backend': {
    weight: 4,
    run: socket('WebSocket broken off by the backend', '/user/ws?reset', 'backend'),
  },
  'WebSocket without a session': {
    weight: 5,
    run: ({ client }) => client.refuse({ kind: 'WebSocket without a session', path: '/user/ws', wants: [403] }),
  },
  'WebSocket of another site': {
    weight: 5,
    run: as(async (client, { cookie }) => {
      const headers = { cookie, origin: 'https://evil.example' };
      await client.refuse({ kind: 'WebSocket of another site', path: '/user/ws', wants: [403], headers });
      return 'unused';
    }),
  },
  'no session: 401': { weight: 10, run: strange('no session: 401', `/user${small}`, [401]) },
  'login begun and left: 302': {
    weight: 10,
    async run({ client }) {
      await client.ask({ kind: 'login begun and left: 302', path: `/user${small}`, wants: [302] });
    },
  },
  'no CSRF token: 403': { weight: 10, run: refused('no CSRF token: 403', '/user/echo', 403, 'POST') },
  'no scope: 403': { weight: 5, run: refused('no scope: 403', '/harbour-master/', 403) },
  'no route: 404': {
    weight: 10,
    run: as(async (client, { cookie }) => {
      await client.ask({ kind: 'no route: 404', path: '/nowhere', wants: [404], headers: { cookie, ...script } });
      return 'unused';
    }),
  },
  'ambiguous path: 400': { weight: 10, run: strange('ambiguous path: 400', '/user/%2e%2e/secret', [400]) },
  'forged callback: 400': { weight: 3, run: strange('forged callback: 400', '/login/callback?code=x&state=y', [400]) },
  'forged logout token: 400': {
    weight: 3,
    async run({ client }) {
      await client.ask({ ...backChannel('forged logout token: 400', 'eyJhbGciOiJub25lIn0.e30.'), wants: [400] });
    },
  },
  logout: {
    weight: 12,
    run: as(async (client, { cookie }, { visitors }) => {
      await client.ask({ kind: 'logout', path: '/logout', wants: [302], headers: { cookie } });
      await seeLoggedOut(client, cookie);
      await visitors.welcome();
      return 'gone';
    }),
  },
  'logout with open streams': {
    weight: 4,
    run: as(async (client, { cookie }, { visitors }) => {
      const kind = 'logout with open streams';
      const open = await client.open(kind, '/user/ws', { cookie });
      const events = await client.begin({
        kind,
        path: '/user/events',
        wants: [200],
        headers: { cookie, accept: 'text/event-stream' },
      });
      if (open === undefined || events === undefined) return;
      events.resume();
      const ends = Promise.all([once(open, 'close'), new Promise((cut) => events.once('close', cut))]);
      await client.ask({ kind, path: '/logout', wants: [302], headers: { cookie } });
      const [[code]] = (await ends) as [[number], unknown];
      if (code !== 4401) client.tally.unexpected(kind, `the WebSocket was closed with ${code}`);
      await visitors.welcome();
      return 'gone';
    }),
  },
  'back-channel logout': {
    weight: 4,
    run: as(async (client, { cookie }, { visitors, logoutToken }) => {
      const me = await client.ask({ kind: 'who am I', path: '/me/currentUser', wants: [200], headers: { cookie } });
      const email = /"email": "([^"@]+)@/.exec(me.text)?.[1];
      if (email === undefined) return;
      await client.ask({ ...backChannel('back-channel logout', await logoutToken(email)), wants: [200] });
      await seeLoggedOut(client, cookie);
      await visitors.welcome();
      return 'gone';
    }),
  },
  'session left alone': {
    weight: 2,
    run: as(async (client, visitor, { visitors }) => {
      client.tally.done('session left alone');
      visitors.abandon(visitor);
      await visitors.welcome();
      return 'gone';
    }),
  },
};

function backChannel(kind: string, token: string) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return {
    kind,
    path: '/back-channel',
    method: 'POST',
    headers,
    body: new URLSearchParams({ logout_token: token }).toString(),
  };
}
