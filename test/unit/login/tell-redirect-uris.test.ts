import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import type { IdentityProvider } from '../../../src/config/identity-provider.ts';
import { createTellRedirectUri } from '../../../src/login/tell-redirect-uris.ts';
import { loginHouse } from '../../support/make-house.ts';

const provider = (kind: IdentityProvider['kind']) => ({ kind, name: kind, clientId: 'harbour' }) as IdentityProvider;

/** What was told after each of some logins. */
function told(...begun: readonly (readonly [IdentityProvider['kind'], uri: string])[]): readonly string[] {
  const lines: string[] = [];
  const tell = createTellRedirectUri((line) => void lines.push(line));
  for (const [kind, uri] of begun) tell(provider(kind), uri);
  return lines;
}

describe('a redirect URI is told when it is first sent, with where to register it', () => {
  const uri = 'https://harbour.example/login/callback';

  test.each<[IdentityProvider['kind'], string]>([
    ['oidc', 'at the provider, for the client harbour'],
    ['xsuaa', `in xs-security.json: "oauth2-configuration": { "redirect-uris": ["${uri}"] }`],
    ['ias', `"oauth2-configuration": { "redirect-uris": ["${uri}"] }`],
  ])('%s', (kind, place) => {
    const [line = '', ...more] = told([kind, uri], [kind, uri], [kind, uri]);
    expect(line).toContain(`logins at "${kind}" come back to ${uri}, which must be registered there exactly so: `);
    expect(line).toMatch(new RegExp(`${place.replace(/[[\](){}.?*+^$|\\]/g, '\\$&')}$`));
    expect(more).toEqual([]);
  });

  test('another provider or another host is told anew', () => {
    expect(told(['oidc', uri], ['xsuaa', uri], ['oidc', 'http://localhost:5000/login/callback'])).toHaveLength(3);
  });

  test('hosts that clients make up do not fill the log', () => {
    const made = Array.from({ length: 500 }, (_, i) => ['oidc', `https://h${i}.example/login/callback`] as const);
    expect(told(...made)).toHaveLength(10);
  });
});

test('a house tells it at its first login, and once', async () => {
  const { app, log } = await loginHouse({
    xsApp: { routes: [{ source: '^/', localDir: 'web' }] },
    files: { 'web/a': '' },
  });
  const visit = (host: string) => supertest(app).get('/a').set({ accept: 'text/html', host });
  expect(log.notices).toEqual([]);
  for (const host of ['one.example', 'one.example', 'two.example']) expect((await visit(host)).status).toBe(302);
  expect(log.notices.map((line) => /come back to (\S+),/.exec(line)?.[1])).toEqual([
    'http://one.example/login/callback',
    'http://two.example/login/callback',
  ]);
});
