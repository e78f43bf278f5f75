import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { bodyOf } from '../../../src/forwarding/body-of.ts';

const sent = () => {
  const request = new PassThrough();
  const response = Object.assign(new EventEmitter(), { writableFinished: false });
  const body = bodyOf(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  return { request, response, body };
};

describe("a request's body, handed to undici", () => {
  test('flows, and tells its end', async () => {
    const { request, body } = sent();
    const chunks: Buffer[] = [];
    body.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise<void>((done) => body.on('end', () => done()));
    request.write('half ');
    request.end('and half');
    body.resume();
    await ended;
    expect(Buffer.concat(chunks).toString()).toBe('half and half');
    expect(body.readableEnded).toBe(true);
  });

  test('is paused by the one that listens, as `this` too', async () => {
    const { request, body } = sent();
    const seen = vi.fn();
    body.on('data', function (this: typeof body, chunk: Buffer) {
      seen(chunk.toString());
      this.pause();
    });
    request.write('one');
    await vi.waitFor(() => expect(seen).toHaveBeenCalledWith('one'));
    request.write('two');
    expect(request.isPaused()).toBe(true);
    body.resume();
    await vi.waitFor(() => expect(seen).toHaveBeenCalledWith('two'));
  });

  test('destroyed, it leaves the request alive and tells why, once; the rest is thrown away behind the answer', async () => {
    const { request, response, body } = sent();
    const failed = vi.fn();
    body.on('error', failed);
    body.on('data', () => {});
    const cause = new Error('the upstream has gone');
    body.destroy(cause);
    body.destroy(new Error('again'));
    await vi.waitFor(() => expect(failed).toHaveBeenCalledExactlyOnceWith(cause));
    expect(request.destroyed).toBe(false);
    expect(request.isPaused()).toBe(true);
    response.emit('finish');
    expect(request.isPaused()).toBe(false);
  });

  test('destroyed behind the answer, it goes on to be thrown away', async () => {
    const { request, response, body } = sent();
    body.on('data', () => {});
    body.pause();
    response.writableFinished = true;
    body.destroy();
    expect(request.isPaused()).toBe(false);
  });

  test('listeners that were taken back hear nothing, each by each event', async () => {
    const { request, body } = sent();
    const listener = vi.fn();
    body.on('end', listener).on('error', listener);
    body.removeListener('end', listener);
    request.resume().end();
    await once(request, 'end');
    expect(listener).not.toHaveBeenCalled();
    body.off('error', listener);
    body.destroy(new Error('nobody hears it'));
    await Promise.resolve();
    expect(listener).not.toHaveBeenCalled();
  });

  test('tells when the client has left', async () => {
    const { request, body } = sent();
    const failed = vi.fn();
    body.on('error', failed);
    request.destroy(new Error('aborted'));
    await vi.waitFor(() => expect(failed).toHaveBeenCalled());
    expect(body.errored).toBeInstanceOf(Error);
    expect(body.closed).toBe(true);
  });
});
