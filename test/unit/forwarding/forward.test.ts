import { request } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { House } from '../../../src/house.ts';
import type { Credential } from '../../../src/tokens/credential.ts';
import type { Tokens } from '../../../src/tokens/obtain-credential.ts';
import { startUpstream, type Upstream } from '../../support/echo-upstream.ts';
import { makeHouse } from '../../support/make-house.ts';
import { type Asked, type OpenHouse, openHouse } from '../../support/open-house.ts';

let upstream: Upstream;
let house: House;
let door: OpenHouse;

const xsApp = {
  authenticationMethod: 'none',
  routes: [
    { source: '^/api/(.*)$', target: '/$1', destination: 'b' },
    { source: '^/slow/(.*)$', target: '/$1', destination: 'slow' },
    { source: '^/gone/(.*)$', target: '/$1', destination: 'gone' },
  ],
};

beforeAll(async () => {
  upstream = await startUpstream();
  const made = await makeHouse({
    xsApp,
    env: {
      destinations: [
        { name: 'b', url: `${upstream.origin}/base`, 'URL.queries.tenant': 'a b' },
        { name: 'slow', url: upstream.origin, timeout: 150 },
        { name: 'gone', url: 'http://127.0.0.1:9' },
      ],
    },
  });
  house = made.house;
  door = await openHouse(house);
});

beforeEach(() => upstream.reset());

