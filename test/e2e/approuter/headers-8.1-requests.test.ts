import { request as httpRequest } from 'node:http';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, type Question } from '../support/ask.ts';
import { openClient } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';
import { say } from './support/say.ts';

/** xs-app.md 8.1: what of a request reaches the backend. */

let backend: Backend;
let xsuaa: Xsuaa;
let untrusting: Router;
let trusting: Router;
beforeAll(async () => {
  [backend, xsuaa] = await Promise.all([openBackend(), openXsuaa()]);
  const open = (env: object) =>
    openRouter({
      xsuaa,
      xsApp: {
        routes: [
          { source: '^/p(?:[/?]|$)', destination: 'plain', csrfProtection: false },
          { source: '^/f(?:[/?]|$)', destination: 'forwarding', csrfProtection: false },
          { source: '^/o(?:[/?]|$)', destination: 'plain', authenticationType: 'none' },
          { source: '^/of(?:[/?]|$)', destination: 'forwarding', authenticationType: 'none' },
          { source: '^/basic(?:[/?]|$)', destination: 'basic', authenticationType: 'none' },
        ],
      },
      env: {
        destinations: [
          { name: 'plain', url: `${backend.origin}/base` },
          { name: 'forwarding', url: backend.origin, forwardAuthToken: true },
          { name: 'basic', url: backend.origin, Authentication: 'BasicAuthentication', User: 'u', Password: 'p' },
        ],
        ...env,
      },
    });
  [untrusting, trusting] = await Promise.all([open({}), open({ VCAP_APPLICATION: '{}' })]);
});
beforeEach(() => backend.forget());

async function seen(question: Question, target = '/o/x?y=1', router = untrusting) {
  expect((await ask(router.origin, target, question)).status).toBe(200);
  return backend.last().headers;
}

describe('forwarding headers', () => {
  const spoofed = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-path': '/evil',
    'x-forwarded-for': '10.9.8.7',
  };

  it('say what the router saw', async () => {
    const headers = await seen({ headers: { host: 'harbour.example:8080' } });
    expect(headers['x-forwarded-host']).toBe('harbour.example:8080');
    expect(headers['x-forwarded-proto']).toBe('http');
    expect(headers['x-forwarded-path']).toBe('/o/x');
    expect(headers['x-forwarded-for']).toMatch(/^(::ffff:)?127\.0\.0\.1$/);
    expect(headers.host).toBe(backend.host);
  });

  it('of anybody are overwritten (T-11)', async () => {
    const headers = await seen({ headers: { ...spoofed, host: 'harbour.example' } });
    expect(headers['x-forwarded-host']).toBe('harbour.example');
    expect(headers['x-forwarded-proto']).toBe('http');
    expect(headers['x-forwarded-path']).toBe('/o/x');
    expect(headers['x-forwarded-for']).not.toContain('10.9.8.7');
  });

  it('of a trusted peer are kept, and the peer is appended', async () => {
    const headers = await seen({ headers: spoofed }, '/o/x', trusting);
    expect(headers['x-forwarded-host']).toBe('evil.example');
    expect(headers['x-forwarded-proto']).toBe('https');
    expect(headers['x-forwarded-path']).toBe('/evil');
    expect(headers['x-forwarded-for']).toMatch(/^10\.9\.8\.7, (::ffff:)?127\.0\.0\.1$/);
  });

  it.each([
    'forwarded',
    'x-forwarded-uri',
    'x-forwarded-prefix',
    'x-forwarded-port',
    'x-forwarded-server',
    'x-forwarded-user',
    'x-forwarded-email',
    'x-forwarded-client-cert',
    'x-real-ip',
    'x-custom-host',
    'x_forwarded_host',
    'X_Forwarded-For',
    'x_real_ip',
  ])('%s of anybody never arrives (T-10, T-11, T-13)', async (name) => {
    expect(JSON.stringify(await seen({ headers: { [name]: 'spoofed-value' } }))).not.toContain('spoofed-value');
  });
});

describe('headers that never arrive, whoever sends them', () => {
  it.each([
    'x-ias-token',
    'proxy-authorization',
    'sap-connectivity-authentication',
    'sap-connectivity-scc-location_id',
    'x-approuter-authorization2',
    'x-approuter-ext-session-id',
    'x_ias_token',
    'x_approuter_anything',
    'X-APPROUTER-anything',
    'tenantid',
    'tenant_id',
    'keep-alive',
    'public',
    'proxy-authenticate',
    'proxy-connection',
  ])('%s (T-13)', async (name) => {
    const sent = name === 'tenant_id' ? {} : { [name]: 'spoofed-value' };
    for (const router of [untrusting, trusting])
      expect(JSON.stringify(await seen({ headers: sent }, '/o/x', router))).not.toContain('spoofed-value');
  });
});

