import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { type ClientHttp2Session, type ClientHttp2Stream, constants, connect as openSession } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { openRouter, type Router } from '../support/open-router.ts';

/** Either end may leave at any time; the other one must learn it, and nobody may take half a body for a whole one. */
let backend: Backend;
let router: Router;
beforeAll(async () => {
  backend = await openBackend();
  router = await openRouter({
    xsApp: { authenticationMethod: 'none', routes: [{ source: '^/([a-z]+)/', destination: '$1' }] },
    env: {
      destinations: [
        { name: 'backend', url: backend.origin, timeout: 400 },
        { name: 'hasty', url: backend.origin, timeout: 100 },
        { name: 'patient', url: backend.origin, timeout: 1_200 },
        { name: 'down', url: 'http://127.0.0.1:1' },
        { name: 'nowhere', url: 'http://nowhere.invalid' },
      ],
    },
  });
});
beforeEach(() => {
  backend.forget();
  backend.answerWith(undefined);
});

const begun = async (path = '/backend/'): Promise<IncomingMessage> => {
  const [answer] = (await once(get(router.origin + path, { agent: false }), 'response')) as [IncomingMessage];
  return answer;
};
const read = async (answer: IncomingMessage) => Buffer.concat((await answer.toArray()) as Buffer[]).toString();

interface Waiting {
  readonly session: ClientHttp2Session;
  readonly stream: ClientHttp2Stream;
  readonly socket: Socket;
}

describe('a client that leaves', () => {
  test('while it reads cancels the request at the backend', async () => {
    const left = new Promise<void>((gone) => {
      backend.answerWith((_, response) => {
        response.write('a little');
        response.once('close', gone);
      });
    });
    const answer = await begun();
    answer.once('error', () => {});
    answer.destroy();
    await left;
  });

  test('while it waits cancels the request at the backend, long before that would be too slow', async () => {
    let leave = () => {};
    const left = new Promise<number>((gone) => {
      backend.answerWith((incoming) => {
        const since = performance.now();
        incoming.once('close', () => gone(performance.now() - since));
        leave();
      });
    });
    const asking = get(`${router.origin}/backend/`, { agent: false });
    asking.on('error', () => {});
    leave = () => void asking.destroy();
    expect(await left).toBeLessThan(300);
  });

  test('while it waits, over HTTP/2, cancels the request at the backend, whatever it says goodbye with', async () => {
    const { port, origin } = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'backend' }] },
      env: { HTTP2_SUPPORT: 'true', destinations: [{ name: 'backend', url: backend.origin }] },
    });
    for (const leave of [
      ({ session }: Waiting) => session.destroy(),
      ({ stream }: Waiting) => stream.close(constants.NGHTTP2_CANCEL),
      ({ socket }: Waiting) => void socket.end(),
      ({ socket }: Waiting) => void socket.resetAndDestroy(),
    ]) {
      const arrived = new Promise<IncomingMessage>((came) => backend.answerWith(came));
      const socket = connect(port, '127.0.0.1');
      const session = openSession(origin, { createConnection: () => socket });
      session.on('error', () => {});
      const stream = session.request({ ':path': '/' });
      stream.on('error', () => {});
      const incoming = await arrived;
      const left = once(incoming.socket, 'close');
      leave({ session, stream, socket });
      await left;
      session.destroy();
    }
  }, 20_000); // less than the time for the answer

  test('before it has said which protocol it speaks is let go of', async () => {
    const { port } = await openRouter({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'backend' }] },
      env: { HTTP2_SUPPORT: 'true', destinations: [{ name: 'backend', url: backend.origin }] },
    });
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end());
    await once(socket.resume(), 'end');
  }, 20_000);

  test('in the middle of its body breaks the body off at the backend, too', async () => {
    const broken = new Promise<boolean>((ended) => {
      backend.answerWith((incoming) => {
        incoming.once('end', () => ended(false));
        incoming.once('error', () => ended(true));
        incoming.resume();
      });
    });
    const sending = request(`${router.origin}/backend/`, {
      method: 'PUT',
      headers: { 'content-length': '10' },
      agent: false,
    });
    sending.on('error', () => {});
    sending.write('half ');
    await new Promise((over) => setTimeout(over, 100));
    sending.destroy();
    expect(await broken).toBe(true);
  });
});

describe('a backend that breaks off', () => {
  test.each([
    ['a body of known length', { 'content-length': '100' }],
    ['a chunked body', {}],
    ['a body that we compress', { 'content-type': 'text/plain' }],
  ])('in the middle of %s: the client sees a broken body, not a short one', async (_, headers) => {
    backend.answerWith((_request, response) => {
      response.writeHead(200, headers);
      response.write('x'.repeat(50));
      setTimeout(() => response.destroy(), 50);
    });
    const asking = get(`${router.origin}/backend/`, { agent: false, headers: { 'accept-encoding': 'gzip' } });
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    await expect(read(answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(answer.complete).toBe(false);
  });

  test('before its answer: 502 without an address in it', async () => {
    backend.answerWith((incoming) => void incoming.socket.destroy());
    const reply = await ask(router.origin, '/backend/', { headers: { accept: 'application/json' } });
    expect(reply.status).toBe(502);
    expect(JSON.parse(reply.text)).toMatchObject({
      code: 'ERR_UPSTREAM_UNREACHABLE',
      requestId: reply.headers['x-request-id'],
    });
    expect(reply.text).not.toContain('127.0.0.1');
  });

  test('after a nonsense head: 502', async () => {
    backend.answerWith((incoming) => void incoming.socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    expect((await ask(router.origin, '/backend/')).status).toBe(502);
  });
});

describe('a backend that', () => {
  test.each(['/down/', '/nowhere/'])(
    'is not there (%s): 502, the reason phrase for who reads nothing else',
    async (path) => {
      const reply = await ask(router.origin, path);
      expect([reply.status, reply.text]).toEqual([502, 'Bad Gateway']);
      expect(reply.headers['cache-control']).toContain('no-store');
    },
  );

  test('does not answer in its time: 504, and its connection is given up', async () => {
    const left = new Promise<void>((gone) => {
      backend.answerWith((incoming) => void incoming.once('close', gone));
    });
    const startedAt = performance.now();
    const reply = await ask(router.origin, '/backend/', { headers: { accept: 'application/json' } });
    expect(reply.status).toBe(504);
    expect(JSON.parse(reply.text)).toMatchObject({ code: 'ERR_UPSTREAM_TIMEOUT' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    await left;
  });

  test.each([
    ['hasty', 500, 504],
    ['backend', 700, 504],
    ['patient', 1_000, 200],
    ['patient', 1_450, 504],
  ])('answers %s after %i ms: %i, for limits count to the millisecond', async (destination, delay, status) => {
    backend.answerWith((_, response) => void setTimeout(() => response.end('late'), delay));
    expect((await ask(router.origin, `/${destination}/`)).status).toBe(status);
  });

  test('waits for a body as long as it comes: its time begins with the end of the request', async () => {
    const upload = request(`${router.origin}/hasty/`, { method: 'POST', agent: false });
    const answered = once(upload, 'response');
    for (let i = 0; i < 5; i++) {
      upload.write('part');
      await new Promise((later) => setTimeout(later, 60));
    }
    upload.end();
    const [answer] = (await answered) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    answer.resume();
  });

  test('answers in its time may take longer for the body', async () => {
    backend.answerWith((_, response) => {
      response.write('first ');
      setTimeout(() => response.end('last'), 900);
    });
    expect(await read(await begun())).toBe('first last');
  });
});
