import { randomBytes } from 'node:crypto';
import { Session } from 'node:inspector/promises';
import { describe, expect, test } from 'vitest';
import { userOf } from '../../../src/login/user-of.ts';
import { createSessionCodec } from '../../../src/session/session-codec.ts';
import type { Login, SessionData } from '../../../src/session/session-data.ts';

const key = randomBytes(32);
const codec = createSessionCodec([key]);

const login: Login = {
  user: userOf('oidc', 'the.user.token', { sub: 'ada' }, ['a']),
  sid: 'sid-1',
  idToken: 'the.id.token',
  refreshToken: 'the-refresh-token',
  obtainedAt: 1,
  expiresAt: 2,
};
const whole: SessionData = {
  createdAt: 7,
  csrfToken: 'csrf',
  login,
  cookies: { b: [{ name: 'sid', value: '1', path: '/', secure: true }], constructor: [], 'a:b': [] },
};

const fieldsOf = (flat: readonly string[]): Record<string, string> =>
  Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])));
const encoded = (id = 'id-1') => fieldsOf(codec.encode(id, whole, whole.createdAt));

describe('a session as sealed fields', () => {
  test('comes back as it was', () => {
    expect(codec.decode('id-1', encoded())).toEqual(whole);
  });

  test('a patch is only the fields it changes, each destination’s cookies by themselves', () => {
    expect(Object.keys(fieldsOf(codec.encode('id-1', { csrfToken: 'x' })))).toEqual(['csrfToken']);
    expect(Object.keys(fieldsOf(codec.encode('id-1', { cookies: { b: [] } })))).toEqual(['cookies:b']);
    expect(codec.encode('id-1', {})).toEqual([]);
  });

  test('nothing of it can be read by who holds the store (design section 6)', () => {
    const stored = JSON.stringify(encoded());
    for (const secret of ['the.user.token', 'the-refresh-token', 'the.id.token', 'ada', 'csrf"'])
      expect(stored).not.toContain(secret);
    expect(Buffer.from(Object.values(encoded()).join(''), 'base64url').toString('latin1')).not.toContain('token');
  });

  test('a session without cookies has none', () => {
    const fields = fieldsOf(codec.encode('x', { csrfToken: 'a' }, 5));
    expect(codec.decode('x', fields)).toEqual({ createdAt: 5, csrfToken: 'a' });
  });
});

describe('half a session is none', () => {
  test('nothing there', () => {
    expect(codec.decode('id-1', {})).toBeUndefined();
    expect(codec.decode('id-1', fieldsOf(codec.encode('id-1', { csrfToken: 'x' })))).toBeUndefined();
  });

  test('the fields of another session, all or one of them', () => {
    expect(codec.decode('id-2', encoded('id-1'))).toBeUndefined();
    expect(codec.decode('id-1', { ...encoded('id-1'), login: encoded('id-2')['login'] ?? '' })).toBeUndefined();
  });

  test('fields that changed places', () => {
    const { csrfToken = '', login: sealed = '', ...rest } = encoded();
    expect(codec.decode('id-1', { ...rest, csrfToken: sealed, login: csrfToken })).toBeUndefined();
    const { 'cookies:b': jar = '', ...others } = encoded();
    expect(codec.decode('id-1', { ...others, 'cookies:c': jar })).toBeUndefined();
  });

  test('any field changed by a character', () => {
    for (const [name, text] of Object.entries(encoded())) {
      const changed = text.slice(0, 5) + (text[5] === 'A' ? 'B' : 'A') + text.slice(6);
      expect.soft(codec.decode('id-1', { ...encoded(), [name]: changed }), name).toBeUndefined();
    }
  });

  test('sealed by another house', () => {
    expect(createSessionCodec([randomBytes(32)]).decode('id-1', encoded())).toBeUndefined();
  });
});

describe('a ring of keys', () => {
  test('opens what an earlier key sealed, seals with the first', () => {
    const fresh = randomBytes(32);
    const ring = createSessionCodec([fresh, key]);
    expect(ring.decode('id-1', encoded())).toEqual(whole);
    expect(createSessionCodec([fresh]).decode('x', fieldsOf(ring.encode('x', whole, 7)))).toEqual(whole);
  });

  test('an empty one is refused', () => {
    expect(() => createSessionCodec([])).toThrow(RangeError);
  });
});

test('what is remembered of one session is nobody’s else: changing it changes nothing in the store', () => {
  const fields = encoded();
  const first = codec.decode('id-1', fields) as SessionData;
  first.csrfToken = 'changed';
  first.cookies = {};
  expect(codec.decode('id-1', fields)).toEqual(whole);
});

describe('what was opened is kept for the next request', () => {
  test('as long as it is what the store holds', () => {
    const fields = encoded('kept');
    const first = codec.decode('kept', fields)?.login;
    expect(codec.decode('kept', fields)?.login).toBe(first);
    expect(codec.decode('kept', encoded('kept'))?.login).not.toBe(first);
  });

  test('and let go of when the session ends, or its part is replaced: no token stays in memory', async () => {
    const refs: WeakRef<object>[] = [];
    const open = (id: string) => {
      const opened = codec.decode(id, encoded(id))?.login;
      if (opened) refs.push(new WeakRef(opened));
    };
    open('ends');
    open('renewed');
    open('renewed');
    codec.forget('ends');
    await collected();
    expect(refs.map((ref) => ref.deref() !== undefined)).toEqual([false, false, true]);
  });
});

/** Node's own interface to the collector, without options of the command line. */
async function collected(): Promise<void> {
  const inspector = new Session();
  inspector.connect();
  await new Promise((turn) => setImmediate(turn)); // a WeakRef holds what it was made of to the end of the turn
  await inspector.post('HeapProfiler.collectGarbage');
  inspector.disconnect();
}
