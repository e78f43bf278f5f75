import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { requestToken } from '../../../src/tokens/request-token.ts';
import { destinationOf } from './support/destination-of.ts';
import { type Answer, countingTokens, json, startTokenServer, type TokenServer } from './support/token-server.ts';

/** Services that refuse what the specifications forbid, and answer in every way they allow, or nearly. */
const servers: TokenServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(answer: Answer): Promise<TokenServer> {
  const server = await startTokenServer(answer);
  servers.push(server);
  return server;
}

async function request(tokenServiceURL: string, more: object = {}, fields = { grant_type: 'client_credentials' }) {
  const { name, tokenService } = await destinationOf({
    Authentication: 'OAuth2ClientCredentials',
    clientId: 'sb-app!t1',
    clientSecret: 'a+b/c=$d',
    tokenServiceURL,
    ...more,
  });
  return requestToken({ destination: name, tokenService, fields, now: 1_700_000_000_000 });
}

const inHeader = { 'tokenService.addClientCredentialsInBody': 'false' };

describe('a request that the strictest service takes', () => {
  test.each<[string, object]>([
    ['with the secret in the form', {}],
    ['with the secret as Basic', inHeader],
    ['with a scope, a resource and headers', { ...inHeader, scope: 'a b', 'tokenService.body.resource': 'urn:a' }],
  ])('%s', async (_, more) => {
    const server = await serve(countingTokens());
    await request(server.url, more);
    const { method, headers, rawBody, form } = server.received[0] ?? expect.unreachable();
    expect(method).toBe('POST');
    expect(headers['content-type'], 'without charset: the registered type has no such parameter').toBe(
      'application/x-www-form-urlencoded',
    );
    expect(headers['accept']).toBe('application/json');
    expect(headers['content-length']).toBe(String(Buffer.byteLength(rawBody)));
    expect(headers['transfer-encoding']).toBeUndefined();
    expect(headers['expect']).toBeUndefined();
    expect(headers['cookie']).toBeUndefined();
    const names = [...form.keys()];
    expect(new Set(names).size, 'no parameter twice (RFC 6749 3.2)').toBe(names.length);
    expect([...form.values()]).not.toContain('');
    const proofs = [headers.authorization, form.get('client_secret'), form.get('client_assertion')].filter(Boolean);
    expect(proofs, 'one proof (RFC 6749 2.3)').toHaveLength(1);
    if (headers.authorization) expect(form.has('client_id'), 'who it is stands in the header').toBe(false);
  });

  test('an empty value of the environment is no empty parameter (AADSTS90100)', async () => {
    const server = await serve(countingTokens());
    const fields = { grant_type: 'client_credentials', audience: '' };
    await request(server.url, {}, fields);
    expect([...(server.received[0]?.form.keys() ?? [])]).not.toContain('audience');
  });

  test.each([
    ['urn:a urn:b', ['urn:a', 'urn:b']],
    ['urn:a,urn:b', ['urn:a', 'urn:b']],
    ['urn:a , urn:b\nhttps://c', ['urn:a', 'urn:b', 'https://c']],
    ['https://a/x,y', ['https://a/x,y']],
  ])('several resources are as many parameters (RFC 8707 2): %j', async (written, sent) => {
    const server = await serve(countingTokens());
    await request(server.url, { 'tokenService.body.resource': written });
    expect(server.received[0]?.form.getAll('resource')).toEqual(sent);
  });
});

const token = { access_token: 'abc', token_type: 'Bearer', expires_in: 60 };
const packed = (encoding: string, pack: (bytes: string) => Buffer): Answer => {
  const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
  return (_, response) => void response.writeHead(200, headers).end(pack(JSON.stringify(token)));
};

describe('an answer that is a token all the same', () => {
  test.each<[string, Answer]>([
    ['compressed with gzip', packed('gzip', (text) => gzipSync(text))],
    ['with GZIP', packed('GZIP', (text) => gzipSync(text))],
    ['with deflate', packed('deflate', (text) => deflateSync(text))],
    ['with brotli', packed('br', (text) => brotliCompressSync(text))],
    ['encoded as identity', packed('identity', (text) => Buffer.from(text))],
    ['with a byte order mark', (_, response) => void response.end(`\ufeff${JSON.stringify(token)}`)],
    [
      'in chunks',
      (_, response) => {
        for (const byte of JSON.stringify(token)) response.write(byte);
        response.end();
      },
    ],
    [
      'typed as text',
      (_, response) => void response.setHeader('content-type', 'text/plain').end(JSON.stringify(token)),
    ],
    ['with white space around', (_, response) => void response.end(`\r\n ${JSON.stringify(token)}\n`)],
  ])('%s', async (_, answer) => {
    const server = await serve(answer);
    expect(await request(server.url)).toMatchObject({ token: 'abc', expiresAt: 1_700_000_060_000 });
  });

  test.each<[string, unknown, number]>([
    ['text', '60', 60],
    ['a fraction', 59.5, 59.5],
    ['0', 0, 0],
    ['before its time', -1, -1],
    ['not said', undefined, 300],
    ['null', null, 300],
    ['empty', '', 300],
    ['no number', 'soon', 300],
  ])('whose expires_in is %s', async (_, expires_in, seconds) => {
    const server = await serve((_request, response) => json(response, 200, { ...token, expires_in }));
    expect((await request(server.url)).expiresAt).toBe(1_700_000_000_000 + seconds * 1000);
  });

  test.each(['bearer', 'BEARER', undefined])('whose token_type is %s', async (token_type) => {
    const server = await serve((_, response) => json(response, 200, { ...token, token_type }));
    expect((await request(server.url)).token).toBe('abc');
  });
});

