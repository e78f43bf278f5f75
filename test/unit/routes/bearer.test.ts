import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startUpstream, type Upstream } from '../../support/echo-upstream.ts';
import { type LoginHouse, loginHouse } from '../../support/make-house.ts';

let upstream: Upstream;
let made: LoginHouse;
beforeAll(async () => {
  upstream = await startUpstream();
  made = await loginHouse(
    {
      xsApp: {
        routes: [
          { source: '^/api/public/', destination: 'plain', authenticationType: 'none' },
          { source: '^/api/forward/', destination: 'forwarding' },
          { source: '^/api/', destination: 'plain' },
          { source: '^/app/', destination: 'plain' },
        ],
      },
      env: {
        PORTUNUS_BEARER_PATHS: ['^/api/'],
        destinations: [
          { name: 'plain', url: upstream.origin },
          { name: 'forwarding', url: upstream.origin, forwardAuthToken: true },
        ],
      },
    },
    { machine: {} },
  );
});
beforeEach(() => upstream.reset());

const ask = (path: string, authorization: string, method: 'get' | 'post' = 'get') =>
  supertest(made.app)[method](path).set({ accept: 'application/json', authorization });

describe('programs that call with Authorization: Bearer (PORTUNUS_BEARER_PATHS)', () => {
  test('are let in where that is configured, without CSRF token and without a session', async () => {
    const answer = await ask('/api/x', 'Bearer machine', 'post');
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('the token was for us: a backend sees it only where the destination forwards tokens', async () => {
    await ask('/api/x', 'Bearer machine');
    expect(upstream.last().headers['authorization']).toBeUndefined();
    await ask('/api/forward/x', 'bearer machine');
    expect(upstream.last().headers['authorization']).toBe('Bearer token of machine 0');
  });

  test.each([
    ['a token that is not accepted', 'Bearer nobody', 'Bearer error="invalid_token"'],
    ['no token', 'Bearer', 'Bearer error="invalid_token"'],
    ['two', 'Bearer machine, Bearer machine', 'Bearer error="invalid_token"'],
    ['something else', 'Bearer {"a":1}', 'Bearer error="invalid_token"'],
  ])('%s is refused, never ignored', async (_, header, challenge) => {
    const answer = await ask('/api/x', header);
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, challenge]);
    expect(() => upstream.last()).toThrow();
  });

  test('elsewhere it is no login', async () => {
    expect((await ask('/app/x', 'Bearer machine')).status).toBe(401);
  });

  test('on a public route it is the backend’s, as ever', async () => {
    await ask('/api/public/x', 'Bearer theirs');
    expect(upstream.last().headers['authorization']).toBe('Bearer theirs');
  });

  test('what is no expression refuses the start', async () => {
    const broken = loginHouse({ xsApp: {}, env: { PORTUNUS_BEARER_PATHS: ['('] } });
    await expect(broken).rejects.toThrow(/PORTUNUS_BEARER_PATHS\/0: is not a valid regular expression/);
  });
});
