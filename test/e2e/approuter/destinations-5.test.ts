import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from './support/open-backend.ts';
import { openRouter, type Router } from './support/open-router.ts';

/** xs-app.md section 5: what the options of a destination do. */

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});
beforeEach(() => backend.forget());

/** A router whose only route leads everything to one destination. */
const to = (destination: object, file?: object): Promise<Router> =>
  openRouter({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'b' }] },
    env: file ? {} : { destinations: [{ name: 'b', url: backend.origin, ...destination }] },
    ...(file ? { files: { 'destinations.json': [file] } } : {}),
  });

describe('timeout', () => {
  it.each<[what: string, destination: object]>([
    ['timeout', { timeout: 200 }],
    ['timeout as text', { timeout: '200' }],
    ['HTML5.Timeout', { 'HTML5.Timeout': '200' }],
  ])('%s: 504 when the answer has not begun by then', async (_, destination) => {
    const router = await to(destination);
    backend.answerWith(() => {});
    const begun = Date.now();
    const { status, text } = await ask(router.origin, '/');
    expect(status).toBe(504);
    expect(Date.now() - begun).toBeLessThan(3_000);
    expect(text).not.toContain(backend.host);
  });

  it('an answer that has begun may take longer', async () => {
    const router = await to({ timeout: 200 });
    backend.answerWith((_, response) => {
      response.write('a');
      setTimeout(() => response.end('b'), 600);
    });
    expect((await ask(router.origin, '/')).text).toBe('ab');
  });
});

describe('setXForwardedHeaders', () => {
  const names = ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-path', 'x-forwarded-for'];

  it('true by default: all four', async () => {
    await ask((await to({})).origin, '/x?y=1');
    expect(names.every((name) => backend.last().headers[name] !== undefined)).toBe(true);
    expect(backend.last().headers['x-forwarded-path']).toBe('/x');
  });

  it.each([
    { setXForwardedHeaders: false },
    { setXForwardedHeaders: 'false' },
    { 'HTML5.SetXForwardedHeaders': 'false' },
  ])('%o: none of them, not even those that the client sent', async (destination) => {
    const headers = Object.fromEntries(names.map((name) => [name, 'client']));
    await ask((await to(destination)).origin, '/x', { headers });
    expect(names.filter((name) => backend.last().headers[name] !== undefined)).toEqual([]);
  });
});

describe('host', () => {
  it("is the destination's by default", async () => {
    await ask((await to({})).origin, '/', { headers: { host: 'harbour.example' } });
    expect(backend.last().headers.host).toBe(backend.host);
    expect(backend.last().headers['x-forwarded-host']).toBe('harbour.example');
  });

  it.each([{ 'HTML5.PreserveHostHeader': true }, { 'HTML5.PreserveHostHeader': 'true' }])(
    "%o: the client's",
    async (destination) => {
      await ask((await to(destination)).origin, '/', { headers: { host: 'harbour.example:8443' } });
      expect(backend.last().headers.host).toBe('harbour.example:8443');
      expect(backend.last().rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host')).toHaveLength(
        1,
      );
    },
  );
});

describe('URL.headers.* and sap-client', () => {
  it('are sent', async () => {
    await ask((await to({ 'URL.headers.X-Tide': 'high', 'URL.headers.apikey': 'k', 'sap-client': '100' })).origin, '/');
    expect(backend.last().headers['x-tide']).toBe('high');
    expect(backend.last().headers['apikey']).toBe('k');
    expect(backend.last().headers['sap-client']).toBe('100');
  });

  it('unless the request has them already', async () => {
    const router = await to({ 'URL.headers.X-Tide': 'high', 'sap-client': '100' });
    await ask(router.origin, '/', { headers: { 'X-TIDE': 'low', 'sap-client': '200' } });
    expect(backend.last().headers['x-tide']).toBe('low');
    expect(backend.last().headers['sap-client']).toBe('200');
  });
});

describe('URL.queries.*', () => {
  it.each<[target: string, seen: string]>([
    ['/x', '/x?lang=de+%26&n=1'],
    ['/x?a=1', '/x?a=1&lang=de+%26&n=1'],
    ['/x?', '/x?lang=de+%26&n=1'],
  ])('%s becomes %s', async (target, seen) => {
    await ask((await to({ 'URL.queries.lang': 'de &', 'URL.queries.n': '1' })).origin, target);
    expect(backend.last().url.replace('?&', '?').replace('%20', '+')).toBe(seen);
  });
});

describe('Authentication of the environment too (Portunus)', () => {
  it('basic credentials are sent, and win over the client’s', async () => {
    const router = await to({ Authentication: 'BasicAuthentication', User: 'u', Password: 'p:ä' });
    await ask(router.origin, '/', { headers: { authorization: 'Bearer client' } });
    expect(backend.last().headers.authorization).toBe(`Basic ${Buffer.from('u:p:ä').toString('base64')}`);
  });
});