describe('a request goes up and its answer comes down as they are', () => {
  test('method, path behind the destination’s, query, body', async () => {
    const answer = await door.ask('/api/a%2Fb//c?x=%20y', { method: 'PATCH', body: 'hello' });
    expect(answer.status).toBe(200);
    expect(upstream.last()).toMatchObject({
      method: 'PATCH',
      url: '/base/a%2Fb//c?x=%20y&tenant=a+b',
      body: 'hello',
    });
    expect(upstream.last().headers.host).toBe(upstream.host);
  });

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND', 'MERGE', 'REPORT'])(
    '%s',
    async (method) => {
      expect((await door.ask('/api/x', { method })).status).toBe(200);
      expect(upstream.last().method).toBe(method);
    },
  );

  test.each([200, 201, 203, 301, 302, 304, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503])(
    'status %i, and Location unchanged and not followed (T-15)',
    async (status) => {
      upstream.answerWith((_, response) => void response.writeHead(status, { location: `${upstream.origin}/x` }).end());
      const answer = await door.ask('/api/x');
      expect(answer.status).toBe(status);
      expect(answer.headers.location).toBe(`${upstream.origin}/x`);
      expect(upstream.calls).toHaveLength(1);
    },
  );

  test('204 has no body', async () => {
    upstream.answerWith((_, response) => void response.writeHead(204).end());
    expect(await door.ask('/api/x')).toMatchObject({ status: 204, body: '' });
  });

  test('the answer to HEAD says how long the body would be', async () => {
    upstream.answerWith((_, response) => void response.writeHead(200, { 'content-length': 7 }).end());
    expect(await door.ask('/api/x', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  test('a body streams up in parts while it is being made, chunked as it came', async () => {
    const asking = request({ port: door.port, path: '/api/x', method: 'POST', agent: false });
    const answered = new Promise((end) =>
      asking.on('response', (answer) => answer.resume().on('end', () => end(undefined))),
    );
    asking.write('ab');
    await new Promise((later) => setTimeout(later, 50));
    asking.end('c');
    await answered;
    expect(upstream.last()).toMatchObject({ body: 'abc', headers: { 'transfer-encoding': 'chunked' } });
  });

  test('headers that Connection names stay here', async () => {
    await door.ask('/api/x', { headers: { connection: 'close, x-hop', 'x-hop': '1', 'x-end': '2' } });
    expect(upstream.last().headers['x-hop']).toBeUndefined();
    expect(upstream.last().headers['x-end']).toBe('2');
  });

  test('the backend’s header wins over ours (xs-app.md 8.2)', async () => {
    upstream.answerWith((_, response) => void response.writeHead(200, { 'X-Frame-Options': 'DENY' }).end());
    expect((await door.ask('/api/x')).headers['x-frame-options']).toBe('DENY');
  });

  test('several Set-Cookie lines stay several', async () => {
    const cookies = ['a=1; Max-Age=60', 'b=2; Max-Age=60'];
    upstream.answerWith((_, response) => void response.writeHead(200, { 'set-cookie': cookies }).end());
    expect((await door.ask('/api/x')).headers['set-cookie']).toEqual(cookies);
  });
});

describe('nothing is buffered', () => {
  test('the first part of an answer is there before the last is made', async () => {
    let finish: (() => void) | undefined;
    upstream.answerWith((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      finish = () => response.end('data: 2\n\n');
    });
    const answer = await fetch(`${door.origin}/api/x`, { headers: { accept: 'text/event-stream' } });
    const reader = answer.body?.getReader();
    const first = await reader?.read();
    expect(Buffer.from(first?.value ?? []).toString()).toBe('data: 1\n\n');
    finish?.();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('data: 2\n\n');
  });

  test('a client that leaves cancels the request at the backend', async () => {
    const left = vi.fn();
    upstream.answerWith((request, response) => {
      request.socket.once('close', left);
      response.writeHead(200).write('x');
    });
    const leaving = new AbortController();
    const answer = await fetch(`${door.origin}/api/x`, { signal: leaving.signal });
    await answer.body?.getReader().read();
    leaving.abort();
    await vi.waitFor(() => expect(left).toHaveBeenCalled());
  });

  test('one that leaves before the answer too', async () => {
    const left = vi.fn();
    upstream.answerWith((request) => void request.socket.once('close', left));
    const leaving = new AbortController();
    const asking = fetch(`${door.origin}/api/x`, { signal: leaving.signal }).catch(() => 'left');
    await vi.waitFor(() => expect(upstream.calls).toHaveLength(1));
    leaving.abort();
    expect(await asking).toBe('left');
    await vi.waitFor(() => expect(left).toHaveBeenCalled());
  });
});

describe('when the backend fails (xs-app.md 12)', () => {
  const uploads: [string, Asked][] = [
    ['a request without a body', {}],
    ['a small body', { method: 'POST', body: 'x' }],
    ['a body longer than any buffer', { method: 'PUT', body: 'x'.repeat(3_000_000) }],
  ];

  test.each(uploads)('it refuses the connection: 502, with %s', { timeout: 2_000 }, async (_, asked) => {
    const answer = await door.ask('/gone/x', asked);
    expect(answer).toMatchObject({ status: 502, body: 'Bad Gateway' });
    expect(answer.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
  });

  test.each(uploads)('it breaks off before its answer: 502, with %s', { timeout: 2_000 }, async (_, asked) => {
    upstream.answerWith((request) => void request.socket.destroy());
    expect((await door.ask('/api/x', asked)).status).toBe(502);
  });

  test('it is too slow for a request with a body: 504', { timeout: 2_000 }, async () => {
    upstream.answerWith(() => {});
    expect((await door.ask('/slow/x', { method: 'POST', body: 'x' })).status).toBe(504);
  });

  describe('in the middle of an upload', () => {
    const upload = { method: 'POST', body: 'x'.repeat(3_000_000) };
    const rude = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (head) => {
        if (head.toString('latin1').startsWith('POST /refuse'))
          socket.end('HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbig');
        else socket.destroy();
      });
    });
    let there: OpenHouse;

    beforeAll(async () => {
      await new Promise<void>((listening) => rude.listen(0, '127.0.0.1', listening));
      const { port } = rude.address() as { port: number };
      const made = await makeHouse({
        xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'rude' }] },
        env: { destinations: [{ name: 'rude', url: `http://127.0.0.1:${port}` }] },
      });
      there = await openHouse(made.house);
    });
    afterAll(() => void rude.close());

    test('it breaks off: 502', { timeout: 2_000 }, async () => {
      expect((await there.ask('/break', upload)).status).toBe(502);
    });

    test('it answers before it has read all: its answer is the answer', { timeout: 2_000 }, async () => {
      expect(await there.ask('/refuse', upload)).toMatchObject({ status: 413, body: 'big' });
    });
  });

  test('it is too slow: 504', async () => {
    upstream.answerWith(() => {});
    expect(await door.ask('/slow/x')).toMatchObject({ status: 504, body: 'Gateway Timeout' });
  });

  test('it breaks off in the middle: so do we, that nobody takes the half for the whole', async () => {
    upstream.answerWith((request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setTimeout(() => request.socket.destroy(), 20);
    });
    await expect(door.ask('/api/x')).rejects.toThrow();
  });

  test('the address is told to nobody', async () => {
    const answer = await door.ask('/gone/x', { headers: { accept: 'application/json' } });
    expect(JSON.parse(answer.body)).toMatchObject({ status: 502, code: 'ERR_UPSTREAM_UNREACHABLE' });
    expect(answer.body).not.toContain('127.0.0.1');
  });
});

