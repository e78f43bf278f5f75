import { beforeEach, expect, test } from 'vitest';
import { createSessionCookie, type SessionCookie } from '../../../src/session/session-cookie.ts';

let cookie: SessionCookie;
/** How often signatures were worked out to check a cookie. */
let checks: number;

beforeEach(() => {
  const secrets = ['of the harbour', 'of last year'];
  Object.defineProperty(secrets, Symbol.iterator, {
    value: () => {
      checks += 1;
      return Object.values(secrets).values();
    },
  });
  cookie = createSessionCookie('JSESSIONID', secrets);
  checks = 0;
});

const headerOf = (id: string) => `a=b; JSESSIONID=${encodeURIComponent(cookie.valueOf(id))}`;

test('a cookie is checked once; after that it is known', () => {
  const header = headerOf('berth-7');
  expect([cookie.idIn(header), cookie.idIn(header), cookie.idIn(header)]).toEqual(['berth-7', 'berth-7', 'berth-7']);
  expect(checks).toBe(1);
});

test('that one is known lets no other one in', () => {
  const header = headerOf('berth-7');
  cookie.idIn(header);
  for (const other of [`${header}x`, header.slice(0, -1), header.replace('berth-7', 'berth-8'), header.toUpperCase()])
    expect(cookie.idIn(other)).toBeUndefined();
});

test('nothing is remembered of a session that has ended', () => {
  const header = headerOf('berth-7');
  cookie.idIn(header);
  cookie.forget('berth-7');
  cookie.idIn(header);
  expect(checks).toBe(2);
});

test('a session of an earlier secret is known, one of nobody’s is not', () => {
  const earlier = createSessionCookie('JSESSIONID', ['of last year']);
  const strange = createSessionCookie('JSESSIONID', ['of the neighbour']);
  const found = [earlier, strange].map((one) =>
    cookie.idIn(`JSESSIONID=${encodeURIComponent(one.valueOf('berth-7'))}`),
  );
  expect(found).toEqual(['berth-7', undefined]);
});
