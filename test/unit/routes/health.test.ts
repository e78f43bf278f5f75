import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { loginHouse } from '../../support/make-house.ts';

const { app, house } = await loginHouse({ xsApp: { routes: [] } });

describe('health answers without a session (design section 3)', () => {
  test.each(['/-/health/live', '/-/health/ready'])('%s', async (path) => {
    const answer = await supertest(app).get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect((await supertest(app).head(path)).status).toBe(200);
  });

  test('whatever cookie comes along', async () => {
    const answer = await supertest(app).get('/-/health/live?x=1').set('cookie', 'JSESSIONID=s%3Ax.y; __proto__=1');
    expect(answer.body).toEqual({ status: 'live' });
  });

  test('other methods: 405', async () => {
    const answer = await supertest(app).post('/-/health/live');
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET, HEAD');
  });

  test('a path that only looks like it is a path like any other (T-03)', async () => {
    for (const path of ['/-/health/live/', '/-/health/livex', '/x/-/health/live', '/-/Health/live', '//-/health/live'])
      expect.soft((await supertest(app).get(path).set('accept', 'application/json')).status, path).toBe(401);
  });

  test('an instance that drains is alive, but wants no more requests', async () => {
    house.state.draining = true;
    try {
      const ready = await supertest(app).get('/-/health/ready');
      expect(ready.status).toBe(503);
      expect(ready.body).toEqual({ status: 'draining' });
      expect((await supertest(app).get('/-/health/live')).status).toBe(200);
    } finally {
      house.state.draining = false;
    }
  });
});
