import { describe, expect, test } from 'vitest';
import type { Binding } from '../../../src/config/binding.ts';
import type { IdentityProvider } from '../../../src/config/identity-provider.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { checkProviders, providerChooser, warnOfTwoBound } from '../../../src/routing/provider-of.ts';
import { problemLines } from '../../support/problem-lines.ts';

const provider = (kind: IdentityProvider['kind'], name: string) => ({ kind, name }) as IdentityProvider;
const xsuaa = provider('xsuaa', 'xsuaa');
const ias = provider('ias', 'ias');
const oidc = provider('oidc', 'oidc');
const partner = provider('oidc', 'partner');

describe('which provider the login of a route belongs to (xs-app.md 3.9)', () => {
  test.each([
    ['type xsuaa', [oidc, xsuaa], 'xsuaa', undefined, 'xsuaa'],
    ['type ias', [xsuaa, ias], 'ias', undefined, 'ias'],
    ['type oidc: the first of them', [xsuaa, oidc, partner], 'oidc', undefined, 'oidc'],
    ['no type, only XSUAA', [xsuaa], undefined, undefined, 'xsuaa'],
    ['no type, only IAS', [ias], undefined, undefined, 'ias'],
    ['no type, both bound', [xsuaa, ias], undefined, undefined, 'xsuaa'],
    ['no type, nothing bound', [oidc], undefined, undefined, 'oidc'],
    ['the configured provider that the route names', [oidc, partner], undefined, 'partner', 'partner'],
    ['the named one, of the type the route asks for', [oidc, partner], 'oidc', 'partner', 'partner'],
    ['a name that only the provider behind knows', [xsuaa], undefined, 'sap.custom', 'xsuaa'],
    ['basic credentials are checked at whichever there is', [oidc, xsuaa], 'basic', undefined, 'oidc'],
    ['public', [xsuaa], 'none', undefined, undefined],
    ['a type that nobody serves', [oidc], 'xsuaa', undefined, undefined],
    ['nobody there', [], undefined, undefined, undefined],
  ] as const)('%s', (_, providers, type, identityProvider, expected) => {
    expect(providerChooser(providers, true)(type, identityProvider)).toBe(expected);
  });

  test('a route of type xsuaa never logs in elsewhere, whatever name it gives', () => {
    expect(providerChooser([xsuaa, partner], true)('xsuaa', 'partner')).not.toBe('partner');
  });

  test('where login is off, no route has one', () => {
    expect(providerChooser([xsuaa], false)('xsuaa', undefined)).toBeUndefined();
  });
});

describe('XSUAA and IAS both bound', () => {
  const warnings = (types: readonly (string | undefined)[], providers: readonly IdentityProvider[]) => {
    const problems = new Problems();
    const routes = types.map((type) => (type === undefined ? {} : { authenticationType: type }));
    warnOfTwoBound('xs-app.json/routes', routes as Parameters<typeof warnOfTwoBound>[1], providers, problems);
    return problems.warnings.map(({ path }) => path);
  };

  test('is told for the routes that say neither, and nobody else', () => {
    expect(warnings([undefined, 'ias', undefined], [xsuaa, ias])).toEqual(['0, 2']);
    expect(warnings(['xsuaa', 'ias', 'none'], [xsuaa, ias])).toEqual([]);
    expect(warnings([undefined], [xsuaa, oidc])).toEqual([]);
  });
});

describe('a route that needs a login nobody can give refuses the start (1.2)', () => {
  const check = (
    routes: Parameters<typeof checkProviders>[1],
    providers: IdentityProvider[],
    loginIsOn = true,
    bindings: readonly Binding[] = [],
  ) => {
    const problems = new Problems();
    checkProviders('xs-app.json/routes', routes, loginIsOn, providerChooser(providers, loginIsOn), bindings, problems);
    return problemLines(problems);
  };

  test('with the route and the cure', () => {
    expect(check([{ authenticationType: 'none' }, {}], [])).toEqual([
      expect.stringMatching(/^xs-app\.json\/routes\/1: needs a login, but no identity provider .*OIDC_ISSUER.*"none"$/),
    ]);
  });

  test('with the type that is not there', () => {
    expect(check([{ authenticationType: 'ias' }], [xsuaa])).toEqual([
      expect.stringMatching(
        /^xs-app\.json\/routes\/0\/authenticationType: needs a login, but no provider of type "ias"/,
      ),
    ]);
  });

  describe('with what was looked for, and what is bound instead', () => {
    const bound = (name: string, label: string): Binding => ({
      name,
      label,
      tags: [],
      credentials: { secret: 'hush' },
    });
    const lines = (type: 'xsuaa' | 'ias' | 'oidc' | undefined, bindings: readonly Binding[]) =>
      check([type === undefined ? {} : { authenticationType: type }], [], true, bindings).join();

    test.each([
      ['xsuaa', 'a service with the tag or label xsuaa'],
      ['ias', 'a service with the label identity'],
      ['oidc', 'OIDC_ISSUER and identity-providers.json'],
      [
        undefined,
        'a service with the tag or label xsuaa, one with the label identity, OIDC_ISSUER, identity-providers.json',
      ],
    ] as const)('%s', (type, place) => {
      expect(lines(type, [])).toContain(`(looked for ${place}; nothing is bound); bind one`);
    });

    test('by name and label, and nothing of the credentials', () => {
      const told = lines('xsuaa', [bound('my-uaa', 'user-provided'), bound('cache', 'redis')]);
      expect(told).toContain('; bound: my-uaa (user-provided), cache (redis)); bind one');
      expect(told).not.toContain('hush');
    });

    test('a dozen of many', () => {
      const many = Array.from({ length: 30 }, (_, i) => bound(`s${i}`, 'x'));
      expect(lines('xsuaa', many)).toContain('s11 (x) and 18 more)');
    });
  });

  test('basic too needs a provider that checks the credentials', () => {
    expect(check([{ authenticationType: 'basic' }], [xsuaa])).toEqual([]);
    expect(check([{ authenticationType: 'basic' }], [])).toHaveLength(1);
  });

  test('not when it is public, served, or login is off', () => {
    expect(check([{ authenticationType: 'none' }], [])).toEqual([]);
    expect(check([{}, { authenticationType: 'xsuaa' }], [xsuaa])).toEqual([]);
    expect(check([{ authenticationType: 'basic' }, {}], [], false)).toEqual([]);
  });
});
