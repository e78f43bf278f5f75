import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, openClient } from '../approuter/support/client.ts';
import { openRouter, type Router } from '../approuter/support/open-router.ts';
import { openXsuaa, type Xsuaa } from '../approuter/support/open-xsuaa.ts';
import { ask } from '../support/ask.ts';
import { cookieOf, type Gateway, openGateway, sessionCookie } from '../support/open-gateway.ts';

/** `csrfToken.fetch`: the router gets the CSRF tokens of a backend that is strict about them (docs/decisions/0018). */

const service = '/sap/opu/odata/sap/CARGO_SRV';
const entities = `${service}/Cargos`;

let gateway: Gateway;
let xsuaa: Xsuaa;
let router: Router;
beforeAll(async () => {
  [gateway, xsuaa] = await Promise.all([openGateway(), openXsuaa()]);
  router = await openRouter({
    xsuaa,
    xsApp: {
      routes: [
        { source: '^/abap(/.*)$', target: '$1', destination: 'abap' },
        { source: '^/own(/.*)$', target: '$1', destination: 'abap', csrfProtection: false },
        { source: '^/public(/.*)$', target: '$1', destination: 'technical', authenticationType: 'none' },
        { source: '^/passing(/.*)$', target: '$1', destination: 'abap', setBackendSessionCookies: true },
        { source: '^/named(/.*)$', target: '$1', destination: 'named' },
        { source: '^/off(/.*)$', target: '$1', destination: 'off' },
        { source: '^/gone(/.*)$', target: '$1', destination: 'gone' },
      ],
    },
    env: {
      destinations: [
        { name: 'abap', url: gateway.origin, forwardAuthToken: true, 'csrfToken.fetch': true },
        {
          Name: 'technical',
          URL: gateway.origin,
          Authentication: 'BasicAuthentication',
          User: 'u',
          Password: 'p',
          'csrfToken.fetch': 'true',
        },
        {
          name: 'named',
          url: `${gateway.origin}/base`,
          forwardAuthToken: true,
          'csrfToken.fetch': true,
          'csrfToken.fetchPath': '/token?kind=csrf',
          'URL.queries.sap-client': '200',
        },
        { name: 'off', url: gateway.origin, forwardAuthToken: true },
        { name: 'gone', url: 'http://127.0.0.1:9', 'csrfToken.fetch': true },
      ],
    },
  });
});
beforeEach(() => gateway.forget());

/** Somebody who is logged in, and the router's own token. */
async function somebody(): Promise<{ readonly user: Client; readonly headers: Record<string, string> }> {
  const user = openClient(router.origin);
  await user.logIn('/off/');
  const headers = { 'x-csrf-token': await user.csrf('/off/') };
  gateway.forget();
  return { user, headers };
}

const change = (body = 'a') => ({ method: 'POST', body });
const told = (calls: Gateway['calls']) => calls.map(({ method, url, status }) => `${method} ${url} ${status}`);

