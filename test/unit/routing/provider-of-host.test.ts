import { describe, expect, test } from 'vitest';
import { Problems } from '../../../src/errors/config-error.ts';
import { compileHosts } from '../../../src/routing/provider-of-host.ts';
import { compiledRoutes } from '../../support/compiled-routes.ts';
import { problemLines } from '../../support/problem-lines.ts';

const providers = [{ name: 'staff' }, { name: 'partners' }];
const entries = [
  { source: '^/silent/', destination: 'b' },
  { source: '^/basic/', destination: 'b', authenticationType: 'basic' },
  { source: '^/typed/', destination: 'b', authenticationType: 'oidc' },
  { source: '^/named/', destination: 'b', identityProvider: 'staff' },
  { source: '^/hinted/', destination: 'b', identityProvider: 'corporate' },
  { source: '^/named-basic/', destination: 'b', authenticationType: 'basic', identityProvider: 'staff' },
  { source: '^/open/', destination: 'b', authenticationType: 'none' },
] as const;
const plugins = [{ name: 'crane', source: '^/crane/', destination: 'b' }];
const routes = compiledRoutes(entries, {
  plugins,
  providerOf: (type) => (type === 'none' ? undefined : 'staff'),
});

const compile = (setting: Readonly<Record<string, string>>) => {
  const problems = new Problems();
  return { rulesOf: compileHosts(setting, providers, routes, problems), lines: problemLines(problems) };
};
const acceptedAt = (host: string, setting: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    (compile(setting).rulesOf?.(host).routes ?? []).map(({ name, access }) => [
      name,
      access.kind === 'public' ? 'anybody' : `${access.accepts.join(' ')}, login at ${access.provider}`,
    ]),
  );

describe('the provider of a host (PORTUNUS_PROVIDER_OF_HOST)', () => {
  test('counts on routes that name none, a plugin’s and the implicit one included', () => {
    const ofPartners = 'partners, login at partners';
    const ofStaff = 'staff, login at staff';
    expect(acceptedAt('pier.example:8080', { 'pier.example': 'partners' })).toEqual({
      'routes/0': ofPartners,
      'routes/1': ofPartners,
      'routes/2': ofStaff,
      'routes/3': ofStaff,
      'routes/4': ofStaff,
      'routes/5': ofStaff,
      'routes/6': 'anybody',
      'plugin crane': ofPartners,
      'implicit route resources': ofPartners,
    });
  });

  test('on other hosts the routes are what they are without it', () => {
    const rules = compile({ 'pier.example': 'partners' }).rulesOf?.('harbour.example');
    expect(rules).toEqual({ provider: undefined, routes });
    expect(rules?.routes).toBe(routes);
  });

  test('everything else of a route stays', () => {
    const [changed] = compile({ 'pier.example': 'partners' }).rulesOf?.('pier.example').routes ?? [];
    const [before] = routes;
    expect({ ...changed, access: undefined }).toEqual({ ...before, access: undefined });
    expect({ ...changed?.access, provider: '', accepts: [] }).toEqual({ ...before?.access, provider: '', accepts: [] });
  });

  test('routes are made once for each provider, not for each request', () => {
    const rulesOf = compile({ 'pier.example': 'partners', '*.pier.example': 'partners' }).rulesOf;
    expect(rulesOf?.('a.pier.example').routes).toBe(rulesOf?.('pier.example').routes);
  });

  test('where no host has one, nothing is asked of the host', () => {
    expect(compile({}).rulesOf).toBeUndefined();
  });
});

describe('what is refused at the start', () => {
  test('a provider that is not there', () => {
    expect(compile({ 'pier.example': 'partner' }).lines).toEqual([
      'PORTUNUS_PROVIDER_OF_HOST/pier.example: there is no provider "partner"; there are: staff, partners',
    ]);
  });

  test.each(['*', 'https://pier.example', 'pier.example:443', 'pier.example/app', '*.'])(
    '"%s", which is no host',
    (host) => {
      const [line, ...more] = compile({ [host]: 'partners' }).lines;
      expect(more).toEqual([]);
      expect(line).toContain(
        `PORTUNUS_PROVIDER_OF_HOST/${host}: is no name of a host; write it as partners.example or`,
      );
    },
  );

  test('a host in two spellings: one of them would be without effect', () => {
    expect(compile({ 'pier.example': 'partners', 'Pier.Example.': 'staff' }).lines).toEqual([
      'PORTUNUS_PROVIDER_OF_HOST/Pier.Example.: is named twice, in two spellings; remove one',
    ]);
  });
});
