import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { makeHouse } from '../../support/make-house.ts';

const setup = (welcomeFile: string) =>
  makeHouse({
    xsApp: { authenticationMethod: 'none', welcomeFile, routes: [{ source: '^/(.*)$', localDir: 'web' }] },
    files: { 'web/start.html': 'welcome', 'web/index.html': 'index' },
  });
const { app } = await setup('/start.html?lang=en');

describe('GET / leads to the welcome file (xs-app.md section 2)', () => {
  test.each(['/', '/?x=1'])('%s: by a redirect to the configured value', async (path) => {
    const answer = await supertest(app).get(path);
    expect(answer.status).toBe(302);
    expect(answer.headers['location']).toBe('/start.html?lang=en');
    expect(answer.text).toBe('');
  });

  test('a value without a slash is below /', async () => {
    const { app: relative } = await setup('start.html');
    expect((await supertest(relative).get('/')).headers['location']).toBe('/start.html');
  });

  test('other paths are for the routes', async () => {
    expect((await supertest(app).get('/index.html')).text).toBe('index');
    expect((await supertest(app).get('//')).status).not.toBe(302);
  });

  test('so are other methods', async () => {
    expect((await supertest(app).post('/')).status).toBe(405);
  });

  test('without a welcome file / is an ordinary path', async () => {
    const { app: plain } = await makeHouse({
      xsApp: { authenticationMethod: 'none', routes: [{ source: '^/(.*)$', localDir: 'web' }] },
      files: { 'web/index.html': 'index' },
    });
    expect((await supertest(plain).get('/')).text).toBe('index');
  });
});

describe('a CSRF token asked for at / comes with the file itself', () => {
  test.each(['fetch', 'Fetch', 'FETCH'])('x-csrf-token: %s', async (value) => {
    const answer = await supertest(app).get('/').set('x-csrf-token', value);
    expect(answer.status).toBe(200);
    expect(answer.text).toBe('welcome');
    expect(answer.headers['x-csrf-token']).toMatch(/^[\w-]{20,}$/);
  });

  test('HEAD: without the body', async () => {
    const answer = await supertest(app).head('/').set('x-csrf-token', 'fetch');
    expect(answer.status).toBe(200);
    expect(answer.headers['x-csrf-token']).toBeDefined();
  });
});
