import supertest from 'supertest';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startUpstream, type Upstream } from '../../support/echo-upstream.ts';
import { type LoginHouse, loginHouse } from '../../support/make-house.ts';
import { cookiesOf, visitor } from '../../support/visitor.ts';

let upstream: Upstream;
let made: LoginHouse;

beforeAll(async () => {
  upstream = await startUpstream();
  made = await loginHouse(
    {
      xsApp: { routes: [{ source: '^/', destination: 'b', authenticationType: 'basic' }] },
      env: { destinations: [{ name: 'b', url: upstream.origin }] },
    },
    { ada: {}, 'ü:x': {} },
  );
  made.party.passwords.set('ada', 'pa:ss wörd');
});
beforeEach(() => upstream.reset());

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a route of type basic (xs-app.md 3.9, 6.1)', () => {
  test('asks for user and password', async () => {
    const answer = await supertest(made.app).get('/x').set('accept', 'text/html');
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+", charset="UTF-8"$/);
    expect(answer.headers['location']).toBeUndefined();
  });

  test('takes them, makes a session, and hands them on to nobody', async () => {
    const browser = visitor(made.app);
    const answer = await browser.get('/x').set('authorization', basic('ada:pa:ss wörd'));
    expect(answer.status).toBe(200);
    expect(cookiesOf(answer).has('JSESSIONID')).toBe(true);
    expect(upstream.last().headers.authorization).toBeUndefined();
    expect((await browser.get('/y')).status).toBe(200);
  });

  test.each([
    ['a wrong password', basic('ada:wrong')],
    ['nobody', basic('nobody:x')],
    ['no password', basic('ada')],
    ['an empty one', basic('ada:')],
    ['nothing', basic('')],
    ['no base64', 'Basic %%%'],
    ['another scheme', 'Bearer ada'],
    ['the scheme alone', 'Basic'],
  ])('%s: asks again', async (_, authorization) => {
    const answer = await supertest(made.app).get('/x').set('authorization', authorization);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Basic/);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(upstream.calls).toHaveLength(0);
  });

  test('a browser sends them by itself, so CSRF is checked all the same', async () => {
    const answer = await supertest(made.app).post('/x').set('authorization', basic('ada:pa:ss wörd'));
    expect(answer.status).toBe(403);
    expect(upstream.calls).toHaveLength(0);
  });

  test('credentials are in no answer and no log', async () => {
    const answer = await supertest(made.app).get('/x').set('authorization', basic('ada:s3cr3t-v4lue'));
    expect(
      JSON.stringify([answer.headers, answer.text, made.log.failures.map(({ error }) => error.message)]),
    ).not.toMatch(/s3cr3t|YWRhO/);
  });
});
