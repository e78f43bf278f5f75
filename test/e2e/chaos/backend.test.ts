import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { upgrade } from '../support/upgrade.ts';
import { fetchWhole, type Outcome, type Wish } from './support/fetch-whole.ts';
import { type Afloat, expectNothingLeft, openAfloat } from './support/open-afloat.ts';
import {
  type Behavior,
  type FaultyBackend,
  finish,
  openFaultyBackend,
  reset,
  saying,
} from './support/open-faulty-backend.ts';

/**
 * A backend that fails at every phase of an exchange. Whatever it does, the client learns the truth: 502 or 504, or an answer
 * that is visibly cut off, never one that looks complete; and the next request is served as ever.
 */
let backend: FaultyBackend;
let router: Afloat;
beforeAll(async () => {
  backend = await openFaultyBackend();
  const named = (name: string, more: object = {}) => ({ name, url: backend.origin, timeout: 5_000, ...more });
  router = await openAfloat({
    xsApp: {
      authenticationMethod: 'none',
      websockets: { enabled: true },
      routes: [{ source: '^/([a-z]+)/', target: '/', destination: '$1' }],
    },
    env: {
      PORTUNUS_BREAKER_FAILURES: '0',
      destinations: [
        ...['get', 'head', 'post'].map((method, i) =>
          named(`kept${method}`, { 'URL.connectionTimeoutInSeconds': 4 + i }),
        ),
        named('halfway', { 'URL.connectionTimeoutInSeconds': 8 }),
        named('quay'),
        named('hasty', { timeout: 400 }),
        named('brief', { 'URL.socketReadTimeoutInSeconds': 1 }),
        named('fresh', { 'URL.connectionTimeoutInSeconds': 3 }),
        { name: 'down', url: 'http://127.0.0.1:1' },
      ],
    },
  });
});
beforeEach(() => backend.forget());
afterEach(async () => {
  backend.recover();
  expect(await fetchWhole(router.port, '/quay/')).toEqual({ kind: 'whole', status: 200, text: 'well' });
  router.expectAfloat(['ERR_UPSTREAM_UNREACHABLE', 'ERR_UPSTREAM_TIMEOUT']);
});

const wishes: Readonly<Record<string, Wish>> = {
  GET: {},
  'POST with a body': { method: 'POST', body: 'x'.repeat(1_000) },
  'an upload of 4 MB': { method: 'PUT', body: Buffer.alloc(4_000_000) },
  'an event stream': { headers: { accept: 'text/event-stream' } },
};

const ok = 'HTTP/1.1 200 OK\r\n';
const lines = (count: number, length: number) =>
  Array.from({ length: count }, (_, i) => `X-${i}: ${'y'.repeat(length)}\r\n`).join('');

