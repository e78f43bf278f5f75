import { describe, expect, test } from 'vitest';
import { createKeyStores } from '../../../src/config/key-store.ts';
import { readDestinations } from '../../../src/destinations/read-destinations.ts';
import { type ConfigError, Problems } from '../../../src/errors/config-error.ts';

async function problemsOf(destinations: readonly object[], environment: readonly object[] = []) {
  const problems = new Problems();
  await readDestinations({
    environment: JSON.stringify(environment),
    file: { name: 'destinations.json', text: JSON.stringify(destinations) },
    keyStores: createKeyStores('/nowhere'),
    env: () => undefined,
    problems,
  });
  try {
    problems.throwIfAny();
    return [];
  } catch (error) {
    return (error as ConfigError).message.split('\n');
  }
}

const oauth = (Name: string, more: object = {}) => ({
  Name,
  URL: 'https://target.example',
  Authentication: 'OAuth2ClientCredentials',
  clientId: Name,
  clientSecret: 's',
  tokenServiceURL: 'https://login.example/token',
  ...more,
});
const giver = (Name: string, more: object = {}) =>
  oauth(Name, { 'clientAssertion.type': 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', ...more });
const user = (Name: string, more: object = {}) => oauth(Name, { Authentication: 'OAuth2JWTBearer', ...more });
const sentOn = (name: string) => ({ 'userToken.destinationName': name });
const needs = (name: string) => ({ 'clientAssertion.destinationName': name });

describe('what a destination needs of another is checked at start', () => {
  test('it may stand before or after, and in another source', async () => {
    expect(await problemsOf([oauth('a', needs('b')), giver('b', needs('c')), giver('c')])).toEqual([]);
    expect(await problemsOf([oauth('a', needs('b'))], [giver('b')])).toEqual([]);
  });

  test.each<[string, object[], string[]]>([
    [
      'nothing of that name',
      [oauth('a', needs('b'))],
      ['0/clientAssertion.destinationName: names the destination b, which does not exist'],
    ],
    [
      'another type',
      [oauth('a', needs('b')), oauth('b', { Authentication: 'OAuth2JWTBearer' })],
      [
        '0/clientAssertion.destinationName: names the destination b, which must be of type OAuth2ClientCredentials, not OAuth2JWTBearer',
      ],
    ],
    [
      'one that does not say what its token is',
      [oauth('a', needs('b')), oauth('b')],
      [
        '0/clientAssertion.destinationName: names the destination b, which must say in clientAssertion.type what its token is',
      ],
    ],
    ['itself', [giver('a', needs('a'))], ['0/clientAssertion.destinationName: leads back to where it began: a → a']],
    [
      'a circle, told once for each that is in it, and not for one that leads into it',
      [giver('a', needs('b')), giver('b', needs('c')), giver('c', needs('a')), oauth('d', needs('a'))],
      [
        '0/clientAssertion.destinationName: leads back to where it began: a → b → c → a',
        '1/clientAssertion.destinationName: leads back to where it began: b → c → a → b',
        '2/clientAssertion.destinationName: leads back to where it began: c → a → b → c',
      ],
    ],
  ])('%s', async (_, destinations, expected) => {
    expect(await problemsOf(destinations)).toEqual(expected.map((text) => `destinations.json/${text}`));
  });

  test.each<[string, object[], string[]]>([
    ['a destination that gets a token for the user', [user('a', sentOn('b')), user('b', sentOn('c')), user('c')], []],
    [
      'one that gets a token for itself',
      [user('a', sentOn('b')), oauth('b')],
      [
        'names the destination b, which must get a token for the user: OAuth2JWTBearer, OAuth2SAMLBearerAssertion, OAuth2TokenExchange, OAuth2UserTokenExchange; not OAuth2ClientCredentials',
      ],
    ],
    ['itself', [user('a', sentOn('a'))], ['leads back to where it began: a → a']],
  ])("the user's token through %s", async (_, destinations, expected) => {
    const prefix = 'destinations.json/0/userToken.destinationName: ';
    expect(await problemsOf(destinations)).toEqual(expected.map((text) => prefix + text));
  });

  test('a circle may have links of both kinds', async () => {
    const mixed = [user('a', { ...sentOn('b'), ...needs('d') }), user('b', needs('c')), giver('c'), giver('d')];
    expect(await problemsOf(mixed)).toEqual([]);
    const back = [user('a', sentOn('b')), user('b', { ...needs('c') }), giver('c', needs('c'))];
    expect(await problemsOf(back)).toEqual([
      'destinations.json/2/clientAssertion.destinationName: leads back to where it began: c → c',
    ]);
  });

  test('one with problems of its own is there, and is complained about once', async () => {
    expect(await problemsOf([oauth('a', needs('b')), giver('b', { clientId: '' })])).toEqual([
      expect.stringContaining('destinations.json/1/clientId: is missing'),
    ]);
  });
});
