import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ask, type Reply } from '../support/ask.ts';
import { openClient, setCookies } from './support/client.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';
import { openXsuaa, type Xsuaa } from './support/open-xsuaa.ts';

/** xs-app.md 8.2: what of an answer reaches the client, and what becomes of a backend's cookies. */

let backend: Backend;
let other: Backend;
let xsuaa: Xsuaa;
let router: Router;
beforeAll(async () => {
  [backend, other, xsuaa] = await Promise.all([openBackend(), openBackend(), openXsuaa()]);
  router = await openRouter({
    xsuaa,
    xsApp: {
      responseHeaders: [
        { name: 'x-both', value: 'response' },
        { name: 'X-Own', value: 'response' },
      ],
      routes: [
        { source: '^/o(?:[/?]|$)', destination: 'b', authenticationType: 'none' },
        { source: '^/p(?:[/?]|$)', destination: 'b' },
        { source: '^/q(?:[/?]|$)', destination: 'other' },
        { source: '^/same(?:[/?]|$)', destination: 'same' },
        { source: '^/deep/', target: '/', destination: 'deep' },
        { source: '^/c(?:[/?]|$)', destination: 'constructor' },
        { source: '^/give(?:[/?]|$)', destination: 'b', authenticationType: 'none', setBackendSessionCookies: true },
        { source: '^/files/(.*)$', target: '$1', localDir: 'web', authenticationType: 'none' },
      ],
    },
    files: { 'web/a.txt': 'a' },
    env: {
      httpHeaders: [{ 'X-Both': 'http', 'x-http': 'http' }, { 'X-Frame-Options': 'ALLOW' }],
      destinations: [
        { name: 'b', url: backend.origin },
        { name: 'same', url: backend.origin },
        { name: 'other', url: other.origin },
        { name: 'deep', url: `${backend.origin}/base` },
        { name: 'constructor', url: other.origin },
      ],
    },
  });
});
beforeEach(() => {
  backend.forget();
  other.forget();
});

describe('order, later wins', () => {
  it.each(['/o', '/files/a.txt', '/files/none.txt', '/nowhere', '/o/../x'])(
    'X-Frame-Options, httpHeaders, responseHeaders on %s',
    async (target) => {
      const { headers } = await ask(router.origin, target);
      expect(headers['x-frame-options']).toBe('ALLOW');
      expect(headers['x-http']).toBe('http');
      expect(headers['x-both']).toBe('response');
      expect(headers['x-own']).toBe('response');
    },
  );

  it("the backend's own wins, once, whatever its case", async () => {
    backend.answer(200, { 'X-BOTH': 'backend', 'x-frame-options': 'DENY', 'x-request-id': 'from-the-backend' });
    const { headers, rawHeaders } = await ask(router.origin, '/o');
    expect(headers['x-both']).toBe('backend');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['x-request-id']).toBe('from-the-backend');
    expect(rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'x-both')).toHaveLength(1);
  });

  it('X-Frame-Options is SAMEORIGIN where nobody says otherwise', async () => {
    const plain = await openRouter({ xsApp: { authenticationMethod: 'none' } });
    expect((await ask(plain.origin, '/x')).headers['x-frame-options']).toBe('SAMEORIGIN');
  });
});

describe('x-request-id', () => {
  it.each(['/o', '/files/a.txt', '/nowhere', '/p', '/o/%zz', '/login/callback'])(
    'is on the answer to %s',
    async (target) => {
      expect((await ask(router.origin, target)).headers['x-request-id']).toBeTruthy();
    },
  );

  it('is on the answer to a request whose host is none', async () => {
    const { status, headers } = await ask(router.origin, '/o', { headers: { host: 'a/b' } });
    expect(status).toBe(400);
    expect(headers['x-request-id']).toBeTruthy();
  });
});

describe('status and body', () => {
  it.each([
    200, 201, 202, 203, 204, 205, 206, 207, 300, 301, 304, 400, 401, 402, 404, 409, 418, 422, 429, 451, 500, 501, 502,
    503, 504, 599,
  ])('%i passes as it is', async (status) => {
    const empty = [204, 205, 304].includes(status);
    backend.answer(status, { 'x-of': 'backend' }, empty ? '' : 'own words');
    const reply = await ask(router.origin, '/o');
    expect(reply.status).toBe(status);
    expect(reply.text).toBe(empty ? '' : 'own words');
    expect(reply.headers['x-of']).toBe('backend');
    expect(reply.headers['cache-control']).toBeUndefined();
  });

  it('HEAD keeps Content-Length', async () => {
    backend.answer(200, { 'content-length': '1234', 'content-type': 'image/png' });
    const { headers, text } = await ask(router.origin, '/o', { method: 'HEAD' });
    expect(headers['content-length']).toBe('1234');
    expect(text).toBe('');
  });

  it('a long body is the same body', async () => {
    const body = 'abc'.repeat(700_000);
    backend.answer(200, { 'content-type': 'application/octet-stream' }, body);
    expect((await ask(router.origin, '/o')).text).toBe(body);
  });

  it('a body that breaks off does not look complete', async () => {
    backend.answerWith((_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' });
      response.write('half');
      setTimeout(() => response.destroy(), 50);
    });
    await expect(ask(router.origin, '/o')).rejects.toThrow();
  });
});

