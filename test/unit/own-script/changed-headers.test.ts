import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { changedHeaders } from '../../../src/own-script/changed-headers.ts';

const raw = [
  'Host',
  'a',
  'X-One',
  '1',
  'x-one',
  '2',
  'Cookie',
  'a=1',
  'Cookie',
  'b=2',
  'User-Agent',
  'u',
  'User-Agent',
  'v',
];

/** What node makes of them. */
function headersOf(lines: readonly string[]) {
  const message = new IncomingMessage(new Socket());
  message.rawHeaders = [...lines];
  const add = Reflect.get(message, '_addHeaderLine') as (name: string, value: string, to: object) => void;
  const headers = {};
  for (let i = 0; i < lines.length; i += 2) add.call(message, lines[i] as string, lines[i + 1] as string, headers);
  return headers as Record<string, string | string[]>;
}

describe('headers that own handlers have seen', () => {
  test('are what they were where nothing was changed', () => {
    expect(changedHeaders(raw, headersOf(raw))).toEqual(raw);
  });

  test.each<[what: string, change: (headers: Record<string, string | string[]>) => void, expected: string[]]>([
    ['added', (headers) => (headers['x-two'] = '2'), [...raw, 'x-two', '2']],
    ['added in capitals', (headers) => (headers['X-Two'] = '2'), [...raw, 'X-Two', '2']],
    ['added in several lines', (headers) => (headers['x-two'] = ['2', '3']), [...raw, 'x-two', '2', 'x-two', '3']],
    ['replaced', (headers) => (headers['x-one'] = '3'), [...raw.slice(0, 2), ...raw.slice(6), 'x-one', '3']],
    ['removed', (headers) => delete headers['cookie'], [...raw.slice(0, 6), ...raw.slice(10)]],
  ])('%s', (_, change, expected) => {
    const headers = headersOf(raw);
    change(headers);
    expect(changedHeaders(raw, headers)).toEqual(expected);
  });
});
