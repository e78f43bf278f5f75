import type { Contestant } from '../peers/peer.ts';
import { askRaw } from './ask-raw.ts';
import { flood, pieceSize } from './flood.ts';

export type Direction = 'download' | 'upload';

/** Moves so many bytes through a proxy, once. @throws Error when not all of them arrive */
export const transfer = { download, upload } satisfies Record<
  Direction,
  (contestant: Contestant, bytes: number) => Promise<void>
>;

const piece = Buffer.alloc(pieceSize);

async function download({ name, origin, cookies }: Contestant, bytes: number): Promise<void> {
  let got = 0;
  let arrived = () => {};
  const take = (chunk: Buffer) => {
    got += chunk.length;
    if (got >= bytes) arrived();
  };
  const all = new Promise<void>((done) => {
    arrived = done;
  });
  const fields = [`Cookie: ${cookies[0]}`, 'Connection: close'];
  const { socket, head, status } = await askRaw({ origin, method: 'GET', path: `/api/zeros?${bytes}`, fields, take });
  const ended = new Promise<void>((done) => socket.once('close', () => done()));
  if (status === 200) await Promise.race([all, ended]);
  socket.destroy();
  if (status !== 200 || got !== bytes) throw new Error(`${name}: ${got} of ${bytes} bytes came down\n${head}`);
}

async function upload({ name, origin, cookies }: Contestant, bytes: number): Promise<void> {
  let told = '';
  const fields = [`Cookie: ${cookies[0]}`, 'Connection: close', `Content-Length: ${bytes}`];
  const { socket, head, status } = await askRaw({
    origin,
    method: 'PUT',
    path: '/api/sink',
    fields,
    take: (chunk) => {
      told += chunk.toString();
    },
    send: (connection) => void flood(connection, piece, bytes),
  });
  if (!socket.closed) await new Promise((done) => socket.once('close', done));
  if (status !== 200 || told !== String(bytes)) throw new Error(`${name}: ${told} of ${bytes} bytes went up\n${head}`);
}
