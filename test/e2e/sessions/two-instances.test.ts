import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { decodeJwt, SignJWT } from 'jose';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { ask } from '../support/ask.ts';
import { forgetSession, isCallback, logIn } from '../support/log-in.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openLandscape, tokenCalls } from '../support/open-landscape.ts';
import { openWebSocketBackend, type WebSocketBackend } from '../support/open-web-socket-backend.ts';
import { type RouterProcess, spawnRouter } from '../support/spawn-router.ts';
import { upgrade } from '../support/upgrade.ts';
import {
  alternatingBrowser,
  askInstance,
  balancedBrowser,
  instanceSetup,
  logInAt,
  publicOrigin,
} from './support/instances.ts';
import { openRedis, type Redis } from './support/open-redis.ts';

/**
 * Two router processes behind one address, one Redis, and an OpenID Provider that ends a login when a refresh token comes
 * twice. Tokens live for six seconds here, and are renewed at half of that. A second provider has users of the same
 * names and ids.
 */
let landscape: Landscape;
let partners: Landscape;
let redis: Redis;
let quay: Backend;
let chat: WebSocketBackend;
let [a, b] = [] as unknown as [RouterProcess, RouterProcess];
const spawnInstance = () => spawnRouter(instanceSetup({ landscape, partners, redis, quay, chat }));
/** Those that take the place of the first two, started while tests wait for clocks. */
let successors: Promise<[RouterProcess, RouterProcess]> | undefined;
let before: readonly RouterProcess[] = [];
beforeAll(async () => {
  [landscape, redis, quay, chat] = await Promise.all([
    openLandscape({ lifetimes: { entraAccessToken: 6, entraIdToken: 6 } }),
    openRedis({ options: ['--appendonly', 'yes', '--appendfsync', 'always'] }),
    openBackend(),
    openWebSocketBackend(),
  ]);
  partners = await openLandscape({ keys: landscape.keys });
  [a, b] = await Promise.all([spawnInstance(), spawnInstance()]);
});

const sleepUntil = (time: number) => new Promise((over) => setTimeout(over, time - Date.now()));
const statusAt = async ({ origin }: { origin: string }, headers: Record<string, string>) =>
  (await askInstance(origin, '/quay/', headers)).status;

