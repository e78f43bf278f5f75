import { Duplex, PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { closeTunnel, isOpen, watchTunnel } from '../../../src/forwarding/close-tunnel.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => void vi.useRealTimers());

/** A client's end that keeps what it is sent, joined with an upstream as the tunnel is. */
function tunnel() {
  const sent: Buffer[] = [];
  const client = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      sent.push(chunk);
      done();
    },
  });
  const upstream = new PassThrough();
  upstream.pipe(client);
  watchTunnel(client, upstream);
  return { client, upstream, bytes: () => Buffer.concat(sent) };
}

const turn = () => new Promise((go) => setImmediate(go));
const close = Buffer.concat([Buffer.from([0x88, 15, 0x11, 0x31]), Buffer.from('session ended')]);

describe('an open tunnel is closed', () => {
  test('at once between two frames', async () => {
    const { client, upstream, bytes } = tunnel();
    upstream.write(Buffer.from([0x81, 2, 104, 105]));
    await turn();
    closeTunnel(client, 4401, 'session ended');
    await turn();
    expect(bytes()).toEqual(Buffer.concat([Buffer.from([0x81, 2, 104, 105]), close]));
    expect(client.writableEnded).toBe(true);
  });

  test('after the frame that is under way, so that the client can read both', async () => {
    const { client, upstream, bytes } = tunnel();
    upstream.write(Buffer.from([0x81, 4, 1, 2]));
    await turn();
    closeTunnel(client, 4401, 'session ended');
    await turn();
    expect(client.writableEnded).toBe(false);
    upstream.write(Buffer.from([3, 4]));
    await turn();
    expect(bytes()).toEqual(Buffer.concat([Buffer.from([0x81, 4, 1, 2, 3, 4]), close]));
  });

  test('by cutting it, when the frame does not come to its end', async () => {
    const { client, upstream } = tunnel();
    upstream.write(Buffer.from([0x81, 100, 1]));
    await turn();
    closeTunnel(client, 4401, 'session ended');
    vi.advanceTimersByTime(1_000);
    expect(client.destroyed).toBe(true);
    expect(isOpen(client)).toBe(false);
  });

  test('once, however often it is told to', async () => {
    const { client, bytes } = tunnel();
    for (let i = 0; i < 3; i++) closeTunnel(client, 4401, 'session ended');
    await turn();
    expect(bytes()).toEqual(close);
  });
});