describe('headers of the backend', () => {
  it.each<[name: string, value: string]>([
    ['location', 'http://127.0.0.1:9/other'],
    ['location', '../up'],
    ['location', '/\u00e4'],
    ['etag', '"strong"'],
    ['last-modified', 'Mon, 01 Jan 2024 00:00:00 GMT'],
    ['server', 'secret/1'],
    ['x-powered-by', 'thing'],
    ['content-security-policy', "default-src 'none'"],
    ['strict-transport-security', 'max-age=1'],
    ['www-authenticate', 'Negotiate'],
    ['content-disposition', 'attachment; filename="\u00e4.txt"'],
    ['date', 'Mon, 01 Jan 2024 00:00:00 GMT'],
    ['age', '7'],
    ['via', '1.1 other'],
    ['link', '</x>; rel=preload'],
  ])('%s: %s passes as it is', async (name, value) => {
    backend.answer(name === 'location' ? 302 : 200, { [name]: value });
    expect((await ask(router.origin, '/o')).headers[name]).toBe(value);
  });

  it('the hop-by-hop ones stay, and the connection is kept', async () => {
    backend.answerWith((request) => {
      request.socket.end(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=99\r\n' +
          'Proxy-Authenticate: Basic\r\nPublic: GET\r\nProxy-Connection: x\r\nTrailer: x\r\nUpgrade: h9\r\nX-Stay: 1\r\n\r\nok',
      );
    });
    const { headers, text } = await ask(router.origin, '/o', { headers: { connection: 'keep-alive' } });
    expect(text).toBe('ok');
    for (const name of ['x-hop', 'proxy-authenticate', 'public', 'proxy-connection', 'trailer', 'upgrade'])
      expect(headers[name]).toBeUndefined();
    expect(headers['keep-alive']).not.toBe('timeout=99');
    expect(headers.connection).toBe('keep-alive');
    expect(headers['x-stay']).toBe('1');
  });

  it('several Set-Cookie lines stay several', async () => {
    backend.answer(200, { 'set-cookie': ['a=1; Max-Age=9', 'b=2, 3; Expires=Wed, 01 Jan 2031 00:00:00 GMT'] });
    const { headers } = await ask(router.origin, '/o');
    expect(headers['set-cookie']).toEqual(['a=1; Max-Age=9', 'b=2, 3; Expires=Wed, 01 Jan 2031 00:00:00 GMT']);
  });
});

describe("the router's own errors", () => {
  it.each<[target: string, status: number]>([
    ['/nowhere', 404],
    ['/o/../x', 400],
    ['/files/none.txt', 404],
  ])('%s: %i, not cacheable', async (target, status) => {
    const reply = await ask(router.origin, target);
    expect(reply.status).toBe(status);
    expect(reply.headers['cache-control']).toBe('no-cache, no-store, must-revalidate');
  });
});