describe('a request that changes something', () => {
  it('gets a token of the backend with the same credential, and the cookie that belongs to it', async () => {
    const { user, headers } = await somebody();
    const reply = await user.ask(`/abap${entities}`, { ...change('crate'), headers });
    expect(reply.status).toBe(201);
    expect(reply.text).toContain(': crate');
    expect(told(gateway.calls)).toEqual([`HEAD ${service}/ 200`, `POST ${entities} 201`]);
    const [fetched, changed] = gateway.calls;
    expect(changed?.headers.authorization).toMatch(/^Bearer /);
    expect(fetched?.headers.authorization).toBe(changed?.headers.authorization);
    expect(changed?.headers['x-csrf-token']).not.toBe(headers['x-csrf-token']);
    expect(reply.headers['x-csrf-token']).toBeUndefined();
    expect(JSON.stringify(reply.headers['set-cookie'] ?? '')).not.toContain(sessionCookie);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'MERGE'])('%s', async (method) => {
    const { user, headers } = await somebody();
    expect((await user.ask(`/abap${entities}`, { method, headers })).status).toBe(201);
    expect(gateway.fetches()).toHaveLength(1);
  });

  it('next time has it at hand, and what is read goes in the same session', async () => {
    const { user, headers } = await somebody();
    await user.ask(`/abap${entities}`, { ...change(), headers });
    await user.ask(`/abap${entities}`);
    await user.ask(`/abap${service}/$batch`, { ...change(), headers });
    expect(gateway.fetches()).toHaveLength(1);
    const [, first, read, batch] = gateway.calls;
    expect(batch?.status).toBe(201);
    expect(cookieOf(first?.headers ?? {}, sessionCookie)).toBeDefined();
    for (const call of [read, batch])
      expect(cookieOf(call?.headers ?? {}, sessionCookie)).toBe(cookieOf(first?.headers ?? {}, sessionCookie));
  });

  it('says nothing of itself when it asks for the token', async () => {
    const { user, headers } = await somebody();
    const more = {
      'content-type': 'application/json',
      accept: 'multipart/mixed',
      'accept-language': 'de',
      'if-match': '*',
      'x-http-method': 'DELETE',
      'repeatability-request-id': '7',
      slug: 'x',
    };
    await user.ask(`/abap${entities}?sap-client=300&$top=1`, { ...change(), headers: { ...headers, ...more } });
    const [fetched, changed] = gateway.calls;
    expect(fetched?.url).toBe(`${service}/?sap-client=300`);
    expect(fetched?.headers).toMatchObject({ accept: '*/*', 'accept-language': 'de', 'x-csrf-token': 'Fetch' });
    for (const name of [
      'content-type',
      'content-length',
      'if-match',
      'x-http-method',
      'repeatability-request-id',
      'slug',
    ])
      expect([name, fetched?.headers[name]]).toEqual([name, undefined]);
    expect(changed?.headers).toMatchObject(more);
  });

  it('fetches at the path that the destination names, with its queries', async () => {
    const { user, headers } = await somebody();
    expect((await user.ask('/named/things/1/close', { ...change(), headers })).status).toBe(201);
    expect((await user.ask('/named/others', { ...change(), headers })).status).toBe(201);
    expect(told(gateway.calls)).toEqual([
      'HEAD /base/token?kind=csrf&sap-client=200 200',
      'POST /base/things/1/close?sap-client=200 201',
      'POST /base/others?sap-client=200 201',
    ]);
  });

  it.each([400, 403, 404, 405, 501])('asks with GET where HEAD is answered %i without a token', async (status) => {
    const { user, headers } = await somebody();
    gateway.onFetch = ({ method }) => (method === 'HEAD' ? { status, withoutToken: true } : undefined);
    expect((await user.ask(`/abap${entities}`, { ...change(), headers })).status).toBe(201);
    expect(gateway.fetches().map(({ method }) => method)).toEqual(['HEAD', 'GET']);
  });

  it('believes a token whatever the status is', async () => {
    const { user, headers } = await somebody();
    gateway.onFetch = () => ({ status: 405 });
    expect((await user.ask(`/abap${entities}`, { ...change(), headers })).status).toBe(201);
    expect(gateway.fetches()).toHaveLength(1);
  });

  it('sends the cookie of a refused HEAD along with the GET', async () => {
    const { user, headers } = await somebody();
    gateway.onFetch = ({ method }) =>
      method === 'HEAD' ? { status: 405, withoutToken: true, headers: { 'set-cookie': 'lb=7; Path=/' } } : undefined;
    await user.ask(`/abap${entities}`, { ...change(), headers });
    const [, get, post] = gateway.calls;
    expect([get, post].map((call) => cookieOf(call?.headers ?? {}, 'lb'))).toEqual(['7', '7']);
  });

  it('goes without a token where the backend gives none, and the answer is the backend’s', async () => {
    const { user, headers } = await somebody();
    gateway.onFetch = () => ({ withoutToken: true });
    const reply = await user.ask(`/abap${entities}`, { ...change(), headers });
    expect([reply.status, reply.headers['x-csrf-token']]).toEqual([403, 'Required']);
    expect(gateway.changes().every((call) => call.headers['x-csrf-token'] === undefined)).toBe(true);
  });

  it('keeps a cookie that lasts beside its token: the client never sees it', async () => {
    const { user, headers } = await somebody();
    gateway.onFetch = () => ({ attributes: 'Path=/; Max-Age=900' });
    for (const body of ['a', 'b']) {
      const reply = await user.ask(`/abap${entities}`, { ...change(body), headers });
      expect([reply.status, reply.headers['set-cookie']]).toEqual([201, undefined]);
    }
    expect(gateway.fetches()).toHaveLength(1);
  });

  it('follows no redirect of the backend', async () => {
    const { user, headers } = await somebody();
    gateway.onFetch = () => ({ status: 302, withoutToken: true, headers: { location: 'http://127.0.0.1:9/' } });
    expect((await user.ask(`/abap${entities}`, { ...change(), headers })).status).toBe(403);
  });

  it('is answered 502 where the backend cannot be reached', async () => {
    const { user, headers } = await somebody();
    expect((await user.ask('/gone/x', { ...change(), headers })).status).toBe(502);
  });

  it('reads a large answer to its question no further than its head', async () => {
    const { user, headers } = await somebody();
    gateway.onFetch = ({ method }) =>
      method === 'HEAD' ? { status: 405, withoutToken: true } : { body: 'x'.repeat(2_000_000) };
    expect((await user.ask(`/abap${entities}`, { ...change(), headers })).status).toBe(201);
  });
});

