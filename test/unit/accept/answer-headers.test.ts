import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type AnswerHeaderSettings, answerHeaders } from '../../../src/accept/answer-headers.ts';

function headersWith(
  settings: Partial<AnswerHeaderSettings>,
  responseHeaders: readonly { name: string; value: string }[] = [],
): Record<string, string> {
  const put = answerHeaders({ sendXFrameOptions: true, httpHeaders: [], ...settings }, responseHeaders);
  const headers = new Map<string, string>();
  const response = { setHeader: (name: string, value: string) => headers.set(name.toLowerCase(), value) };
  put(response as unknown as ServerResponse, 'request-1');
  return Object.fromEntries(headers);
}

describe('headers of every answer; later wins: default, httpHeaders, responseHeaders (xs-app.md 8.2)', () => {
  test('by default: no framing by others, and the request id', () => {
    expect(headersWith({})).toEqual({ 'x-frame-options': 'SAMEORIGIN', 'x-request-id': 'request-1' });
  });

  test('SEND_XFRAMEOPTIONS=false leaves the default out', () => {
    expect(headersWith({ sendXFrameOptions: false })).toEqual({ 'x-request-id': 'request-1' });
  });

  test('httpHeaders replaces the default, in any case of the name', () => {
    expect(headersWith({ httpHeaders: [{ 'X-FRAME-options': 'DENY' }, { a: '1', b: '2' }] })).toMatchObject({
      'x-frame-options': 'DENY',
      a: '1',
      b: '2',
    });
  });

  test('responseHeaders wins over httpHeaders, in any case of the name', () => {
    const httpHeaders = [{ 'X-Frame-Options': 'DENY', 'x-harbour': 'one' }];
    expect(headersWith({ httpHeaders }, [{ name: 'X-HARBOUR', value: 'two' }])).toMatchObject({
      'x-frame-options': 'DENY',
      'x-harbour': 'two',
    });
  });

  test('the last of several entries for one name wins', () => {
    expect(headersWith({ httpHeaders: [{ a: '1' }, { A: '2' }] })).toMatchObject({ a: '2' });
  });
});
