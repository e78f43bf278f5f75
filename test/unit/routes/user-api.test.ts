import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import type { Party } from '../../../src/login/keep-parties.ts';
import { fakeParty } from '../../support/fake-party.ts';
import { loginHouse, makeHouse } from '../../support/make-house.ts';
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

describe('the login name of a user of IAS is sub, whatever else the token says (xs-app.md 6.8, 10.6)', () => {
  test.each<[claims: Record<string, unknown>, name: string, displayName: string]>([
    [{ sub: 'P000042', user_name: 'ADA', preferred_username: 'ada', email: 'ada@x' }, 'P000042', 'P000042'],
    [{ sub: 'P7', given_name: 'Ada', family_name: 'Byron', name: 'somebody' }, 'P7', 'Ada Byron (P7)'],
  ])('%j: %s', async (claims, name, displayName) => {
    const credentials = { url: 'https://harbour.accounts.ondemand.com', clientid: 'ias-client', clientsecret: 'hush' };
    const { app, house } = await makeHouse({
      xsApp: { routes: [{ source: '^/me/(.*)$', target: '/$1', service: 'sap-approuter-userapi' }] },
      env: { VCAP_SERVICES: { identity: [{ name: 'ias', label: 'identity', credentials }] } },
    });
    const [[provider = '', held] = []] = [...house.parties];
    (house.parties as Map<string, Party>).set(provider, {
      ...(held as Party),
      party: fakeParty(provider, { ada: { claims } }),
    });
    const browser = visitor(app);
    await logIn(browser, 'ada', '/me/currentUser');
    expect((await browser.get('/me/currentUser')).body).toMatchObject({ name, displayName });
    expect((await browser.get('/me/attributes')).body).toMatchObject({ name });
  });
});