describe('without sticky routing', () => {
  test('a login begun at one instance is finished at the other, and known to both', async () => {
    const { browser, sendTo } = balancedBrowser(a.origin);
    const page = await browser.open(`${publicOrigin}/quay/deep?link=1`);
    sendTo(b.origin);
    const landed = await browser.press(page, 'user', users.everywhere.email);
    expect(landed.url.href).toBe(`${publicOrigin}/quay/deep?link=1`);
    for (const { origin } of [a, b, a]) {
      sendTo(origin);
      expect((await browser.fetch(`${publicOrigin}/me/currentUser`)).json['email']).toBe(users.everywhere.email);
    }
  });

  test('two hundred requests at once, on both, when the token is due: one renewal, nobody logged out', async () => {
    const { headers } = await logInAt(a.origin, users.everywhere);
    const token = decodeJwt(quay.last().headers.authorization?.replace('Bearer ', '') ?? '');
    const calls = tokenCalls(landscape, 'refresh_token').length;
    await sleepUntil((token.exp ?? 0) * 1000 - 2_500);
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, i) => askInstance((i % 2 ? a : b).origin, `/quay/${i}`, headers)),
    );
    expect(all.filter(({ status }) => status !== 200)).toEqual([]);
    expect(
      tokenCalls(landscape, 'refresh_token')
        .slice(calls)
        .map(({ status }) => status),
    ).toEqual([200]);
    successors ??= Promise.all([spawnInstance(), spawnInstance()]);
    await sleepUntil((token.exp ?? 0) * 1000 + 300);
    expect([await statusAt(a, headers), await statusAt(b, headers)], 'after the end of the first token').toEqual([
      200, 200,
    ]);
  });

  test('two sessions each of two users of two providers, a thousand requests interleaved over both, never mixed', async () => {
    quay.answerWith(({ url, headers }, response) => {
      const { iss, oid } = decodeJwt(headers.authorization?.replace('Bearer ', '') ?? '');
      response.end(JSON.stringify({ url, iss, oid }));
    });
    const people = [users.everywhere, users.withoutConsent];
    const whose = [...people, ...people].flatMap((user) => [
      { user, issuer: landscape.entra.issuer, path: '/quay/' },
      { user, issuer: partners.entra.issuer, path: '/pier/' },
    ]);
    const logins = await Promise.all(
      whose.map(async ({ user, path }, i) => (await logInAt((i % 2 ? a : b).origin, user, path)).headers),
    );
    const wrong: unknown[] = [];
    const ways = Array.from({ length: 20 }, async (_, way) => {
      for (let i = 0; i < 50; i++) {
        const [n, { origin }] = [(way + i * 7) % whose.length, (way + i) % 2 ? a : b];
        const { user, issuer, path } = whose[n] as (typeof whose)[number];
        const url = `${path}${way}/${i}`;
        const answer = await askInstance(origin, url, logins[n] ?? {});
        const expected = JSON.stringify({ url, iss: issuer, oid: user.oid });
        if (answer.status !== 200 || answer.text !== expected) wrong.push([answer.status, answer.text, expected]);
      }
    });
    await Promise.all(ways);
    quay.answerWith(undefined);
    expect(wrong).toEqual([]);
    // A session is of one provider: on a route of the other one it is none.
    for (const [n, { path }] of whose.entries())
      expect((await askInstance(a.origin, path === '/quay/' ? '/pier/' : '/quay/', logins[n] ?? {})).status).toBe(401);
  });

  test('twenty tabs of one browser, each request at whichever instance: all land, and are one session', async () => {
    const browser = alternatingBrowser([a.origin, b.origin]);
    await logIn(browser, `${publicOrigin}/quay/`, users.everywhere);
    forgetSession(browser, publicOrigin);
    const links = Array.from({ length: 20 }, (_, tab) => `${publicOrigin}/quay/tab/${tab}?of=${tab}`);
    const callbacks = await Promise.all(links.map((link) => browser.openUntil(link, isCallback)));
    const landed = await Promise.all(callbacks.map((url) => browser.open(url)));
    expect(landed.map(({ url, status }) => [url.href, status])).toEqual(links.map((link) => [link, 200]));
    expect(browser.cookies(`${publicOrigin}/login/callback`)).not.toContain('portunus.login');
    const who = await Promise.all(links.map(() => browser.fetch(`${publicOrigin}/me/currentUser`)));
    expect(who.map(({ json }) => json['email'])).toEqual(links.map(() => users.everywhere.email));
  });

  test('a configuration that is replaced at each of them in turn logs nobody out', async () => {
    const { headers, browser, sendTo } = await logInAt(a.origin, users.everywhere);
    for (const instance of [a, b]) {
      instance.kill('SIGHUP');
      await vi.waitFor(() => expect(instance.output()).toContain('configuration reloaded'), {
        timeout: 5_000,
      });
    }
    expect([await statusAt(a, headers), await statusAt(b, headers)]).toEqual([200, 200]);
    sendTo(b.origin);
    expect((await browser.fetch(`${publicOrigin}/me/currentUser`)).json['email']).toBe(users.everywhere.email);
  });
});

describe('a logout', () => {
  test('at one instance is one at the other', async () => {
    const { browser, headers } = await logInAt(a.origin, users.everywhere);
    await browser.visit(`${publicOrigin}/logout`);
    expect([await statusAt(a, headers), await statusAt(b, headers)]).toEqual([401, 401]);
  });

  test('by the provider ends sessions, WebSockets and event streams on both within two seconds', async () => {
    const { headers } = await logInAt(a.origin, users.everywhere);
    const { sub } = decodeJwt(quay.last().headers.authorization?.replace('Bearer ', '') ?? '');
    const tunnels = await Promise.all(
      [a, b].map(({ origin }) => upgrade(origin, '/chat', { ...headers, origin: publicOrigin })),
    );
    expect(tunnels.map(({ status }) => status)).toEqual([101, 101]);
    quay.answerWith((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
    });
    const streams = await Promise.all([a, b].map(({ port }) => openStream(port, headers)));
    quay.answerWith(undefined);
    const begun = performance.now();
    expect((await post(a.origin, await logoutToken(sub))).status).toBe(200);
    const frames = await Promise.all(tunnels.map(({ tunnel }) => tunnel?.next()));
    for (const frame of frames) {
      expect(frame?.payload.readUInt16BE(0)).toBe(4401);
      expect(frame?.payload.subarray(2).toString()).toBe('session ended');
    }
    await Promise.all([...streams.map(({ closed }) => closed), ...tunnels.map(({ tunnel }) => tunnel?.closed)]);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect([await statusAt(a, headers), await statusAt(b, headers)]).toEqual([401, 401]);
  });

  test('token is believed once, by all instances together', async () => {
    const { headers } = await logInAt(a.origin, users.everywhere);
    const { sub } = decodeJwt(quay.last().headers.authorization?.replace('Bearer ', '') ?? '');
    const token = await logoutToken(sub);
    expect((await post(a.origin, token)).status).toBe(200);
    expect(await statusAt(b, headers)).toBe(401);
    const again = await logInAt(a.origin, users.everywhere);
    const replayed = await post(b.origin, token);
    expect(replayed.status).toBe(400);
    expect(replayed.headers['cache-control']).toContain('no-store');
    expect(await statusAt(b, again.headers)).toBe(200);
  });
});