describe("a backend's cookies", () => {
  async function loggedIn() {
    const user = openClient(router.origin);
    await user.logIn('/p');
    backend.forget();
    other.forget();
    return user;
  }
  function sets(cookies: readonly string[], at = backend): void {
    at.answer(200, { 'set-cookie': cookies });
  }
  const names = (reply: Reply) => [...setCookies(reply).keys()];

  it('without an expiry are kept and sent back', async () => {
    const user = await loggedIn();
    sets(['be=1; HttpOnly', 'b2=two words; SameSite=Lax', 'b3=a=b==']);
    expect(names(await user.ask('/p'))).toEqual([]);
    await user.ask('/p');
    expect(backend.last().headers.cookie?.split('; ').sort()).toEqual(['b2=two words', 'b3=a=b==', 'be=1']);
  });

  it.each<[what: string, line: string]>([
    ['Max-Age', 'k=1; Max-Age=100'],
    ['max-age in lower case', 'k=1; max-age=100'],
    ['Expires', 'k=1; Path=/x; Expires=Wed, 01 Jan 2031 00:00:00 GMT; HttpOnly'],
    ['both', 'k=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Max-Age=1'],
  ])('with %s go to the client unchanged and are not kept', async (_, line) => {
    const user = await loggedIn();
    sets([line]);
    expect((await user.ask('/p')).headers['set-cookie']).toEqual([line]);
    user.cookies.delete('k');
    await user.ask('/p');
    expect(backend.last().headers.cookie).toBeUndefined();
  });

  it('that expire take a kept one of the same name along (RFC 6265 5.3)', async () => {
    const user = await loggedIn();
    sets(['be=1; Path=/']);
    await user.ask('/p');
    sets(['be=; Path=/; Max-Age=0']);
    await user.ask('/p');
    await user.ask('/p');
    expect(backend.last().headers.cookie).toBeUndefined();
  });

  it('that last from now on take the place of a kept one', async () => {
    const user = await loggedIn();
    sets(['be=1; Path=/', 'stays=1; Path=/']);
    await user.ask('/p');
    sets(['be=2; Path=/; Max-Age=100', 'stays=2; Path=/p; Max-Age=100']);
    await user.ask('/p');
    await user.ask('/o');
    expect(backend.last().headers.cookie?.split('; ').sort()).toEqual(['be=2', 'stays=1']);
  });

  it.each<[method: string, status: number]>([
    ['HEAD', 200],
    ['HEAD', 404],
    ['GET', 204],
    ['GET', 304],
  ])('are kept of answers without a body too, and those are what the backend said: %s %i', async (method, status) => {
    const user = await loggedIn();
    backend.answer(status, { 'set-cookie': 'be=1', etag: '"1"', 'x-its': '1' });
    const reply = await user.ask('/p', { method });
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject({ etag: '"1"', 'x-its': '1' });
    await user.ask('/p');
    expect(backend.last().headers.cookie).toBe('be=1');
  });

  it.each<[path: string, target: string, sent: boolean]>([
    ['/', '/p/x', true],
    ['/p', '/p', true],
    ['/p', '/p/x', true],
    ['/p', '/p?x=1', true],
    ['/p/', '/p/x', true],
    ['/p/', '/p', false],
    ['/p/x', '/p/xy', false],
    ['/p/x', '/p/x/y', true],
    ['/q', '/p', false],
    ['relative', '/p/x', true],
    ['', '/p/x', true],
  ])('with Path=%s on %s: %s', async (path, target, sent) => {
    const user = await loggedIn();
    sets([`be=1; Path=${path}`]);
    await user.ask('/p');
    await user.ask(target);
    expect(backend.last().headers.cookie).toBe(sent ? 'be=1' : undefined);
  });

  it("the path is the backend's, not the client's", async () => {
    const user = await loggedIn();
    sets(['be=1; Path=/base', 'no=1; Path=/deep']);
    await user.ask('/deep/x');
    await user.ask('/deep/y');
    expect(backend.last().headers.cookie).toBe('be=1');
  });

  it('of one name and two paths are both kept, the longer path first', async () => {
    const user = await loggedIn();
    sets(['be=short; Path=/', 'be=long; Path=/p']);
    await user.ask('/p');
    await user.ask('/p/x');
    expect(backend.last().headers.cookie).toBe('be=long; be=short');
  });

  it('of one name and path: the last counts', async () => {
    const user = await loggedIn();
    sets(['be=1', 'be=2']);
    await user.ask('/p');
    sets(['be=3']);
    await user.ask('/p');
    await user.ask('/p');
    expect(backend.last().headers.cookie?.split('; ')).toContain('be=3');
    expect(backend.last().headers.cookie).not.toContain('be=1');
  });

  it('that are Secure are not sent over plain http', async () => {
    const user = await loggedIn();
    sets(['be=1; Secure']);
    await user.ask('/p');
    await user.ask('/p');
    expect(backend.last().headers.cookie).toBeUndefined();
  });

  it('of one destination never travel to another, same host or not', async () => {
    const user = await loggedIn();
    sets(['be=1; Path=/; Domain=127.0.0.1']);
    await user.ask('/p');
    await user.ask('/same');
    expect(backend.last().headers.cookie).toBeUndefined();
    await user.ask('/q');
    expect(other.last().headers.cookie).toBeUndefined();
  });

  it('of another user never travel with mine', async () => {
    const [mine, yours] = [await loggedIn(), await loggedIn()];
    sets(['be=mine']);
    await mine.ask('/p');
    sets(['be=yours']);
    await yours.ask('/p');
    await mine.ask('/p');
    expect(backend.last().headers.cookie).toBe('be=mine');
  });

  it("a kept one wins over the client's of the same name", async () => {
    const user = await loggedIn();
    sets(['be=kept']);
    await user.ask('/p');
    user.cookies.set('be', 'client');
    user.cookies.set('mine', '1');
    await user.ask('/p');
    expect(backend.last().headers.cookie?.split('; ').sort()).toEqual(['be=kept', 'mine=1']);
  });

  it.each<[what: string, line: string]>([
    ['as a session cookie', 'JSESSIONID=evil; Path=/'],
    ['with an expiry', 'JSESSIONID=evil; Path=/; Max-Age=100'],
    ['deleted', 'JSESSIONID=; Path=/; Max-Age=0'],
  ])("named like the router's own, %s: never overwrite it", async (_, line) => {
    const user = await loggedIn();
    sets([line]);
    expect(names(await user.ask('/p'))).toEqual([]);
    expect((await user.ask('/p', { headers: { 'x-requested-with': 'XMLHttpRequest' } })).status).toBe(200);
  });

  it("named like the router's own are sent back to the backend as its own", async () => {
    const user = await loggedIn();
    sets(['JSESSIONID=theirs; Path=/']);
    await user.ask('/p');
    await user.ask('/p');
    expect(backend.last().headers.cookie).toBe('JSESSIONID=theirs');
  });

  it.each(['JSESSIONID=evil; Path=/', 'JSESSIONID=evil; Path=/; Max-Age=100', 'portunus.login.aaaaaaaa=evil; Path=/'])(
    'nor with setBackendSessionCookies: %s',
    async (line) => {
      sets([line]);
      const reply = await ask(router.origin, '/give');
      expect([...setCookies(reply).values()].join()).not.toContain('evil');
    },
  );

  it('with setBackendSessionCookies go to the client unchanged, and nothing is kept', async () => {
    sets(['be=1; Path=/x; HttpOnly', 'b2=2']);
    const reply = await ask(router.origin, '/give');
    expect(reply.headers['set-cookie']).toEqual(['be=1; Path=/x; HttpOnly', 'b2=2']);
  });

  it('of a public route make a session to be kept in', async () => {
    const stranger = openClient(router.origin);
    sets(['be=1']);
    expect(names(await stranger.ask('/o'))).toEqual(['JSESSIONID']);
    await stranger.ask('/o');
    expect(backend.last().headers.cookie).toBe('be=1');
  });

  it('taken back from a stranger who has none make no session', async () => {
    backend.answer(200, { 'set-cookie': ['JSESSIONID=; Path=/; Max-Age=0', 'be=; Path=/; Max-Age=0'] });
    expect(names(await openClient(router.origin).ask('/o'))).toEqual(['be']);
  });

  it('taken back and set again in one answer are kept', async () => {
    const user = await loggedIn();
    sets(['be=1; Path=/']);
    await user.ask('/p');
    sets(['be=; Path=/; Max-Age=0', 'be=2; Path=/']);
    await user.ask('/p');
    await user.ask('/p');
    expect(backend.last().headers.cookie).toBe('be=2');
  });

  it('set before the login do not follow into it', async () => {
    const stranger = openClient(router.origin);
    sets(['be=stranger']);
    await stranger.ask('/o');
    await stranger.logIn('/p');
    await stranger.ask('/p');
    expect(backend.last().headers.cookie).toBeUndefined();
  });

  it.each<[what: string, line: string]>([
    ['no name', '=x'],
    ['no =', 'novalue'],
    ['nothing', ''],
    ['only blanks', '  '],
    ['only attributes', '; Path=/'],
    ['a blank name', ' =x; Path=/'],
    ['__proto__', '__proto__=1'],
    ['constructor', 'constructor=1'],
    ['hasOwnProperty', 'hasOwnProperty=1; Path=/__proto__'],
    ['bytes beyond ASCII', 'b\u00e4=\u00fc'],
    ['8 KB', `be=${'x'.repeat(8_000)}`],
    ['strange attributes', 'be=1; Max-Age; Expires; Path; ;;=;a=b=c'],
  ])('that cannot be read never hurt: %s', async (_, line) => {
    const user = await loggedIn();
    sets([line, 'fine=1']);
    expect((await user.ask('/p')).status).toBe(200);
    expect((await user.ask('/p')).status).toBe(200);
    expect(backend.last().headers.cookie).toContain('fine=1');
  });

  it('of a destination named like a property that every object has', async () => {
    const user = await loggedIn();
    sets(['be=1']);
    await user.ask('/p');
    sets(['ce=1'], other);
    expect((await user.ask('/c')).status).toBe(200);
    expect((await user.ask('/c')).status).toBe(200);
    expect(other.last().headers.cookie).toBe('ce=1');
  });

  it('of answers that are errors count too', async () => {
    const user = await loggedIn();
    backend.answer(404, { 'set-cookie': 'be=1' });
    await user.ask('/p');
    await user.ask('/p');
    expect(backend.last().headers.cookie).toBe('be=1');
  });

  it('are gone with the session', async () => {
    const user = await loggedIn();
    sets(['be=1']);
    await user.ask('/p');
    user.cookies.clear();
    await user.logIn('/p');
    await user.ask('/p');
    expect(backend.last().headers.cookie).toBeUndefined();
  });
});
