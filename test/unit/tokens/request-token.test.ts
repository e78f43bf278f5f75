import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../src/errors/app-error.ts';
import { requestToken } from '../../../src/tokens/request-token.ts';
import { destinationOf } from './support/destination-of.ts';
import { type Answer, countingTokens, json, startTokenServer, type TokenServer } from './support/token-server.ts';

const servers: (TokenServer | { close(): Promise<void> })[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(answer: Answer): Promise<TokenServer> {
  const server = await startTokenServer(answer);
  servers.push(server);
  return server;
}

async function request(tokenServiceURL: string, more: object = {}) {
  const { name, tokenService } = await destinationOf({
    Authentication: 'OAuth2ClientCredentials',
    clientId: 'c',
    clientSecret: 'very secret',
    tokenServiceURL,
    ...more,
  });
  const fields = { grant_type: 'client_credentials' };
  return requestToken({ destination: name, tokenService, fields, now: 1_700_000_000_000 });
}

async function refusal(tokenServiceURL: string, more: object = {}): Promise<AppError> {
  const error = await request(tokenServiceURL, more).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('a token request on the wire', () => {
  test('is a POST form with everything that is configured', async () => {
    const server = await serve(countingTokens());
    const answer = await request(`${server.url}?company_id=A`, {
      scope: 'a b',
      'tokenService.body.x': 'y',
      'tokenServiceURL.headers.X-Tenant': 'acme',
      'tokenServiceURL.queries.q': '1',
    });
    expect(answer).toEqual({ token: 'token-1', expiresAt: 1_700_000_000_000 + 3_599_000 });
    const [received] = server.received;
    expect(received).toMatchObject({ method: 'POST', path: '/oauth2/token?company_id=A&q=1' });
    expect(received?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'x-tenant': 'acme',
    });
    expect(Object.fromEntries(received?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b',
      client_id: 'c',
      client_secret: 'very secret',
      x: 'y',
    });
  });

  test('a kept connection that was closed meanwhile is no failure', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      const body = '{"access_token":"t"}';
      socket.on('error', () => undefined);
      socket.on('data', () => {
        if (connections === 1) socket.destroy();
        else socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      });
    });
    expect(await request(await listen(server))).toMatchObject({ token: 't' });
    expect(connections).toBe(2);
  });
});

describe('a refusal is decoded', () => {
  test('with who refused and why', async () => {
    const server = await serve((_, response) =>
      json(response, 401, {
        error: 'invalid_client',
        error_description: 'AADSTS7000215: Invalid client secret very secret.',
      }),
    );
    const error = await refusal(server.url);
    expect(error).toMatchObject({ code: 'ERR_TOKEN_SERVICE', status: 502 });
    expect(error.members).toEqual({
      destination: 'orders',
      tokenService: server.origin,
      tokenServiceStatus: 401,
      error: 'invalid_client',
      errorCode: 'AADSTS7000215',
      description: 'AADSTS7000215: Invalid client secret […].',
    });
  });

  test('without what was sent, though the service echoes it: form, headers, Basic, query', async () => {
    const server = await serve(({ rawBody, headers, path }, response) =>
      json(response, 401, {
        error: 'invalid_client',
        error_description: `No ${headers.authorization} ${rawBody} ${headers['x-key']} ${path}`,
      }),
    );
    const more = {
      clientSecret: 's€cret /+',
      'tokenServiceURL.headers.X-Key': 'api-key-1',
      'tokenServiceURL.queries.key': 'api key 2',
    };
    for (const inBody of ['true', 'false']) {
      const error = await refusal(server.url, { ...more, 'tokenService.addClientCredentialsInBody': inBody });
      const { rawBody, headers } = server.received.at(-1) ?? {};
      const told = JSON.stringify([error, error.detail]);
      expect(told).not.toMatch(/s€|%E2%82%AC/);
      expect(told).not.toContain('api-key-1');
      expect(told).not.toMatch(/api.{1,3}key.{1,3}2/);
      expect(told).not.toContain(new URLSearchParams(rawBody).get('client_secret') ?? 'none');
      expect(told).not.toContain(headers?.authorization?.split(' ')[1] ?? 'none');
    }
  });

  test.each<[string, Answer, string]>([
    [
      'a page',
      (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      'answers 200, but not a JSON object',
    ],
    [
      'no token',
      (_, response) => json(response, 200, { token: 'x' }),
      'answers 200, but without a usable access_token',
    ],
    [
      'an error with 200',
      (_, response) => json(response, 200, { error: 'invalid_grant' }),
      'does not accept the assertion',
    ],
    ['nothing', (_, response) => void response.writeHead(500, { 'retry-after': '9' }).end(), 'out of order'],
  ])('%s', async (_, answer, detail) => {
    const server = await serve(answer);
    expect((await refusal(server.url)).detail).toContain(detail);
  });

  test('a redirect is not followed, and no secret goes elsewhere (T-15)', async () => {
    const elsewhere = await serve(countingTokens());
    const server = await serve((_, response) => void response.writeHead(307, { location: elsewhere.url }).end());
    expect((await refusal(server.url)).detail).toContain('redirect, which is not followed');
    expect(elsewhere.received).toHaveLength(0);
  });
});

describe('a token service that does not serve', () => {
  test('nothing listens', async () => {
    const server = await startTokenServer(countingTokens());
    await server.close();
    const error = await refusal(server.url);
    expect(error).toMatchObject({ status: 502, members: { errorCode: 'ECONNREFUSED', tokenService: server.origin } });
    expect(error.detail).toContain('nothing listens there');
  });

  test('no such host', async () => {
    const error = await refusal('https://no-such-host.invalid/token');
    expect(error).toMatchObject({ status: 502 });
    expect(error.detail).toContain('cannot be resolved');
  });

  test('it never answers', async () => {
    const server = await serve(() => undefined);
    const began = Date.now();
    const error = await refusal(server.url, {
      'tokenServiceURL.ConnectionTimeoutInSeconds': '1',
      'tokenServiceURL.SocketReadTimeoutInSeconds': '1',
    });
    expect(error).toMatchObject({ status: 502 });
    expect(error.detail).toContain('does not answer in time');
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  test('it drips its answer for ever: the time limit is for the whole', async () => {
    const server = await serve(async (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(drip));
    });
    const began = Date.now();
    const error = await refusal(server.url, {
      'tokenServiceURL.ConnectionTimeoutInSeconds': '1',
      'tokenServiceURL.SocketReadTimeoutInSeconds': '1',
    });
    expect(error.detail).toContain('does not answer in time');
    expect(Date.now() - began).toBeLessThan(3_500);
  });

  test('its answer is larger than 1 MB', async () => {
    const server = await serve((_, response) => json(response, 200, { access_token: 'x'.repeat(1_100_000) }));
    expect((await refusal(server.url)).detail).toContain('larger than 1 MB');
  });

  test('it speaks no HTTP, and what it says is not repeated', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.end('220 secret-banner\r\n'));
    });
    const error = await refusal(await listen(server));
    expect(error.status).toBe(502);
    expect(JSON.stringify([error, error.detail, error.cause, { ...(error.cause as object) }])).not.toContain(
      'secret-banner',
    );
  });
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}