describe('instances come and go', () => {
  test('one that is killed in mid-session takes nobody with it; nor does a rolling restart', async () => {
    const { browser, sendTo, headers } = await logInAt(a.origin, users.everywhere);
    const [next, last] = await (successors ?? Promise.all([spawnInstance(), spawnInstance()]));
    a.kill('SIGKILL');
    await a.exited;
    expect(await statusAt(b, headers)).toBe(200);
    [before, a] = [[...before, a], next];
    b.kill('SIGTERM');
    await b.exited;
    expect(await statusAt(a, headers)).toBe(200);
    [before, b] = [[...before, b], last];
    sendTo(b.origin);
    expect((await browser.fetch(`${publicOrigin}/me/currentUser`)).json['email']).toBe(users.everywhere.email);
  });

  test('Redis: without it 503, never a login; with it back, everybody is where they were', async () => {
    const { headers } = await logInAt(a.origin, users.everywhere);
    await redis.kill();
    for (const { origin } of [a, b]) {
      const begun = performance.now();
      const answer = await askInstance(origin, '/quay/', headers);
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '2']);
      expect(performance.now() - begun).toBeLessThan(1_000);
      expect((await ask(origin, '/-/health/ready')).status).toBe(503);
      expect((await ask(origin, '/-/health/live')).status).toBe(200);
      const logout = await ask(origin, '/back-channel', form(await logoutToken('somebody')));
      expect(logout.status, 'the provider is to tell it again').toBe(503);
    }
    await redis.start();
    const back = performance.now();
    for (const instance of [a, b])
      await vi.waitFor(async () => expect(await statusAt(instance, headers)).toBe(200), {
        timeout: 5_000,
        interval: 20,
      });
    expect(performance.now() - back).toBeLessThan(2_500);
    await logIn(balancedBrowser(b.origin).browser, `${publicOrigin}/quay/`, users.withoutConsent);
  });

  test('ends are heard after Redis was away, too', async () => {
    const { browser, headers } = await logInAt(a.origin, users.everywhere);
    const { tunnel } = await upgrade(b.origin, '/chat', { ...headers, origin: publicOrigin });
    await browser.visit(`${publicOrigin}/logout`);
    expect((await tunnel?.next())?.payload.readUInt16BE(0)).toBe(4401);
  });
});

test('no token, secret or cookie was written to a log', () => {
  const secrets = quay.received
    .map(({ headers }) => headers.authorization?.replace('Bearer ', '') ?? '')
    .filter(Boolean);
  expect(secrets.length).toBeGreaterThan(100);
  for (const { output } of [a, b, ...before])
    for (const secret of new Set(secrets)) expect(output()).not.toContain(secret);
});

function form(token: string) {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    host: 'harbour.example',
    'x-forwarded-proto': 'https',
  };
  return { method: 'POST', headers, body: new URLSearchParams({ logout_token: token }).toString() };
}

function post(origin: string, token: string) {
  return ask(origin, '/back-channel', form(token));
}

function logoutToken(sub: string | undefined): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const { issuer, client } = landscape.entra;
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const { keys, thumbprints } = landscape.keys.directory;
  return new SignJWT({
    iss: issuer,
    aud: client.id,
    iat: now,
    exp: now + 120,
    jti: randomUUID(),
    events,
    sub: sub ?? '',
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'logout+jwt', kid: thumbprints.x5t })
    .sign(keys.privateKey);
}

/** Opens an event stream. @returns when its first event has come */
function openStream(port: number, headers: Record<string, string>): Promise<{ closed: Promise<void> }> {
  return new Promise((opened, failed) => {
    const asking = request({ host: '127.0.0.1', port, path: '/quay/events', headers, agent: false }, (answer) => {
      const closed = new Promise<void>((done) => answer.once('close', done));
      answer.on('error', () => {});
      answer.once('data', () => opened({ closed }));
    });
    asking.once('error', failed);
    asking.end();
  });
}