describe('many at once', () => {
  it('fetch one token', async () => {
    const { user, headers } = await somebody();
    gateway.delay = 50;
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, i) => user.ask(`/abap${entities}`, { ...change(String(i)), headers })),
    );
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
    expect(gateway.fetches()).toHaveLength(1);
  });

  it('whose token has ended fetch one more, and all are sent again', async () => {
    const { user, headers } = await somebody();
    await user.ask(`/abap${entities}`, { ...change(), headers });
    gateway.endSessions();
    gateway.delay = 50;
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) => user.ask(`/abap${entities}`, { ...change(String(i)), headers })),
    );
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
    expect(gateway.fetches()).toHaveLength(2);
  });
});

describe('a token that is refused', () => {
  it('is fetched anew, and the request sent once more with its body', async () => {
    const { user, headers } = await somebody();
    await user.ask(`/abap${entities}`, { ...change(), headers });
    gateway.endSessions();
    const reply = await user.ask(`/abap${entities}`, { ...change('again'), headers });
    expect([reply.status, reply.text.split(': ')[1]]).toEqual([201, 'again']);
    expect(gateway.changes().map(({ status, body }) => `${status} ${body}`)).toEqual([
      '201 a',
      '403 again',
      '201 again',
    ]);
  });

  it('is fetched anew once: a second refusal is the answer', async () => {
    const { user, headers } = await somebody();
    gateway.onFetch = () => ({ headers: { 'x-csrf-token': 'never-good' } });
    const reply = await user.ask(`/abap${entities}`, { ...change(), headers });
    expect([reply.status, reply.text]).toEqual([403, 'CSRF token validation failed']);
    expect(gateway.changes()).toHaveLength(2);
    expect(gateway.fetches()).toHaveLength(2);
  });

  it('with a body too large to be held: the refusal is the answer, and the next request has a new token', async () => {
    const { user, headers } = await somebody();
    const large = change('x'.repeat(300_000));
    gateway.onFetch = () => ({ headers: { 'x-csrf-token': 'not-good-yet' } });
    const refused = await user.ask(`/abap${entities}`, { ...large, headers });
    expect([refused.status, refused.headers['x-csrf-token']]).toEqual([403, 'Required']);
    gateway.onFetch = undefined;
    expect((await user.ask(`/abap${entities}`, { ...large, headers })).status).toBe(201);
    expect(gateway.changes()).toHaveLength(2);
  });

  it('is none where the backend gave none: it is not asked twice for one request', async () => {
    const { user, headers } = await somebody();
    gateway.onFetch = () => ({ withoutToken: true, status: 403 });
    expect((await user.ask(`/abap${entities}`, { ...change(), headers })).status).toBe(403);
    expect(gateway.calls.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'POST']);
  });
});

describe('a token belongs to cookies', () => {
  it('is fetched before the body is sent where the backend has begun another session meanwhile', async () => {
    const { user, headers } = await somebody();
    await user.ask(`/abap${entities}`, { ...change(), headers });
    gateway.endSessions();
    await user.ask(`/own${entities}`, { headers: { 'x-csrf-token': 'fetch' } }); // brings a session's cookie of its own
    expect((await user.ask(`/abap${entities}`, { ...change(), headers })).status).toBe(201);
    expect(gateway.changes().map(({ status }) => status)).toEqual([201, 201]);
  });

  it('also where they are the client’s own affair', async () => {
    const { user, headers } = await somebody();
    for (const body of ['a', 'b'])
      expect((await user.ask(`/passing${entities}`, { ...change(body), headers })).status).toBe(201);
    expect(gateway.fetches()).toHaveLength(1);
    await user.ask(`/own${entities}`); // nothing is in the jar
    expect(cookieOf(gateway.calls.at(-1)?.headers ?? {}, sessionCookie)).toBeUndefined();
  });
});

