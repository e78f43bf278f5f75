import { describe, expect, test } from 'vitest';
import { decodeClaims, mergeClaims } from '../../../src/tokens/claims-challenge.ts';

/** Vector G12 of token-flows.md. */
describe('the claims of a challenge are decoded', () => {
  test.each([
    [
      'eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTYwNDEwNjY1MSJ9fX0=',
      '{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}',
    ],
    [
      'eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiY3AxIn19fQ==',
      '{"access_token":{"acrs":{"essential":true,"value":"cp1"}}}',
    ],
    [' {"access_token":{}}', ' {"access_token":{}}'],
  ])('%s', (text, json) => {
    expect(decodeClaims(text)).toBe(json);
  });

  test.each(['', 'nonsense', '{', 'W10=', '"text"', `{"a":"${'x'.repeat(20_000)}"}`])('%.20s… is none', (text) => {
    expect(decodeClaims(text)).toBeUndefined();
  });
});

describe('a challenge and the configured capabilities become one', () => {
  test('as in the vector', () => {
    const merged = mergeClaims(
      '{"access_token":{"xms_cc":{"values":["CP1"]}}}',
      '{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}',
    );
    expect(merged).toBe('{"access_token":{"xms_cc":{"values":["CP1"]},"nbf":{"essential":true,"value":"1604106651"}}}');
  });

  test('the challenge wins where both speak', () => {
    expect(mergeClaims('{"a":{"b":1,"c":2}}', '{"a":{"b":3}}')).toBe('{"a":{"b":3,"c":2}}');
  });

  test.each([undefined, 'nonsense', '[]'])('%s is no capability: the challenge goes as it is', (configured) => {
    expect(mergeClaims(configured, '{"a": 1}')).toBe('{"a": 1}');
  });
});
