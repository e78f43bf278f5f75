import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { refuseFraming } from '../../src/accept/refuse-framing.ts';
import { type Gate, openGate, usualRoutes } from './support/open-gate.ts';
import { openWire, statusesOf } from './support/wire.ts';

/**
 * T-20. SAP's own approuter let an unauthenticated client desynchronize answers (CVE-2026-27690, CWE-444), as did
 * llhttp, undici and others before: two readers of one connection disagreed about where a request ends, and what one of
 * them took for a body the other took for a request, which was nobody's and went round every check.
 *
 * What must hold: whatever is sent, it is one request at the backend at most, or a refusal and a closed connection; what
 * is hidden in it never becomes a request of its own; and the next request on the same connection gets its own answer.
 */
/** Three digits at its end name the case, once it is known. */
const hidden = 'GET /public/smuggled-nnn HTTP/1.1\r\nHost: x\r\n\r\n';
const size = hidden.length;
const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;

/** Header lines and what follows them. `refused`: no honest client writes it, and its connection must not go on. */
type Case = [what: string, lines: string, rest: string, fate: 'refused' | 'one request'];

const both: Case[] = [
  ['length before chunked', `Content-Length: ${size}\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${hidden}`, 'refused'],
  ['chunked before length', `Transfer-Encoding: chunked\r\nContent-Length: 4`, chunked(hidden), 'refused'],
  ['length 0 and chunked', 'Content-Length: 0\r\nTransfer-Encoding: chunked', chunked(hidden), 'refused'],
];
const codings: Case[] = [
  'chunked, identity',
  'identity',
  'identity, chunked',
  'gzip, chunked',
  'chunked, chunked',
  'xchunked',
  ' chunked x',
  'chunked\x0b',
  '\x0bchunked',
  'chunked;a=b',
  '"chunked"',
  'chunk',
  'chunked,',
  ',chunked',
  'CHUNKED\x0c',
  '',
].map((coding) => [`coding ${JSON.stringify(coding)}`, `Transfer-Encoding:${coding}`, `0\r\n\r\n${hidden}`, 'refused']);
const codingsWithLength: Case[] = [
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  ' Transfer-Encoding: chunked',
  'Transfer-Encoding: x\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding:\r\n chunked',
  'X: y\r\n Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\nX: y',
  'X: y\rTransfer-Encoding: chunked',
  'X: y\0Transfer-Encoding: chunked',
  'Foo: bar\r\rTransfer-Encoding: chunked',
  'Transfer-Encoding\x00: chunked',
  'Transfer-Encoding:\x00chunked',
  'Transfer\x7fEncoding: chunked\r\n: x',
].map((line) => [
  `${JSON.stringify(line)} beside a length`,
  `Content-Length: ${size + 5}\r\n${line}`,
  `0\r\n\r\n${hidden}`,
  'refused',
]);
const lengths: Case[] = [
  `+${size}`,
  `-1`,
  ` 0x10`,
  `${size} 5`,
  `${size},${size}`,
  `${size}, 0`,
  `1e1`,
  `0${'0'.repeat(20)}x`,
  '99999999999999999999999999',
  `${size}.0`,
  '0b1',
  `"${size}"`,
  '\x0b5',
  '5\x0b',
  '',
  '٣',
  `${size}\x00`,
].map((value) => [`length ${JSON.stringify(value)}`, `Content-Length:${value}`, hidden, 'refused']);
const twoLengths: Case[] = [
  ['two different lengths', `Content-Length: 0\r\nContent-Length: ${size}`, hidden, 'refused'],
  ['the same length twice', `Content-Length: ${size}\r\nContent-Length: ${size}`, hidden, 'refused'],
  ['a length with a blank before its colon', `Content-Length : ${size}`, hidden, 'refused'],
  ['a folded length', `Content-Length:\r\n ${size}`, hidden, 'refused'],
  ['an underscored length is a header like others', `Content_Length: ${size}`, '', 'one request'],
];
const chunks: Case[] = [
  ['an honest one', chunked(hidden), 'one request'],
  ['an extension', `${size.toString(16)};a=b\r\n${hidden}\r\n0\r\n\r\n`, 'one request'],
  ['an extension with a bare CR', `${size.toString(16)};a\rb\r\n${hidden}\r\n0\r\n\r\n`, 'refused'],
  ['an extension with a bare LF', `${size.toString(16)};a\nb\r\n${hidden}\r\n0\r\n\r\n`, 'refused'],
  ['a bare LF behind its size', `5\nhello\r\n0\r\n\r\n${hidden}`, 'refused'],
  ['a bare LF behind its data', `5\r\nhello\n0\r\n\r\n${hidden}`, 'refused'],
  ['a bare CR behind its size', `5\rhello\r\n0\r\n\r\n${hidden}`, 'refused'],
  ['a sign', `+5\r\nhello\r\n0\r\n\r\n${hidden}`, 'refused'],
  ['a size that says 0x5', `0x5\r\nhello\r\n0\r\n\r\n${hidden}`, 'refused'],
  ['a blank before its size', ` 5\r\nhello\r\n0\r\n\r\n${hidden}`, 'refused'],
  ['more data than its size', `3\r\nhello\r\n0\r\n\r\n${hidden}`, 'refused'],
  ['a size beyond all numbers', `fffffffffffffffff\r\n${hidden}`, 'refused'],
  ['no size', `\r\nhello\r\n0\r\n\r\n${hidden}`, 'refused'],
  ['a negative size', `-1\r\nhello\r\n0\r\n\r\n${hidden}`, 'refused'],
  ['trailers', `5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n`, 'one request'],
  ['a length among its trailers', `5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n`, 'refused'],
  ['a coding among its trailers', `0\r\nTransfer-Encoding: chunked\r\n\r\n`, 'refused'],
].map(([what, rest, fate]) => [`a chunk with ${what}`, 'Transfer-Encoding: chunked', rest, fate] as Case);
const others: Case[] = [
  ['a body on GET is a body', `X-Method: GET\r\nContent-Length: ${size}`, hidden, 'one request'],
  ['Expect: 100-continue', `Expect: 100-continue\r\nContent-Length: ${size}`, hidden, 'one request'],
  ['an underscored coding is a header like others', 'Transfer_Encoding: chunked', '', 'one request'],
  [
    'a length named by Connection',
    `Connection: keep-alive, content-length\r\nContent-Length: ${size}`,
    hidden,
    'one request',
  ],
  ['two hosts', 'Host: y', hidden, 'refused'],
  ['the same host twice', 'host: x', hidden, 'refused'],
  ['a header without a name', ': x', hidden, 'refused'],
  ['a header without a colon', 'nonsense', hidden, 'refused'],
  ['a header name with a blank', 'X Y: z', hidden, 'refused'],
];
const cases = [...both, ...codings, ...codingsWithLength, ...lengths, ...twoLengths, ...chunks, ...others];