describe('what is none of the router’s business', () => {
  it('a destination that does not ask for it', async () => {
    const { user, headers } = await somebody();
    expect((await user.ask(`/off${entities}`, { ...change(), headers })).status).toBe(403);
    expect(gateway.fetches()).toHaveLength(0);
  });

  it('methods that change nothing', async () => {
    const { user, headers } = await somebody();
    for (const method of ['GET', 'HEAD', 'OPTIONS']) await user.ask(`/abap${entities}`, { method, headers });
    expect(gateway.fetches()).toHaveLength(0);
  });

  it('a client that shakes hands itself', async () => {
    const { user } = await somebody();
    const fetched = await user.ask(`/own${service}/`, { headers: { 'x-csrf-token': 'Fetch' } });
    const token = String(fetched.headers['x-csrf-token']);
    const before = gateway.calls.length;
    const reply = await user.ask(`/own${entities}`, { ...change(), headers: { 'x-csrf-token': token } });
    expect(reply.status).toBe(201);
    expect(gateway.calls).toHaveLength(before + 1);
  });

  it('a client that sends a token which the backend does not take', async () => {
    const { user } = await somebody();
    const reply = await user.ask(`/own${entities}`, { ...change(), headers: { 'x-csrf-token': 'old' } });
    expect([reply.status, reply.headers['x-csrf-token']]).toEqual([403, 'Required']);
    expect(gateway.calls).toHaveLength(1);
  });
});

describe('where the router does not ask for its own token', () => {
  it('a page of this site is told by the browser (Fetch Metadata)', async () => {
    const { user } = await somebody();
    const headers = { 'sec-fetch-site': 'same-origin' };
    expect((await user.ask(`/own${entities}`, { ...change(), headers })).status).toBe(201);
  });

  it('the router’s own token says the same, and never reaches the backend', async () => {
    const { user, headers } = await somebody();
    for (const route of ['own', 'public'])
      expect((await user.ask(`/${route}${entities}`, { ...change(), headers })).status).toBe(201);
    expect(JSON.stringify(gateway.calls)).not.toContain(headers['x-csrf-token']);
  });

  it('who comes without anything that a browser would add: nothing is kept for nobody', async () => {
    for (const body of ['a', 'b'])
      expect((await ask(router.origin, `/public${entities}`, change(body))).status).toBe(201);
    expect(gateway.fetches()).toHaveLength(2);
    expect(gateway.changes().map(({ headers }) => headers.authorization)).toEqual(['Basic dTpw', 'Basic dTpw']);
  });
});

describe('a program without a session', () => {
  it('has tokens kept for the token it shows, and needs no cookies for that', async () => {
    const headers = { 'x-approuter-authorization': `Bearer ${await xsuaa.sign()}` };
    for (const body of ['a', 'b']) {
      const reply = await ask(router.origin, `/abap${entities}`, { ...change(body), headers });
      expect([reply.status, reply.headers['set-cookie']]).toEqual([201, undefined]);
    }
    expect(gateway.fetches()).toHaveLength(1);
  });
});

describe('beside the SAP Cloud SDK, which shakes hands itself', () => {
  const call = async (url: string, path: string, headers: Record<string, string>) => {
    const { executeHttpRequest } = await import('@sap-cloud-sdk/http-client');
    const request = { method: 'post', url: path, data: 'a', headers } as const;
    return executeHttpRequest({ url }, request, { fetchCsrfToken: true });
  };

  it('the gateway of these tests is one that it knows how to talk to', async () => {
    expect((await call(gateway.origin, entities, { authorization: 'Basic ada' })).status).toBe(201);
    expect(gateway.calls.map(({ method }) => method)).toEqual(['HEAD', 'POST']);
  });

  it('it gets through the router as well: its own handshake passes', async () => {
    const headers = { 'x-approuter-authorization': `Bearer ${await xsuaa.sign()}` };
    expect((await call(router.origin, `/own${entities}`, headers)).status).toBe(201);
    expect(gateway.calls.map(({ method }) => method)).toEqual(['HEAD', 'POST']);
  });
});