describe('a connection that the backend closed while it was idle (xs-app.md 13.1 #8)', () => {
  const sockets = new Set<Socket>();
  let connections = 0;
  /** Answers the first request of each connection; the second one on the first connection meets a closed door. */
  const moody = createServer((socket) => {
    connections += 1;
    const mine = connections;
    let requests = 0;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => {
      requests += 1;
      if (mine === 1 && requests === 2) return socket.destroy();
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
  });

  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    moody.close();
  });

  test('a safe request is sent again, once, on a new one', async () => {
    await new Promise<void>((listening) => moody.listen(0, '127.0.0.1', listening));
    const { port } = moody.address() as { port: number };
    const made = await makeHouse({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'moody' }] },
      env: { destinations: [{ name: 'moody', url: `http://127.0.0.1:${port}` }], BACKEND_MAX_SOCKETS: '1' },
    });
    const there = await openHouse(made.house);
    expect((await there.ask('/1')).status).toBe(200);
    await new Promise((over) => setTimeout(over, 600)); // idle: what breaks in the middle of work is no stale connection
    expect((await there.ask('/2')).status).toBe(200);
    expect(connections).toBe(2);
  });
});

describe('a credential that the backend refuses (design section 3)', () => {
  const shown: string[] = [];

  /** Puts renewable credentials into the house: `Bearer 1`, then `Bearer 2`, … */
  async function withTokens(work: (asked: { claims?: string | undefined }[]) => Promise<void>): Promise<void> {
    const asked: { claims?: string | undefined }[] = [];
    const { obtain, isRenewable } = house.tokens;
    let count = 0;
    const tokens = house.tokens as { -readonly [K in keyof Tokens]: Tokens[K] };
    tokens.isRenewable = () => true;
    tokens.obtain = (_destination, _principal, options): Credential => {
      if (options !== undefined) asked.push({ claims: options.claims });
      count += 1;
      return { kind: 'header', name: 'authorization', value: `Bearer ${count}` };
    };
    try {
      await work(asked);
    } finally {
      Object.assign(tokens, { obtain, isRenewable });
    }
  }

  const refuseFirst = (challenge?: string | string[]) =>
    upstream.answerWith((_, response, { headers }) => {
      shown.push(String(headers.authorization));
      const refused = headers.authorization === 'Bearer 1';
      if (refused) response.writeHead(401, challenge === undefined ? {} : { 'www-authenticate': challenge }).end('no');
      else response.writeHead(200).end('yes');
    });

  beforeEach(() => void shown.splice(0));

  test('is asked for anew, once, and the caller sees the second answer only', async () => {
    refuseFirst();
    await withTokens(async (asked) => {
      expect(await door.ask('/api/x')).toMatchObject({ status: 200, body: 'yes' });
      expect(shown).toEqual(['Bearer 1', 'Bearer 2']);
      expect(asked).toEqual([{ claims: undefined }]);
    });
  });

  test('a claims challenge goes along', async () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"cp1"}}}';
    const encoded = Buffer.from(claims).toString('base64');
    refuseFirst(`Bearer realm="", error="insufficient_claims", claims="${encoded}"`);
    await withTokens(async (asked) => {
      expect((await door.ask('/api/x')).status).toBe(200);
      expect(asked).toEqual([{ claims }]);
    });
  });

  test('also one that stands in a header of its own, behind that of another scheme (RFC 9110 11.6.1)', async () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"cp1"}}}';
    const bearer = `Bearer error="insufficient_claims", claims="${Buffer.from(claims).toString('base64')}"`;
    refuseFirst(['Negotiate', bearer]);
    await withTokens(async (asked) => {
      expect((await door.ask('/api/x')).status).toBe(200);
      expect(asked).toEqual([{ claims }]);
    });
  });

  test('refused again: the caller gets the 401, with its challenge; no third attempt (A10, loop guard)', async () => {
    upstream.answerWith(
      (_, response) => void response.writeHead(401, { 'www-authenticate': 'Bearer x="y"' }).end('no'),
    );
    await withTokens(async () => {
      const answer = await door.ask('/api/x');
      expect(answer).toMatchObject({ status: 401, body: 'no' });
      expect(answer.headers['www-authenticate']).toBe('Bearer x="y"');
      expect(upstream.calls).toHaveLength(2);
    });
  });

  test('a POST is not sent twice', async () => {
    refuseFirst();
    await withTokens(async () => {
      expect((await door.ask('/api/x', { method: 'POST', body: 'once' })).status).toBe(401);
      expect(upstream.calls).toHaveLength(1);
    });
  });

  test('nor a GET with a body, which has been read by then: it would arrive without', async () => {
    refuseFirst();
    await withTokens(async () => {
      await door.ask('/api/x', { body: 'x', headers: { 'content-length': '1' } });
      expect(upstream.calls.map(({ body }) => body)).not.toContain('');
    });
  });

  test('a long refusal is thrown away without being read to its end', async () => {
    upstream.answerWith((_, response, { headers }) => {
      if (headers.authorization === 'Bearer 1') response.writeHead(401).end('no'.repeat(200_000));
      else response.writeHead(200).end('yes');
    });
    await withTokens(async () => {
      expect(await door.ask('/api/x')).toMatchObject({ status: 200, body: 'yes' });
    });
  });
});

