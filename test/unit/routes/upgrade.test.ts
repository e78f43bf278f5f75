import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LoginHouse, loginHouse } from '../../support/make-house.ts';
import { type OpenHouse, openHouse } from '../../support/open-house.ts';
import { startTokenIssuer } from '../../support/token-issuer.ts';

const seen: { url: string; headers: Record<string, unknown> }[] = [];
const backend = createServer((_, response) => void response.writeHead(426).end('no'));
backend.on('upgrade', (request, socket) => {
  seen.push({ url: request.url ?? '', headers: request.headers });
  socket.on('error', () => {});
  if (request.headers.authorization === 'Bearer token-1')
    return void socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n\r\nhello');
});

let enabled: OpenHouse;
let disabled: OpenHouse;

beforeAll(async () => {
  await new Promise<void>((listening) => backend.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  const issuer = await startTokenIssuer();
  issuer.answerWith(async () => ({
    body: { access_token: `token-${issuer.requests.length}`, token_type: 'Bearer', expires_in: 3600 },
  }));
  const withToken = {
    Name: 'with-token',
    URL: url,
    Authentication: 'OAuth2ClientCredentials',
    clientId: 'c',
    clientSecret: 's',
    tokenServiceURL: `${issuer.origin}/token`,
  };
  const setup = (websockets: object): Promise<LoginHouse> =>
    loginHouse({
      xsApp: {
        websockets,
        welcomeFile: '/live/start',
        routes: [
          { source: '^/live/(.*)$', target: '/base/$1', destination: 'b', authenticationType: 'none' },
          { source: '^/token/', target: '/', destination: 'with-token', authenticationType: 'none' },
          { source: '^/shut/', destination: 'b' },
          { source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' },
        ],
      },
      env: { destinations: [{ name: 'b', url }, withToken] },
    });
  const made = await setup({ enabled: true });
  made.party.users.set('ada', {});
  enabled = await openHouse(made.house);
  disabled = await openHouse((await setup({ enabled: false })).house);
});
afterAll(() => void backend.close());
beforeEach(() => void seen.splice(0));

/** Says the words of an upgrade; returns all that came back. */
function upgrade(door: OpenHouse, target: string, more: Record<string, string> = {}): Promise<string> {
  const headers = {
    host: `127.0.0.1:${door.port}`,
    origin: door.origin,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...more,
  };
  const lines = Object.entries(headers)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`);
  return door.say(`GET ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

describe('an admitted upgrade becomes a tunnel (xs-app.md 8.8)', () => {
  test('with the path rewritten, and the client’s own key and protocol', async () => {
    const answer = await upgrade(enabled, '/live/x?y=1', {
      'sec-websocket-protocol': 'v1',
      cookie: 'JSESSIONID=x; a=1',
    });
    expect(statusOf(answer)).toBe(101);
    expect(answer).toMatch(/hello$/);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.url).toBe('/base/x?y=1');
    expect(seen[0]?.headers).toMatchObject({
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-protocol': 'v1',
      'x-forwarded-path': '/live/x',
      cookie: 'a=1',
    });
  });

  test('and one whose token the backend refuses is answered so, and the next goes with another', async () => {
    expect(statusOf(await upgrade(enabled, '/token/'))).toBe(401);
    expect(statusOf(await upgrade(enabled, '/token/'))).toBe(101);
    expect(seen.map(({ headers }) => headers['authorization'])).toEqual(['Bearer token-1', 'Bearer token-2']);
  });
});

describe('everything else is refused, by the same pipeline as any request (T-09, T-36)', () => {
  test.each<[string, string, Record<string, string>, number]>([
    ['a foreign origin', '/live/x', { origin: 'https://evil.example' }, 403],
    ['no origin', '/live/x', { origin: '' }, 403],
    ['origin null', '/live/x', { origin: 'null' }, 403],
    ['a protected route without a session', '/shut/x', {}, 403],
    ['a forged session', '/shut/x', { cookie: 'JSESSIONID=s%3Aforged.x' }, 403],
    ['a foreign origin at /, where a welcome file is', '/', { origin: 'https://evil.example' }, 403],
    ['no route', '/nowhere', {}, 404],
    ['dot segments', '/live/../shut/x', {}, 400],
    ['encoded ones (T-05)', '/live/%2e%2e/shut/x', {}, 400],
    ['a host that is none', '/live/x', { host: 'a/b' }, 400],
  ])('%s', async (_, target, headers, status) => {
    const answer = await upgrade(enabled, target, headers);
    expect(statusOf(answer)).toBe(status);
    expect(seen).toHaveLength(0);
  });

  test('what the house answers itself is no end of a tunnel', async () => {
    const machine = { 'x-approuter-authorization': 'Bearer ada' };
    for (const target of ['/', '/me/currentUser'])
      expect.soft(statusOf(await upgrade(enabled, target, machine)), target).toBeGreaterThanOrEqual(400);
  });

  test('switched off', async () => {
    expect(statusOf(await upgrade(disabled, '/live/x'))).toBe(403);
    expect(seen).toHaveLength(0);
  });

  test('the connection ends with the refusal: what follows it is not passed on (T-21)', async () => {
    const follower = 'GET /live/smuggled HTTP/1.1\r\nhost: a\r\n\r\n';
    const answer = await enabled.say(
      `GET /nowhere HTTP/1.1\r\nhost: 127.0.0.1:${enabled.port}\r\norigin: ${enabled.origin}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n${follower}`,
    );
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(answer).toMatch(/connection: close/i);
    expect(seen).toHaveLength(0);
  });

  test('an upgrade to another protocol is an ordinary request (RFC 9110 7.8)', async () => {
    const answer = await upgrade(enabled, '/live/x', { upgrade: 'h2c', connection: 'Upgrade, close' });
    expect(statusOf(answer)).toBe(426);
    expect(seen).toHaveLength(0);
  });

  test('the refusal is short and says what it is', async () => {
    const answer = await upgrade(enabled, '/nowhere');
    expect(answer).toMatch(/content-type: text\/html/i);
    expect(answer).toMatch(/Not Found$/);
  });
});
