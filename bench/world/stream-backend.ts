import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { flood, pieceSize } from '../load/flood.ts';
import { readSlowly } from '../load/read-slowly.ts';

// What long bodies and WebSockets are measured with: HTTP by hand on bare sockets, one request a connection, because the
// ends must not be what limits. PORT: where; SECONDS: for how long a slow reader reads before it stops.
const { PORT, SECONDS = '1' } = process.env;
const slowly = Number(SECONDS);
const zeros = Buffer.alloc(pieceSize);
/** A binary message (RFC 6455 5.2) of 16 KB, sixteen times. */
const messages = Buffer.concat(
  Array<Buffer>(16).fill(Buffer.concat([Buffer.from([0x82, 126, 0x40, 0x00]), Buffer.alloc(16_384)])),
);
const events = Buffer.from(`data: ${'x'.repeat(1_000)}\n\n`.repeat(256));

/** A request, as far as it matters here; its socket is paused. `rest` is what of the body came with the head. */
interface Asked {
  readonly socket: Socket;
  readonly size: number;
  readonly length: number;
  readonly key: string;
  readonly rest: Buffer;
}

const answers: Readonly<Record<string, (asked: Asked) => void>> = {
  'GET /api/zeros': async ({ socket, size }) => {
    socket.write(head(200, `content-type: application/octet-stream\r\ncontent-length: ${size}`));
    await flood(socket, zeros, size);
    socket.end();
  },
  'PUT /api/sink': ({ socket, length, rest }) => {
    let got = 0;
    const take = (chunk: Buffer) => {
      got += chunk.length;
      if (got < length) return;
      const told = String(got);
      socket.end(`${head(200, `content-type: text/plain\r\ncontent-length: ${told.length}`)}${told}`);
    };
    take(rest);
    socket.on('data', take).resume();
  },
  'PUT /api/deaf': ({ socket }) => readSlowly(socket, slowly),
  'GET /api/events': ({ socket }) => {
    socket.write(head(200, 'content-type: text/event-stream'));
    void flood(socket, events);
  },
  'GET /api/flood': (asked) => {
    accept(asked);
    void flood(asked.socket, messages);
  },
  'GET /api/listens-slowly': (asked) => {
    accept(asked);
    readSlowly(asked.socket, slowly);
  },
  'GET /api/silent': (asked) => {
    accept(asked);
    asked.socket.resume();
  },
};

createServer((socket) => {
  let seen = Buffer.alloc(0);
  const read = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    const end = seen.indexOf('\r\n\r\n');
    if (end < 0) return;
    socket.off('data', read).pause();
    const text = seen.subarray(0, end).toString('latin1');
    const [, method, path, size] = /^(\S+) ([^ ?]+)(?:\?(\d+))? /.exec(text) ?? [];
    const field = (name: string) => new RegExp(`^${name}: *(\\S+)`, 'im').exec(text)?.[1];
    const answer = answers[`${method} ${path}`];
    if (answer === undefined) return void socket.end(head(404, 'content-length: 0'));
    answer({
      socket,
      size: Number(size ?? 0),
      length: Number(field('content-length') ?? 0),
      key: field('sec-websocket-key') ?? '',
      rest: seen.subarray(end + 4),
    });
  };
  socket.on('data', read);
  socket.on('error', () => socket.destroy());
}).listen(Number(PORT), '127.0.0.1');

function head(status: number, fields: string): string {
  return `HTTP/1.1 ${status} -\r\nconnection: close\r\n${fields}\r\n\r\n`;
}

/** RFC 6455 4.2.2. */
function accept({ socket, key }: Asked): void {
  const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${proof}\r\n\r\n`,
  );
}
