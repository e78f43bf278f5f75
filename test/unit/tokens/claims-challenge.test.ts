import { describe, expect, test } from 'vitest';
import { claimsOf, decodeClaims, mergeClaims } from '../../../src/tokens/claims-challenge.ts';

/** Vector G12 of token-flows.md. */
describe('G12: the claims of a challenge are decoded', () => {
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
  test('G12: as in the vector', () => {
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

const base64 = (text: string) => Buffer.from(text).toString('base64');
const challenge = (claims: string) =>
  `Bearer realm="", authorization_uri="https://login.example/authorize", error="insufficient_claims", claims="${claims}"`;

describe('claims that an API asks for (token-flows.md A10)', () => {
  // Vectors of token-flows.md G12.
  test.each([
    [
      'eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwgInZhbHVlIjoiMTYwNDEwNjY1MSJ9fX0=',
      '{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}',
    ],
    [
      'eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoiY3AxIn19fQ==',
      '{"access_token":{"acrs":{"essential":true,"value":"cp1"}}}',
    ],
  ])('%s', (encoded, json) => {
    expect(claimsOf(challenge(encoded))).toBe(json);
  });

  const json = '{"access_token":{"x":{"value":"???>>>"}}}';

  test.each([
    ['with padding, which splitting at = would cut off', challenge(base64(json))],
    ['as base64url without padding', challenge(Buffer.from(json).toString('base64url'))],
    ['as plain JSON, quotes escaped', challenge(json.replaceAll('"', '\\"'))],
    ['first among the parameters', `Bearer claims="${base64(json)}", error="insufficient_claims"`],
    ['scheme and name in another case', `BEARER error="insufficient_claims", Claims="${base64(json)}"`],
    ['behind a challenge of another scheme', `Negotiate, ${challenge(base64(json))}`],
    ['with blanks around =', `Bearer error = "insufficient_claims" , claims\t= "${base64(json)}"`],
    ['as a token without quotes', `Bearer error=insufficient_claims, claims=${base64(json).replace(/=+$/, '')}`],
    ['behind a credential of another scheme', `Negotiate abc==, ${challenge(base64(json))}`],
    [
      'behind a description that speaks of claims',
      `Bearer error_description="send claims=\\"x\\", please", error="insufficient_claims", claims="${base64(json)}"`,
    ],
  ])('%s', (_, header) => {
    expect(claimsOf(header)).toBe(json);
  });

  test.each([
    ['no challenge', undefined],
    ['an empty one', ''],
    ['a challenge without claims', 'Bearer error="invalid_token"'],
    ['of another scheme', `Basic realm="x", claims="${base64('{}')}"`],
    ['empty claims', challenge('')],
    ['no base64 of JSON', challenge('%%%')],
    ['JSON that is no object: a text', challenge(base64('"x"'))],
    ['JSON that is no object: a list', challenge(base64('[]'))],
    ['JSON that is no object: null', challenge(base64('null'))],
    ['cut off', challenge(base64(json)).slice(0, -4)],
    ['a description that speaks of them', `Bearer error_description="send claims=${base64('{}')} please"`],
    ['a parameter whose name ends alike', `Bearer xclaims="${base64('{}')}"`],
  ])('%s: nothing to ask for', (_, header) => {
    expect(claimsOf(header)).toBeUndefined();
  });

  test('a long header of nothing is read in no time', () => {
    const begun = performance.now();
    for (const part of ['a', 'a ', ' ', '= ', 'a="', '\\', 'a="\\"']) claimsOf(`Bearer x="${part.repeat(100_000)}`);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});
