import { expect, test } from 'vitest';
import { parseTokenAnswer } from '../../../src/tokens/parse-token-answer.ts';

const now = 1_700_000_000_000;

test.each([
  [{ access_token: 't', token_type: 'Bearer', expires_in: 3599 }, 3599],
  [{ access_token: 't', token_type: 'bearer', expires_in: '3599' }, 3599],
  [{ access_token: 't', expires_in: 0 }, 0],
  [{ access_token: 't', token_type: 'Bearer' }, 300],
  [{ access_token: 't', expires_in: null }, 300],
  [{ access_token: 't', expires_in: 'soon' }, 300],
])('%j lives %i seconds', (body, seconds) => {
  expect(parseTokenAnswer(body, now)).toEqual({ token: 't', expiresAt: now + seconds * 1000 });
});

test.each([
  [undefined, 'not a JSON object'],
  ['text', 'not a JSON object'],
  [{}, 'without a usable access_token'],
  [{ access_token: '' }, 'without a usable access_token'],
  [{ access_token: 7 }, 'without a usable access_token'],
  [{ access_token: 'a\r\nx-evil: 1' }, 'without a usable access_token'],
  [{ access_token: 't', token_type: 'DPoP' }, 'with a token_type other than Bearer'],
  [{ access_token: 't', token_type: 'N_A' }, 'with a token_type other than Bearer'],
])('%j is no token: %s', (body, fault) => {
  expect(parseTokenAnswer(body, now)).toBe(fault);
});

test('what is no access token is taken when it says what it is instead (RFC 8693 2.2.1)', () => {
  const body = { access_token: 't', token_type: 'N_A', issued_token_type: 'urn:x', expires_in: 600 };
  expect(parseTokenAnswer(body, now)).toMatchObject({ token: 't', issuedTokenType: 'urn:x' });
});
