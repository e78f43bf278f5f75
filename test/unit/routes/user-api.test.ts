import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { loginHouse } from '../../support/make-house.ts';
import { logIn, visitor } from '../../support/visitor.ts';

const { app, party } = await loginHouse(
  { xsApp: { routes: [{ source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' }] } },
  {
    ada: {
      claims: {
        sub: 'ada-id',
        given_name: 'Ada',
        family_name: 'Byron',
        email: 'ada@harbour.example',
        user_name: 'ADA',
        'xs.user.attributes': { dock: ['7'], scopes: ['evil'], email: 'evil@evil.example' },
      },
      scopes: ['openid', 'harbour!t7.Pilot'],
    },
    sparse: { claims: { sub: 'sparse-id' } },
    odd: { claims: { sub: 'odd-id', given_name: 7, email: ['a'], 'xs.user.attributes': 'text' } },
  },
);

const asUser = async (user: string, path: string) => {
  const browser = visitor(app);
  await logIn(browser, user, '/me/currentUser');
  return browser.get(path);
};

describe('who the user is (xs-app.md 6.8)', () => {
  test('currentUser', async () => {
    const answer = await asUser('ada', '/me/currentUser?x=1');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-cache, no-store');
    expect(answer.body).toEqual({
      firstname: 'Ada',
      lastname: 'Byron',
      email: 'ada@harbour.example',
      name: 'ADA',
      scopes: ['openid', 'harbour!t7.Pilot'],
      displayName: 'Ada Byron (ADA)',
    });
    expect(answer.text).toBe(JSON.stringify(answer.body, null, 2));
  });

  test('attributes: the same, and the user’s own, which do not pass for what we know', async () => {
    expect((await asUser('ada', '/me/attributes')).body).toEqual({
      firstname: 'Ada',
      lastname: 'Byron',
      email: 'ada@harbour.example',
      name: 'ADA',
      scopes: ['openid', 'harbour!t7.Pilot'],
      dock: ['7'],
    });
  });

  test('attributes that the provider tells when asked; when it cannot be asked, the rest is still an answer', async () => {
    party.userAttributes = async () => ({ berth: ['3'] });
    expect((await asUser('ada', '/me/attributes')).body).toMatchObject({ berth: ['3'], name: 'ADA' });
    party.userAttributes = async () => {
      throw new Error('down');
    };
    const answer = await asUser('ada', '/me/attributes');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ name: 'ADA' });
  });

  test('a token that says little gives little', async () => {
    expect((await asUser('sparse', '/me/currentUser')).body).toMatchObject({ name: 'sparse-id' });
    expect((await asUser('odd', '/me/currentUser')).body).toMatchObject({ name: 'odd-id' });
    expect((await asUser('odd', '/me/currentUser')).body).not.toHaveProperty('email');
  });

  test.each(['/me/', '/me/token', '/me/currentUser/', '/me/__proto__', '/me/constructor', '/me/toString'])(
    '%s: 404',
    async (path) => {
      expect((await asUser('ada', path)).status).toBe(404);
    },
  );

  test('never a token (T-42)', async () => {
    for (const path of ['/me/currentUser', '/me/attributes']) {
      const answer = await asUser('ada', path);
      expect(JSON.stringify([answer.headers, answer.text])).not.toContain('token of ada');
    }
  });

  test('nobody is logged in: 401', async () => {
    expect((await supertest(app).get('/me/currentUser').set('accept', 'application/json')).status).toBe(401);
  });
});
