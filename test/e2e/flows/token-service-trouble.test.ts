import type { RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ask, type Reply } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';

/** A token service that does not do its work must not cost more than its destination: 502, soon, and nothing leaks. */
let api: Backend;
let tokens: Backend;
let elsewhere: Backend;
let router: Router;
const secret = 'quite-a-secret/+=';
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  [api, tokens, elsewhere] = await Promise.all([openBackend(), openBackend(), openBackend()]);
  const tokenServiceURL = `${tokens.origin}/token`;
  const base = {
    url: api.origin,
    Authentication: 'OAuth2ClientCredentials',
    clientId: 'harbour',
    clientSecret: secret,
    'tokenServiceURL.SocketReadTimeoutInSeconds': 1,
  };
  router = await openRouter({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/([a-z]+)/', target: '/', destination: '$1' }] },
    env: {
      destinations: [
        { ...base, name: 'api', tokenServiceURL },
        { ...base, name: 'basic', tokenServiceURL, 'tokenService.addClientCredentialsInBody': false },
        { ...base, name: 'down', tokenServiceURL: 'http://127.0.0.1:1/token' },
        { name: 'open', url: api.origin },
      ],
    },
  });
});
beforeEach(() => {
  // A refusal stands for a while, and a client that is refused pauses for longer each time: all that is over.
  vi.advanceTimersByTime(7_200_000);
  for (const backend of [api, tokens, elsewhere]) backend.forget();
});
afterAll(() => void vi.useRealTimers());

const call = (path = '/api/ships') => ask(router.origin, path, { headers: { accept: 'application/json' } });
const json = (response: ServerResponse, body: unknown, status = 200) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

function expectNoToken({ status, headers, text: body }: Reply) {
  expect(status).toBe(502);
  expect(headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(body)).toMatchObject({ code: 'ERR_TOKEN_SERVICE', hint: expect.any(String) });
  expect(body).not.toContain(secret);
  expect(body).not.toContain(encodeURIComponent(secret));
  expect(api.received, 'the backend is not called').toHaveLength(0);
}

describe('a token service', () => {
  test('that is down: 502 at once', async () => {
    const begun = performance.now();
    expectNoToken(await call('/down/ships'));
    expect(performance.now() - begun).toBeLessThan(900);
  });

  test('that does not answer: 502 after its time, and other destinations do not wait for it', async () => {
    tokens.answerWith(() => {});
    const begun = performance.now();
    const slow = call();
    const first = await Promise.race([slow, call('/open/ships')]);
    expect(first.status).toBe(200);
    api.forget();
    expectNoToken(await slow);
    expect(performance.now() - begun).toBeLessThan(2_500);
  });

  test('that begins an answer and never ends it: 502 after its time', async () => {
    tokens.answerWith((_, response) => void response.writeHead(200).write('{"access_token":"abc'));
    const begun = performance.now();
    expectNoToken(await call());
    expect(performance.now() - begun).toBeLessThan(2_500);
  });

  const answers: Record<string, RequestListener> = {
    'a page': (_, response) => void response.setHeader('content-type', 'text/html').end('<h1>Sign in</h1>'),
    'JSON that is cut off': (_, response) => void response.end('{"access_token":"abcdef'),
    'JSON without a token': (_, response) => json(response, { token_type: 'Bearer', expires_in: 3600 }),
    'an array': (_, response) => json(response, [{ access_token: 'abc' }]),
    'a token that is no text': (_, response) => json(response, { access_token: { a: 1 }, token_type: 'Bearer' }),
    'an empty token': (_, response) => json(response, { access_token: '', token_type: 'Bearer' }),
    'a token that would be two headers (T-23)': (_, response) =>
      json(response, { access_token: 'abc\r\nx-evil: 1', token_type: 'Bearer' }),
    nothing: (_, response) => void response.end(),
    '2 MB': (_, response) => json(response, { access_token: 'a'.repeat(2_000_000), token_type: 'Bearer' }),
    'an error of its own': (_, response) =>
      void response.writeHead(500, { 'retry-after': '1' }).end('Stack trace: at main'),
    'an echo of what it was sent': async (request, response) => {
      const said = `No ${request.headers.authorization} ${await text(request)}`;
      json(response, { error: 'invalid_client', error_description: said }, 401);
    },
    'a broken connection': (request) => void request.socket.destroy(),
  };
  test.each(Object.keys(answers))('that answers %s: 502', async (which) => {
    tokens.answerWith(answers[which]);
    expectNoToken(await call());
    expect(tokens.received.length, 'it was asked').toBeGreaterThan(0);
  });

  test('that echoes what it was sent as Basic: nothing of it comes back either', async () => {
    tokens.answerWith(answers['an echo of what it was sent']);
    const reply = await call('/basic/ships');
    expectNoToken(reply);
    const [, basic = 'none'] = tokens.last().headers.authorization?.split(' ') ?? [];
    expect(basic.length).toBeGreaterThan(20);
    expect(reply.text).not.toContain(basic);
  });

  test.each([301, 302, 303, 307, 308])('that redirects with %i is not followed (T-15)', async (status) => {
    const location = `${elsewhere.origin}/token`;
    tokens.answerWith((_, response) => void response.writeHead(status, { location }).end());
    expectNoToken(await call());
    expect(elsewhere.received).toHaveLength(0);
  });

  test('that refuses is asked once by twenty callers who wait for it, each with a request id', async () => {
    tokens.answerWith((_, response) => void setTimeout(() => json(response, { error: 'invalid_scope' }, 400), 200));
    const replies = await Promise.all(Array.from({ length: 20 }, () => call()));
    for (const reply of replies) expectNoToken(reply);
    expect(tokens.received).toHaveLength(1);
    expect(new Set(replies.map(({ headers }) => headers['x-request-id'])).size).toBe(20);
  });

  test('whose token comes when the caller has left: the backend is not called for nobody', async () => {
    tokens.answerWith(
      (_, response) => void setTimeout(() => json(response, { access_token: 'a', expires_in: 1 }), 200),
    );
    await fetch(`${router.origin}/api/ships`, { signal: AbortSignal.timeout(100) }).catch(() => {});
    await new Promise((over) => setTimeout(over, 300));
    expect([tokens.received.length, api.received.length]).toEqual([1, 0]);
  });

  test('that works again is asked again: no failure is kept for ever', async () => {
    tokens.answerWith((_, response) => json(response, { access_token: 'abc', token_type: 'Bearer', expires_in: 3600 }));
    expect((await call()).status).toBe(200);
    expect(api.last().headers.authorization).toBe('Bearer abc');
  });
});