/** What the backend says to a request before its connection ends, and what the client gets to see. */
const faults: readonly (readonly [what: string, truth: 'no answer' | 'a broken one', says: string])[] = [
  ['nothing', 'no answer', ''],
  ['half a status line', 'no answer', 'HTTP/1.1 20'],
  ['a status line', 'no answer', ok],
  ['half a header', 'no answer', `${ok}Content-Le`],
  ['headers without their end', 'no answer', `${ok}Content-Length: 10\r\n`],
  ['an interim answer', 'no answer', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'],
  ['a head without the body it promises', 'a broken one', `${ok}Content-Length: 10\r\n\r\n`],
  ['half a body', 'a broken one', `${ok}Content-Length: 10\r\n\r\nhalf `],
  ['a head without a chunk', 'a broken one', `${ok}Transfer-Encoding: chunked\r\n\r\n`],
  ['half a chunk', 'a broken one', `${ok}Transfer-Encoding: chunked\r\n\r\na\r\nhalf `],
  ['chunks without the last', 'a broken one', `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n`],
  ['a chunk of no size', 'a broken one', `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\nzz\r\n`],
  [
    'half an event',
    'a broken one',
    `${ok}Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n6\r\ndata: `,
  ],
  ['another protocol', 'no answer', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['a TLS alert', 'no answer', '\x15\x03\x03\x00\x02\x02\x28'],
  ['noise', 'no answer', '\x00\xff\x80\r\n\r\n\x00'.repeat(50)],
  ['a status that is none', 'no answer', 'HTTP/1.1 999999 OK\r\n\r\n'],
  ['a length that is none', 'no answer', `${ok}Content-Length: -5\r\n\r\n`],
  ['two lengths', 'no answer', `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nwhole!`],
  ['an enormous header', 'no answer', `${ok}${lines(1, 100_000)}Content-Length: 0\r\n\r\n`],
  ['thousands of headers', 'no answer', `${ok}${lines(1_500, 20)}Content-Length: 0\r\n\r\n`],
];

/** 502, or an answer that its reader sees is none: cut off, or the connection with it before a byte has come. */
const told = (outcome: Outcome) =>
  outcome.kind === 'whole' ? outcome.status : outcome.kind === 'cut' ? `${outcome.status}, cut` : 'broken off';
const truths: Readonly<Record<string, readonly unknown[]>> = {
  'no answer': [502],
  'a broken one': ['200, cut', 'broken off'],
  // Whether our writing fails first, or the answer breaks first, is a matter of microseconds.
  'an upload': [502, '200, cut', 'broken off'],
};

const fetchAll = (name: string) =>
  Promise.all(
    Object.entries(wishes).map(
      async ([what, wish]) => [what, told(await fetchWhole(router.port, `/${name}/`, wish))] as const,
    ),
  );

describe('the backend ends the connection after', () => {
  test.each(faults)('%s: %s', async (_what, truth, says) => {
    for (const end of [reset, finish]) {
      backend.behave(saying(says, end));
      for (const [what, seen] of await fetchAll('quay'))
        expect(truths[what.startsWith('an upload') ? 'an upload' : truth], what).toContain(seen);
    }
  });

  test('having accepted it: no answer', async () => {
    for (const end of [reset, finish]) {
      backend.greet(end);
      for (const [what, seen] of await fetchAll('fresh')) expect(seen, what).toBe(502);
    }
  });

  test('refusing it: no answer', async () => {
    for (const [what, seen] of await fetchAll('down')) expect(seen, what).toBe(502);
  });
});

describe('a backend that', () => {
  test('sends interim answers for ever: 504 after its time, as one that is silent', async () => {
    backend.behave((socket) => {
      const talking = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'), 5);
      socket.once('close', () => clearInterval(talking));
    });
    expect((await fetchAll('hasty')).map(([, seen]) => seen)).toEqual([504, 504, 504, 504]);
  });

  test('sends them as fast as it can: 504 or 502, and others are served meanwhile', async () => {
    backend.behave((socket) => {
      // node tells what waits behind a write that failed of it before the socket is destroyed: who writes on then never ends.
      const flood = (failed?: Error | null) => {
        if (failed || socket.destroyed) return;
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'.repeat(500), flood);
      };
      flood();
    });
    const flooded = fetchWhole(router.port, '/hasty/');
    expect([502, 504]).toContain(told(await flooded));
  });

  test('promises more than it sends, and stays: cut off after the time for a piece', async () => {
    backend.behave((socket) => void socket.write(`${ok}Content-Length: 10\r\n\r\nhalf `));
    expect(told(await fetchWhole(router.port, '/brief/'))).toBe('200, cut');
  });

  test('sends more than it promised: what was promised, and nothing of the rest reaches anybody', async () => {
    const behind = `${ok}Content-Length: 6\r\n\r\npoison`;
    backend.behave((socket) => void socket.write(`${ok}Content-Length: 4\r\n\r\nwell${behind}`));
    for (let i = 0; i < 10; i++) {
      const outcome = await fetchWhole(router.port, '/quay/');
      if (outcome.kind !== 'none') expect('well'.startsWith(outcome.text) || outcome.status === 502).toBe(true);
      expect(JSON.stringify(outcome)).not.toContain('poison');
    }
  });

  test.each(['gzip, chunked', 'chunked, chunked', 'xchunked'])(
    'sends its body in another coding than it may (%s): no answer, rather than one that nobody can read',
    async (coding) => {
      backend.behave(saying(`${ok}Transfer-Encoding: ${coding}\r\n\r\n4\r\nwell\r\n0\r\n\r\n`, finish));
      expect(told(await fetchWhole(router.port, '/quay/'))).toBe(502);
    },
  );

  test('sends trailers: the answer is whole', async () => {
    backend.behave(
      (socket) =>
        void socket.write(
          `${ok}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nwell\r\n0\r\nX-Sum: 1\r\n\r\n`,
        ),
    );
    expect(await fetchWhole(router.port, '/quay/')).toEqual({ kind: 'whole', status: 200, text: 'well' });
  });

  test('answers an upload before its end and closes: the answer arrives, and the rest is not wanted', async () => {
    backend.behave(saying('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n', finish));
    expect([413, 502]).toContain(told(await fetchWhole(router.port, '/quay/', wishes['an upload of 4 MB'])));
  });

  test.each([
    ['GET', 200, 1],
    ['HEAD', 200, 1],
    ['POST', 502, 0],
  ] as const)(
    'closes a kept connection just when it is used for %s: %i, %i more call',
    async (method, status, more) => {
      const name = `kept${method.toLowerCase()}`;
      expect((await fetchWhole(router.port, `/${name}/`)).kind).toBe('whole');
      backend.forget();
      const used = backend.connections();
      backend.behave((socket) => {
        backend.recover();
        socket.resetAndDestroy();
      });
      expect(told(await fetchWhole(router.port, `/${name}/`, { method }))).toBe(status);
      expect(backend.requests).toHaveLength(1 + more);
      expect(backend.connections() - used).toBe(more);
    },
  );

  test.each([
    ['half a status line', 'HTTP/1.1 20'],
    ['half a header', `${ok}Content-Le`],
    ['an interim answer', 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n'],
  ])('closes a kept connection after %s: 502, and it is not asked again', async (_, says) => {
    for (const end of [reset, finish]) {
      backend.recover();
      expect((await fetchWhole(router.port, '/halfway/')).kind).toBe('whole');
      backend.forget();
      backend.behave(saying(says, end));
      expect(told(await fetchWhole(router.port, '/halfway/'))).toBe(502);
      expect(backend.requests).toHaveLength(1);
    }
  });

  test.each([
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhalf '],
    ['HTTP/1.1', `${ok}Connection: close\r\n\r\nhalf `],
  ])(
    'resets an answer of %s that ends with its connection: a broken one, where an orderly end is the whole',
    async (_, says) => {
      backend.behave(saying(says, reset));
      expect(['200, cut', 'broken off']).toContain(told(await fetchWhole(router.port, '/quay/')));
      backend.behave(saying(says, finish));
      expect(await fetchWhole(router.port, '/quay/')).toEqual({ kind: 'whole', status: 200, text: 'half ' });
    },
  );

  test('breaks off is seen to do so by clients of HTTP/1.0, too, for whom the end of the connection ends the answer', async () => {
    backend.behave(saying(`${ok}Transfer-Encoding: chunked\r\n\r\na\r\nhalf `, reset));
    const socket = connect(router.port, '127.0.0.1', () => socket.write('GET /quay/ HTTP/1.0\r\nHost: x\r\n\r\n'));
    let come = '';
    socket.on('data', (chunk) => {
      come += chunk;
    });
    const end = await new Promise<string>((told) => {
      socket.once('error', (cause: NodeJS.ErrnoException) => told(cause.code ?? ''));
      socket.once('end', () => told(`as if it were complete: ${come}`));
    });
    expect(end).toBe('ECONNRESET');
  });
});

describe('a WebSocket whose backend', () => {
  const accept = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';

  test.each<[string, Behavior, unknown]>([
    ['resets before its answer', saying('', reset), 502],
    ['leaves before its answer', saying('', finish), 502],
    ['breaks off in its status line', saying('HTTP/1.1 10', reset), 502],
    ['breaks off in its headers', saying('HTTP/1.1 101 Switching Protocols\r\nUpgr', finish), 502],
    ['answers nonsense', saying('SSH-2.0-OpenSSH_9.2\r\n', finish), 502],
    ['is silent', () => {}, 504],
    [
      'sends interim answers for ever',
      (socket) => {
        const talking = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 5);
        socket.once('close', () => clearInterval(talking));
      },
      504,
    ],
  ])('%s is answered', async (_, behavior, status) => {
    backend.behave(behavior);
    expect((await upgrade(router.origin, '/hasty/')).status).toBe(status);
  });

  test.each<[string, string, (socket: Socket) => void]>([
    ['resets after 101', accept, reset],
    ['leaves after 101', accept, finish],
    ['resets in the middle of a frame', `${accept}\x81\x0ahalf `, reset],
    ['leaves in the middle of a frame', `${accept}\x81\x0ahalf `, finish],
  ])('%s is closed, without a frame made up', async (_, bytes, end) => {
    backend.behave((socket) => void socket.write(bytes, 'latin1', () => setTimeout(end, 30, socket)));
    const { status, tunnel } = await upgrade(router.origin, '/quay/');
    expect(status).toBe(101);
    const frame = tunnel?.next();
    await expect(frame).rejects.toThrow('closed');
    await tunnel?.closed;
  });
});

test('three hundred faults of every kind leave nothing behind: no socket, no timer, no memory', async () => {
  const round = async () => {
    for (const [, , says] of faults) {
      backend.behave(saying(says, reset));
      const more = Array.from({ length: 9 }, () => fetchWhole(router.port, '/quay/'));
      await Promise.all([fetchAll('quay'), ...more]);
    }
    backend.behave(
      saying(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x0ahalf',
        reset,
      ),
    );
    await Promise.all(Array.from({ length: 20 }, async () => (await upgrade(router.origin, '/quay/')).tunnel?.closed));
    backend.recover();
  };
  await round();
  const before = await router.held();
  await round();
  await expectNothingLeft(router, before);
  const after = await router.held();
  expect(after.heap - before.heap, `${before.heap} → ${after.heap}`).toBeLessThan(2_500_000);
}, 60_000);
