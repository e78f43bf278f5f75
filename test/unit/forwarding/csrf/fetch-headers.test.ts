import { expect, test } from 'vitest';
import { fetchHeaders } from '../../../../src/forwarding/csrf/fetch-headers.ts';

test('who asks, with what and from where stays; what the request does is not said', () => {
  const stays = ['authorization', 'Bearer t', 'Cookie', 'a=b', 'Accept-Language', 'de', 'x-forwarded-for', '10.0.0.1'];
  const goes = ['Accept', 'multipart/mixed', 'Content-Type', 'application/json', 'If-Match', '*', 'Slug', 's'];
  const disguised = ['X_HTTP_Method', 'DELETE', 'x-csrf-token', 'ours', 'Repeatability-Request-ID', '1'];
  expect(fetchHeaders([...goes, ...stays, ...disguised])).toEqual([...stays, 'accept', '*/*', 'x-csrf-token', 'Fetch']);
});
