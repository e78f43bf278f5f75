import { once } from 'node:events';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';

/** Server-sent events: each must arrive when it is sent, whatever the client could unpack. */
let backend: Backend;
let router: Router;
let stream: ServerResponse;
beforeAll(async () => {
  backend = await openBackend((request, response) => {
    stream = response;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
    if (request.url === '/silent') response.flushHeaders();
    else response.write('data: hello\n\n');
  });
  router = await openRouter({
    xsApp: {
      authenticationMethod: 'none',
      compression: { minSize: 0 },
      routes: [{ source: '^/', destination: 'events' }],
    },
    env: { destinations: [{ name: 'events', url: backend.origin, timeout: 300 }] },
  });
});

async function subscribe(headers: Record<string, string>, path = '/events'): Promise<IncomingMessage> {
  const [answer] = (await once(get(router.origin + path, { headers, agent: false }), 'response')) as [IncomingMessage];
  answer.on('error', () => {});
  return answer;
}

describe('an event', () => {
  test.each([
    ['nothing said of compression', {}],
    ['gzip accepted', { 'accept-encoding': 'gzip, deflate, br', accept: 'text/event-stream' }],
  ])('arrives while the stream is open, with %s', async (_, headers) => {
    const answer = await subscribe(headers);
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(String((await once(answer, 'data'))[0])).toBe('data: hello\n\n');
    for (let i = 0; i < 5; i++) {
      stream.write(`data: ${i}\n\n`);
      const [chunk] = (await once(answer, 'data')) as [Buffer];
      expect(chunk.toString()).toBe(`data: ${i}\n\n`);
    }
    answer.destroy();
    await once(stream, 'close');
  });

  test('need not come for the stream to be open: the head arrives before it', async () => {
    const answer = await subscribe({ accept: 'text/event-stream' }, '/silent');
    expect(answer.statusCode).toBe(200);
    stream.write('data: first\n\n');
    expect(String((await once(answer, 'data'))[0])).toBe('data: first\n\n');
    answer.destroy();
  }, 3_000);

  test('may come after a silence longer than the time in which the answer must begin', async () => {
    const answer = await subscribe({ accept: 'text/event-stream' });
    await once(answer, 'data');
    await new Promise((over) => setTimeout(over, 600));
    stream.write('data: late\n\n');
    expect(String((await once(answer, 'data'))[0])).toBe('data: late\n\n');
    stream.end();
    await once(answer.resume(), 'end');
    expect(answer.complete).toBe(true);
  });
});

describe('JSON that is written piece by piece', () => {
  test('arrives so: what is at hand is not held back for more', async () => {
    backend.answerWith((_, response) => {
      stream = response;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"first":1,');
    });
    const answer = await subscribe({ 'accept-encoding': 'identity' });
    expect(String((await once(answer, 'data'))[0])).toBe('{"first":1,');
    stream.end('"last":2}');
    await once(answer.resume(), 'end');
  });
});