describe('hop-by-hop', () => {
  it('what Connection names stays here, te only says trailers', async () => {
    const answer = await say(
      untrusting.port,
      `GET /o/x HTTP/1.1\r\nHost: h.example\r\nConnection: close, X-Hop, x-other\r\nX-Hop: 1\r\nx-other: 2\r\nX-Stay: 3\r\nTrailer: X-Stay\r\nTE: trailers\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    const { headers } = backend.last();
    expect(headers['x-hop']).toBeUndefined();
    expect(headers['x-other']).toBeUndefined();
    expect(headers['x-stay']).toBe('3');
    expect(headers['trailer']).toBeUndefined();
    expect([undefined, 'trailers']).toContain(headers['te']);
  });

  it('another te does not pass', async () => {
    expect((await seen({ headers: { te: 'deflate;q=0.5, trailers' } }))['te']).toBeUndefined();
  });

  it('Connection cannot strip what the router sets (T-14)', async () => {
    await say(
      untrusting.port,
      `GET /basic/x HTTP/1.1\r\nHost: h.example\r\nConnection: close, authorization, x-forwarded-host, cookie, x-correlationid, tenantid\r\n\r\n`,
    );
    const { headers } = backend.last();
    expect(headers.authorization).toMatch(/^Basic /);
    expect(headers['x-forwarded-host']).toBe('h.example');
    expect(headers['x-correlationid']).toBeTruthy();
    expect(headers['tenantid']).toBe('pier-zone');
  });
});

describe('authorization', () => {
  const own = { headers: { authorization: 'Bearer of-the-client' } };

  it.each<[what: string, target: string, loggedIn: boolean, expected: RegExp | undefined]>([
    ['public, plain', '/o', false, /^Bearer of-the-client$/],
    ['public, forwarding, nobody there', '/of', false, undefined],
    ['public, forwarding, somebody there', '/of', true, /^Bearer eyJ/],
    ['protected, forwarding', '/f', true, /^Bearer eyJ/],
    ['a credential of the destination', '/basic', false, /^Basic dTpw$/],
    ['a credential of the destination, somebody there', '/basic', true, /^Basic dTpw$/],
  ])('%s', async (_, target, loggedIn, expected) => {
    const user = openClient(untrusting.origin);
    if (loggedIn) await user.logIn('/p');
    await user.ask(target, own);
    const { authorization } = backend.last().headers;
    if (expected === undefined) expect(authorization).toBeUndefined();
    else expect(authorization).toMatch(expected);
  });

  it('is sent once, whatever aliases the client uses (T-10)', async () => {
    const reply = await ask(untrusting.origin, '/basic', {
      headers: { authorization: 'x', Authorization_: 'y', AUTHORIZATION: 'z' },
    });
    expect(reply.status).toBe(200);
    const { rawHeaders } = backend.last();
    expect(rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'authorization')).toHaveLength(1);
  });
});

describe('cookie', () => {
  it("the client's pass without the router's own", async () => {
    const user = openClient(untrusting.origin);
    await user.logIn('/p');
    const session = user.cookies.get('JSESSIONID');
    const cookie = `a=1; JSESSIONID=${session}; portunus.login.abcdefgh=x; b="q q"; JSESSIONID=old; c=%20=;d`;
    await user.ask('/p', { headers: { cookie } });
    expect(backend.last().headers.cookie).toBe('a=1; b="q q"; c=%20=; d');
  });

  it("and without what an approuter's login left in the browser (6.2)", async () => {
    const cookie = 'a=1; fragmentAfterLogin=%23x; locationAfterLogin=%2Fp; signature=s; signature2=t';
    expect((await seen({ headers: { cookie } })).cookie).toBe('a=1; signature2=t');
  });

  it('of the router alone: none at all', async () => {
    const user = openClient(untrusting.origin);
    await user.logIn('/p');
    await user.ask('/p');
    expect(backend.last().headers.cookie).toBeUndefined();
  });

  it('of a client without a session passes', async () => {
    expect((await seen({ headers: { cookie: 'a=1; b=2' } })).cookie).toBe('a=1; b=2');
  });
});

describe('ids', () => {
  it('x-correlationid is a UUID unless the request brings one', async () => {
    expect((await seen({}))['x-correlationid']).toMatch(/^[0-9a-f-]{36}$/);
    expect((await seen({ headers: { 'x-correlationid': 'mine' } }))['x-correlationid']).toBe('mine');
    const brought = await seen({ headers: { 'x-correlation-id': 'mine' } });
    expect(brought['x-correlation-id']).toBe('mine');
    expect(brought['x-correlationid']).toBeUndefined();
  });

  it('tenantid is the zone of the binding, on anonymous requests too', async () => {
    expect((await seen({}))['tenantid']).toBe('pier-zone');
    expect((await seen({ headers: { tenantid: 'evil' } }))['tenantid']).toBe('pier-zone');
  });
});

describe('everything else', () => {
  it.each<[name: string, value: string]>([
    ['accept', 'text/x, */*;q=0.1'],
    ['accept-encoding', 'gzip, br;q=0.5'],
    ['accept-language', 'de'],
    ['user-agent', 'Harbour/1'],
    ['if-none-match', 'W/"e"'],
    ['if-modified-since', 'Mon, 01 Jan 2024 00:00:00 GMT'],
    ['range', 'bytes=0-1'],
    ['x-requested-with', 'XMLHttpRequest'],
    ['referer', 'http://elsewhere.example/x'],
    ['origin', 'http://elsewhere.example'],
    ['sap-passport', '2A5448'],
    ['x-own', 'a, b'],
    ['x-empty', ''],
    ['x-own_underscore', '1'],
    ['dpop', 'x'],
    ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ])('%s: %s', async (name, value) => {
    expect((await seen({ headers: { [name]: value } }))[name]).toBe(value);
  });

  it('a header that comes twice comes twice', async () => {
    await ask(untrusting.origin, '/o', { headers: { 'x-own': ['a', 'b'] } });
    const { rawHeaders } = backend.last();
    expect(rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'x-own')).toEqual([
      'a',
      'b',
    ]);
  });

  it('bytes beyond ASCII stay the bytes they are', async () => {
    await say(
      untrusting.port,
      'GET /o HTTP/1.1\r\nHost: h.example\r\nX-Name: \xfcber \xc3\xa4\r\nConnection: close\r\n\r\n',
    );
    expect(backend.last().headers['x-name']).toBe('\xfcber \xc3\xa4');
  });
});

describe('bodies', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'MERGE', 'GET', 'OPTIONS', 'PROPFIND', 'REPORT'])(
    '%s with a body',
    async (method) => {
      const { status } = await ask(untrusting.origin, '/o', {
        method,
        body: 'cargo',
        headers: { 'content-length': '5' },
      });
      expect(status).toBe(200);
      expect(backend.last().method).toBe(method);
      expect(backend.last().body).toBe('cargo');
      expect(backend.last().headers['content-length']).toBe('5');
    },
  );

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'MERGE'])('%s without a body', async (method) => {
    const { status } = await ask(untrusting.origin, '/o', { method });
    expect(status).toBe(200);
    expect(backend.last().body).toBe('');
  });

  it('chunked stays chunked, and streams', async () => {
    const first = new Promise<string>((arrived) => {
      backend.server.once('request', (request) => request.once('data', (chunk) => arrived(String(chunk))));
    });
    const answered = new Promise<number | undefined>((answer) => {
      const asking = httpRequest(
        {
          port: untrusting.port,
          host: '127.0.0.1',
          path: '/o',
          method: 'POST',
          headers: { 'transfer-encoding': 'chunked' },
        },
        (reply) => answer(reply.resume().statusCode),
      );
      asking.write('one');
      void first.then(() => asking.end('two'));
    });
    expect(await first).toBe('one');
    expect(await answered).toBe(200);
    expect(backend.last().body).toBe('onetwo');
    expect(backend.last().headers['transfer-encoding']).toBe('chunked');
    expect(backend.last().headers['content-length']).toBeUndefined();
  });

  it('Expect: 100-continue is answered here', async () => {
    const head =
      'POST /o HTTP/1.1\r\nHost: h.example\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n';
    const answer = await say(untrusting.port, [head, 'cargo']);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/);
    expect(backend.last().body).toBe('cargo');
    expect(backend.last().headers['expect']).toBeUndefined();
  });

  it('a client that leaves cancels the request at the backend', async () => {
    const cancelled = new Promise<boolean>((left) => {
      backend.answerWith((_, response) => response.once('close', () => left(!response.writableFinished)));
    });
    const asking = httpRequest({ port: untrusting.port, host: '127.0.0.1', path: '/o' });
    asking.on('error', () => {});
    asking.end();
    setTimeout(() => asking.destroy(), 100);
    expect(await cancelled).toBe(true);
  });
});