describe('an answer that is none', () => {
  test.each<[string, Answer]>([
    ['200 with an error', (_, response) => json(response, 200, { error: 'invalid_scope' })],
    ['a token of another type', (_, response) => json(response, 200, { ...token, token_type: 'DPoP' })],
    ['gzip that is none', (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('no')],
    [
      'a bomb',
      (_, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000, ' '))),
    ],
    ['an unknown compression', packed('zstd-of-old', (text) => gzipSync(text))],
    ['no content', (_, response) => void response.writeHead(204).end()],
  ])('%s: 502', async (_, answer) => {
    const server = await serve(answer);
    const error = await request(server.url).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ status: 502, code: 'ERR_TOKEN_SERVICE' });
    expect(server.received).toHaveLength(1);
  });
});

test('a service with two addresses, of which one is dead', async () => {
  const server = await serve(countingTokens());
  // localhost is ::1, where nothing listens, and 127.0.0.1.
  const { port } = new URL(server.url);
  expect((await request(`http://localhost:${port}/oauth/token`)).token).toBe('token-1');
});

describe('a service in passing trouble is asked again (token-flows.md D5)', () => {
  const failing = (times: number, status: number, body: unknown = {}, headers: Record<string, string> = {}) => {
    const good = countingTokens();
    let left = times;
    return serve((asked, response) => (left-- > 0 ? json(response, status, body, headers) : good(asked, response)));
  };

  test.each([
    [408, 2],
    [502, 2],
    [504, 2],
    [500, 1],
    [503, 1],
  ])('%i, %i times', async (status, times) => {
    const server = await failing(times, status);
    const begun = performance.now();
    expect((await request(server.url)).token).toBe('token-1');
    expect(server.received).toHaveLength(times + 1);
    expect(performance.now() - begun).toBeGreaterThan(status === 500 || status === 503 ? 950 : 550);
  });

  test('502 for good is told after the third time', async () => {
    const server = await failing(9, 502);
    await expect(request(server.url)).rejects.toMatchObject({ status: 502, members: { tokenServiceStatus: 502 } });
    expect(server.received).toHaveLength(3);
  });

  test.each<[string, number, object, Record<string, string>]>([
    ['a refusal', 401, { error: 'invalid_client' }, {}],
    ['a refusal of the right', 403, {}, {}],
    ['a bad request', 400, { error: 'invalid_request' }, {}],
    ['what is told to be a refusal, whatever its status', 500, { error: 'invalid_grant' }, {}],
    ['one that says when to come back', 503, {}, { 'retry-after': '1' }],
    ['too many requests', 429, {}, {}],
  ])('%s is not', async (_, status, body, headers) => {
    const server = await failing(1, status, body, headers);
    await expect(request(server.url)).rejects.toBeInstanceOf(AppError);
    expect(server.received).toHaveLength(1);
  });

  test('nor is a grant that is spent by use', async () => {
    const server = await failing(1, 503);
    const spent = { grant_type: 'refresh_token', refresh_token: 'r' };
    await expect(request(server.url, {}, spent)).rejects.toBeInstanceOf(AppError);
    expect(server.received).toHaveLength(1);
  });

  test('nor one whose time is over', async () => {
    const server = await failing(1, 503);
    const quick = {
      'tokenServiceURL.ConnectionTimeoutInSeconds': '1',
      'tokenServiceURL.SocketReadTimeoutInSeconds': '1',
    };
    const begun = performance.now();
    await request(server.url, quick);
    expect(performance.now() - begun).toBeLessThan(2_000);
    const hopeless = await failing(9, 503);
    await expect(request(hopeless.url, quick)).rejects.toBeInstanceOf(AppError);
    expect(hopeless.received).toHaveLength(2);
  });
});