describe('destinations.json', () => {
  it('is read in the format of the destination service', async () => {
    const router = await to(
      {},
      {
        Name: 'b',
        Type: 'HTTP',
        URL: `${backend.origin}/base`,
        ProxyType: 'Internet',
        Authentication: 'NoAuthentication',
      },
    );
    expect((await ask(router.origin, '/x')).status).toBe(200);
    expect(backend.last().url).toBe('/base/x');
  });
});

describe('several destinations', () => {
  it('may have one URL (5.1)', async () => {
    const router = await openRouter({
      xsApp: {
        authenticationMethod: 'none',
        routes: [
          { source: '^/one', destination: 'one' },
          { source: '^/two', destination: 'two' },
        ],
      },
      env: {
        destinations: [
          { name: 'one', url: backend.origin, setXForwardedHeaders: false },
          { name: 'two', url: backend.origin },
        ],
      },
    });
    await ask(router.origin, '/one');
    expect(backend.last().headers['x-forwarded-host']).toBeUndefined();
    await ask(router.origin, '/two');
    expect(backend.last().headers['x-forwarded-host']).toBeDefined();
  });
});

describe('a forward proxy', () => {
  it('proxyHost and proxyPort: plain http goes by it', async () => {
    const proxy = await openForwardProxy();
    const router = await to({ proxyHost: 'http://127.0.0.1', proxyPort: String(proxy.port) });
    const { status } = await ask(router.origin, '/x?a=1', { method: 'POST', body: 'cargo', headers: { 'x-own': '1' } });
    expect(status).toBe(200);
    expect(proxy.ways).toHaveLength(1);
    expect(backend.last().url).toBe('/x?a=1');
    expect(backend.last().body).toBe('cargo');
    expect(backend.last().headers['x-own']).toBe('1');
    expect(backend.last().headers.host).toBe(backend.host);
  });

  it('https goes by it in a tunnel', async () => {
    const [proxy, secure] = await Promise.all([openForwardProxy(), openTlsBackend()]);
    const router = await to({ url: secure.origin, strictSSL: false, proxyHost: '127.0.0.1', proxyPort: proxy.port });
    expect((await ask(router.origin, '/x')).text).toBe('secure /x');
    expect(proxy.ways).toEqual([`CONNECT ${new URL(secure.origin).host}`]);
  });

  it('one that is down: 502', async () => {
    const router = await to({ proxyHost: '127.0.0.1', proxyPort: '9' });
    expect((await ask(router.origin, '/x')).status).toBe(502);
    expect(backend.calls).toHaveLength(0);
  });
});

describe('strictSSL', () => {
  it.each<[destination: object, status: number]>([
    [{}, 502],
    [{ strictSSL: true }, 502],
    [{ strictSSL: 'true' }, 502],
    [{ strictSSL: false }, 200],
    [{ strictSSL: 'false' }, 200],
    [{ TrustAll: 'true' }, 200],
  ])('a certificate of nobody with %o: %i', async (destination, status) => {
    const secure = await openTlsBackend();
    const router = await to({ url: secure.origin, ...destination });
    expect((await ask(router.origin, '/x')).status).toBe(status);
  });
});

interface ForwardProxy {
  readonly port: number;
  readonly ways: string[];
}

/** A small forward proxy: absolute-form requests and tunnels. */
async function openForwardProxy(): Promise<ForwardProxy> {
  const ways: string[] = [];
  const server = createServer((incoming, response) => {
    ways.push(`${incoming.method} ${incoming.url}`);
    const { hostname, port, pathname, search } = new URL(incoming.url ?? '');
    const outgoing = httpRequest(
      { hostname, port, path: pathname + search, method: incoming.method, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    incoming.pipe(outgoing);
  });
  server.on('connect', (incoming, client) => {
    ways.push(`CONNECT ${incoming.url}`);
    const [host, port] = (incoming.url ?? '').split(':');
    const upstream = connect(Number(port), host ?? '', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const end of [upstream, client]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, ways };
}

let pair: { key: string; cert: string } | undefined;

async function openTlsBackend(): Promise<{ origin: string }> {
  pair ??= selfSigned();
  const server = createTlsServer(pair, (request, response) => void response.end(`secure ${request.url}`));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  atEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `https://localhost:${(server.address() as AddressInfo).port}` };
}

function selfSigned(): { key: string; cert: string } {
  const directory = mkdtempSync(path.join(tmpdir(), 'self-signed-'));
  const [key, cert] = [path.join(directory, 'key.pem'), path.join(directory, 'cert.pem')];
  const wish = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', [...wish, '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(directory, { recursive: true });
  return made;
}