describe('statistics (xs-app.md 8.9)', () => {
  test.each([
    ['by query', '/api/x?sap-statistics=true', {}],
    ['by header', '/api/x', { 'sap-statistics': 'true' }],
  ])('%s: the backend is asked too, its own come back beside ours', async (_, target, headers) => {
    upstream.answerWith((_request, response) => void response.writeHead(200, { 'sap-statistics': 'total=1' }).end());
    const answer = await door.ask(target, { headers });
    expect(answer.headers['sap-statistics']).toBe('total=1');
    expect(answer.headers['sap-statistics-approuter']).toMatch(/^total=\d+,ext=\d+$/);
    expect(upstream.last().headers['sap-statistics']).toBe('true');
  });

  test('not asked for, not given', async () => {
    expect((await door.ask('/api/x')).headers).not.toHaveProperty('sap-statistics-approuter');
  });
});

describe('compression (xs-app.md 8.3)', () => {
  const long = 'harbour '.repeat(400);
  const answering = (type: string, body: string, more: Record<string, string> = {}) =>
    upstream.answerWith((_, response) => void response.writeHead(200, { 'content-type': type, ...more }).end(body));
  const gzip = { headers: { 'accept-encoding': 'gzip' } };

  /** Like `ask`, but the body as bytes. */
  const bytesOf = async (path: string): Promise<Buffer> => {
    const answer = await fetch(`${door.origin}${path}`, { headers: { 'accept-encoding': 'gzip' } });
    return Buffer.from(await answer.arrayBuffer());
  };

  test('long text is compressed for who accepts it, without a length', async () => {
    answering('text/plain', long, { 'content-length': String(long.length) });
    const { headers } = await door.ask('/api/x', gzip);
    expect(headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(headers['content-length']).toBeUndefined();
    expect((await bytesOf('/api/x')).toString()).toBe(long);
  });

  test('not for who does not accept it; Vary says that it could have been', async () => {
    answering('text/plain', long);
    const { headers, body } = await door.ask('/api/x');
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers.vary).toBe('Accept-Encoding');
    expect(body).toBe(long);
  });

  test.each([
    ['gzip;q=0', undefined],
    ['identity', undefined],
    ['br', undefined],
    ['br, gzip;q=0.1', 'gzip'],
    ['*', 'gzip'],
    ['*;q=0', undefined],
  ])('Accept-Encoding: %s gives %s', async (accepted, encoding) => {
    answering('text/plain', long);
    expect((await door.ask('/api/x', { headers: { 'accept-encoding': accepted } })).headers['content-encoding']).toBe(
      encoding,
    );
  });

  test.each([
    ['a short one', 'text/plain', 'short', {}],
    ['an image', 'image/png', long, {}],
    ['what must not be changed', 'text/plain', long, { 'cache-control': 'no-transform' }],
    ['multipart/mixed', 'multipart/mixed; boundary=x', long, {}],
    ['events', 'text/event-stream', long, {}],
  ])('%s is left alone', async (_, type, body, more) => {
    answering(type, body, { 'content-length': String(body.length), ...more });
    expect((await door.ask('/api/x', gzip)).headers['content-encoding']).toBeUndefined();
  });

  test('what is encoded already passes as it is', async () => {
    answering('text/plain', long, { 'content-encoding': 'br' });
    expect(await door.ask('/api/x', gzip)).toMatchObject({ body: long, headers: { 'content-encoding': 'br' } });
  });

  test('what was compressed can be read', async () => {
    answering('application/json', JSON.stringify({ long }));
    const raw = await door.say('GET /api/x HTTP/1.0\r\nhost: a\r\naccept-encoding: gzip\r\n\r\n');
    const [head = '', ...rest] = raw.split('\r\n\r\n');
    expect(head).toMatch(/content-encoding: gzip/i);
    expect(JSON.parse(gunzipSync(Buffer.from(rest.join('\r\n\r\n'), 'latin1')).toString())).toEqual({ long });
  });
});