let gate: Gate;
beforeAll(async () => {
  gate = await openGate(usualRoutes);
  await gate.ask('/public/warm');
});

describe.concurrent(`${cases.length} ways to disagree about where a request ends`, () => {
  test.each(cases.map((one, n) => [one[0], n, one] as const))('%s', async (_, n, [, lines, rest, fate]) => {
    const wire = await openWire(gate.port);
    const path = `/public/case-${n}`;
    const smuggled = `/public/smuggled-${String(n).padStart(3, '0')}`;
    const hiding = rest.replaceAll('/public/smuggled-nnn', smuggled);
    wire.send(`POST ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n\r\n${hiding}`);
    const first = await wire.until(/HTTP\/1\.1 [2-5]\d\d [\s\S]*\r\n\r\n/, 3_000);
    wire.send(`GET /public/canary-${n} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(await wire.closed(3_000), 'the connection ends').toBe(true);
    const text = wire.heard();
    const urls = gate.backend.calls.map(({ url }) => url);
    expect(text).not.toContain(smuggled);
    expect(urls).not.toContain(smuggled);
    expect(urls.filter((url) => url === path).length).toBeLessThanOrEqual(1);
    if (fate === 'refused') {
      expect(statusesOf(first)[0]).toBe(400);
      expect(statusesOf(text), 'nothing after the refusal is answered').toEqual([400]);
      expect(urls).not.toContain(`/public/canary-${n}`);
    } else {
      expect(statusesOf(text).filter((status) => status !== 100)).toEqual([200, 200]);
      expect(text.slice(first.length)).toContain(`/public/canary-${n}`);
    }
  });
});

describe('behind a thousand lines, where node stops to look', () => {
  const lines = 'a: b\r\n'.repeat(1_001);

  test.each([
    ['a coding', 'Transfer-Encoding: chunked\r\n', chunked('x')],
    ['an unknown coding', 'Transfer-Encoding: gzip, chunked\r\n', chunked('x')],
    ['a length', `Content-Length: ${size}\r\n`, hidden],
    ['another host', 'Host: evil.example\r\n', ''],
    ['an upgrade', 'Connection: Upgrade\r\nUpgrade: websocket\r\n', hidden],
  ])('%s is not overlooked', async (_, line, rest) => {
    const wire = await openWire(gate.port);
    wire.send(`POST /public/many HTTP/1.1\r\nHost: x\r\n${lines}${line}\r\n${rest.replaceAll('nnn', 'many')}`);
    expect(await wire.closed(3_000)).toBe(true);
    expect(statusesOf(wire.heard())).toEqual([431]);
    expect(gate.backend.calls.map(({ url }) => url).filter((url) => url?.includes('many'))).toEqual([]);
  });
});

test('where node leaves lines out without a word, the request is refused here', () => {
  const rawHeaders = ['host', 'x', ...Array.from({ length: 1_998 }, () => 'a')];
  const request = { headers: { host: 'x' }, httpVersionMajor: 1, method: 'POST', rawHeaders, socket: new Socket() };
  expect(() => refuseFraming(request as unknown as IncomingMessage)).toThrow(expect.objectContaining({ status: 431 }));
});

describe('HTTP/1.0', () => {
  test.each([
    ['with chunks', `Transfer-Encoding: chunked\r\n`, `0\r\n\r\n${hidden}`],
    ['with chunks and a length', `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n`, `0\r\n\r\n${hidden}`],
    ['kept alive', `Connection: keep-alive\r\nContent-Length: ${size}\r\n`, hidden],
  ])('%s hides nothing', async (_, lines, rest) => {
    const wire = await openWire(gate.port);
    wire.send(`POST /public/old HTTP/1.0\r\nHost: x\r\n${lines}\r\n${rest.replaceAll('nnn', 'old')}`);
    await wire.closed(1_000);
    expect(wire.heard()).not.toContain('smuggled');
    expect(gate.backend.calls.map(({ url }) => url)).not.toContain('/public/smuggled-old');
  });
});

test('the canaries would tell: two requests on one connection are two answers, in order', async () => {
  const wire = await openWire(gate.port);
  wire.send(
    `${hidden.replace('smuggled-nnn', 'honest')}GET /public/second HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  expect(await wire.closed(3_000)).toBe(true);
  expect(wire.heard()).toMatch(/\/public\/honest[\s\S]*\/public\/second/);
});
