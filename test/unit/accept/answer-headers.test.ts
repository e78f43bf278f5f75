import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnswerHeaderSettings, answerHeaders, giveHeaders } from '../../../src/accept/answer-headers.ts';

const settings = { sendXFrameOptions: true, httpHeaders: [], mergeCspHeaders: false };
let answer: (response: ServerResponse) => void;
const server = createServer((_request, response) => answer(response));
beforeAll(() => new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening)));
afterAll(() => server.close());

/** Headers that a client sees of an answer of ours. */
async function seen(
  own: Partial<AnswerHeaderSettings>,
  responseHeaders: readonly { name: string; value: string }[] = [],
  write: (response: ServerResponse) => void = (response) => void response.end(),
): Promise<Record<string, string>> {
  const headers = answerHeaders({ ...settings, ...own }, responseHeaders);
  answer = (response) => {
    const prototype = Object.create(Object.getPrototypeOf(response));
    giveHeaders(prototype, headers, () => 'request-1');
    Object.setPrototypeOf(response, prototype);
    write(response);
  };
  const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const { date: _, connection: __, 'keep-alive': ___, ...rest } = Object.fromEntries(reply.headers);
  return rest;
}

describe('headers of every answer; later wins: default, httpHeaders, responseHeaders (xs-app.md 8.2)', () => {
  const empty = { 'content-length': '0' };

  test('by default: no framing by others, and the request id', async () => {
    expect(await seen({})).toEqual({ ...empty, 'x-frame-options': 'SAMEORIGIN', 'x-request-id': 'request-1' });
  });

  test('SEND_XFRAMEOPTIONS=false leaves the default out', async () => {
    expect(await seen({ sendXFrameOptions: false })).toEqual({ ...empty, 'x-request-id': 'request-1' });
  });

  test('httpHeaders replaces the default, in any case of the name', async () => {
    expect(await seen({ httpHeaders: [{ 'X-FRAME-options': 'DENY' }, { a: '1', b: '2' }] })).toMatchObject({
      'x-frame-options': 'DENY',
      a: '1',
      b: '2',
    });
  });

  test('responseHeaders wins over httpHeaders, in any case of the name', async () => {
    const httpHeaders = [{ 'X-Frame-Options': 'DENY', 'x-harbour': 'one' }];
    expect(await seen({ httpHeaders }, [{ name: 'X-HARBOUR', value: 'two' }])).toMatchObject({
      'x-frame-options': 'DENY',
      'x-harbour': 'two',
    });
  });

  test.each<[what: string, write: (response: ServerResponse) => void, vary: string]>([
    ['nothing', (response) => void response.end(), 'Cookie'],
    ['set', (response) => void response.setHeader('vary', 'Origin').end(), 'Origin, Cookie'],
    ['given', (response) => void response.writeHead(200, { VARY: 'Origin', x: '1' }).end(), 'Origin, Cookie'],
    ['in a list', (response) => void response.writeHead(200, ['x', '1', 'vary', 'Origin']).end(), 'Origin, Cookie'],
    ['in a list, twice', (response) => void response.writeHead(200, ['vary', 'a', 'Vary', 'b']).end(), 'a, b, Cookie'],
    [
      'set, with a list',
      (response) => void response.setHeader('vary', 'a').writeHead(200, ['x', '1']).end(),
      'a, Cookie',
    ],
  ])('Vary stands beside what the answer says of itself: %s', async (_, write, vary) => {
    const headers = await seen({ httpHeaders: [{ Vary: 'Cookie' }, { y: '2' }] }, [], write);
    expect(headers).toMatchObject({ vary, y: '2', 'x-request-id': 'request-1' });
  });

  test('the last of several entries for one name wins', async () => {
    expect(await seen({ httpHeaders: [{ a: '1' }, { A: '2' }] })).toMatchObject({ a: '2' });
  });
});

describe('what an answer says itself wins, however it says it', () => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['set before', (response) => void response.setHeader('x-frame-options', 'DENY').end()],
    ['in an object', (response) => void response.writeHead(200, { 'X-Frame-Options': 'DENY' }).end()],
    ['in a list', (response) => void response.writeHead(200, ['X-FRAME-OPTIONS', 'DENY']).end()],
    ['with a reason', (response) => void response.writeHead(200, 'Fine', ['X-Frame-Options', 'DENY']).end()],
    [
      'in a list, with others set before',
      (response) => void response.setHeader('a', '1').writeHead(200, ['X-Frame-Options', 'DENY']).end(),
    ],
  ])('%s', async (_, write) => {
    expect(await seen({}, [], write)).toMatchObject({ 'x-frame-options': 'DENY', 'x-request-id': 'request-1' });
  });

  test('only a Content-Security-Policy may stand beside ours (MERGE_CSP_HEADERS)', async () => {
    const httpHeaders = [{ 'Content-Security-Policy': "default-src 'self'" }];
    const theirs = (response: ServerResponse) =>
      void response.writeHead(200, ['content-security-policy', 'img-src *']).end();
    const merged = await seen({ httpHeaders, mergeCspHeaders: true }, [], theirs);
    expect(merged['content-security-policy']).toBe("default-src 'self', img-src *");
    expect((await seen({ httpHeaders }, [], theirs))['content-security-policy']).toBe('img-src *');
  });
});
