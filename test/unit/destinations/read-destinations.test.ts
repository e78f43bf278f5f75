import { describe, expect, test } from 'vitest';
import { createKeyStores } from '../../../src/config/key-store.ts';
import { readDestinations } from '../../../src/destinations/read-destinations.ts';
import { type ConfigError, Problems } from '../../../src/errors/config-error.ts';

async function read(environment: string | undefined, text?: string) {
  const problems = new Problems();
  const file = text === undefined ? undefined : { name: 'destinations.json', text };
  const keyStores = createKeyStores('/nowhere');
  const destinations = await readDestinations({ environment, file, keyStores, env: () => undefined, problems });
  let told: string[] = [];
  try {
    problems.throwIfAny();
  } catch (error) {
    told = (error as ConfigError).message.split('\n');
  }
  return { destinations, told };
}

const one = { Name: 'one', URL: 'https://one.example' };

describe('destinations.json may be written in each way people have it', () => {
  test.each([
    ['an array', [one]],
    ['a single object', one],
    ['as exported', { destinationConfiguration: one }],
    ['an array of those', [{ destinationConfiguration: one }]],
    [
      'a whole answer of the service',
      [{ owner: { SubaccountId: 's' }, destinationConfiguration: one, authTokens: [{ value: 't' }] }],
    ],
    ['flat, with owner left in', [{ ...one, owner: { SubaccountId: 's' }, authTokens: [] }]],
  ])('%s', async (_, content) => {
    const { destinations, told } = await read(undefined, JSON.stringify(content));
    expect(told).toEqual([]);
    expect(destinations.names).toEqual(['one']);
    expect(destinations.get('one')?.url.href).toBe('https://one.example/');
  });
});

describe('of two sources the environment wins', () => {
  test('for a name that both have', async () => {
    const environment = JSON.stringify([{ name: 'one', url: 'https://environment.example' }]);
    const { destinations } = await read(environment, JSON.stringify([one, { ...one, Name: 'two' }]));
    expect(destinations.get('one')?.url.hostname).toBe('environment.example');
    expect(destinations.get('two')?.url.hostname).toBe('one.example');
  });

  test('and what it hides is not even looked at', async () => {
    const environment = JSON.stringify([{ name: 'one', url: 'https://environment.example' }]);
    const { told } = await read(environment, JSON.stringify([{ ...one, URL: 'broken' }]));
    expect(told).toEqual([]);
  });
});

describe('problems say where', () => {
  test.each([
    ['not json', undefined, ['destinations: is not valid JSON']],
    ['{"name":"x","url":"https://x"}', undefined, ['destinations: must be a JSON array of destinations']],
    ['[1]', undefined, ['destinations/0: must be an object with the properties of a destination']],
    ['[{"url":"https://x"}]', undefined, ['destinations/0/name: is missing']],
    ['[{"name":"x"},{"name":"y"}]', undefined, ['destinations/0/url: is missing', 'destinations/1/url: is missing']],
    [
      '[{"name":"x","url":"https://x"},{"name":"x","url":"https://y"}]',
      undefined,
      ['destinations/1: there is another destination x; names must be unique'],
    ],
    [
      undefined,
      '{"destinationConfiguration":{"Name":"x"}}',
      ['destinations.json/destinationConfiguration/URL: is missing'],
    ],
    [
      undefined,
      '[{"destinationConfiguration":{"Name":"x"}}]',
      ['destinations.json/0/destinationConfiguration/URL: is missing'],
    ],
    [undefined, '"text"', ['destinations.json: must be a JSON array of destinations']],
  ])('%s %s', async (environment, file, expected) => {
    const { told } = await read(environment, file);
    expect(told).toEqual(expected.map((text) => expect.stringContaining(text)));
  });

  test.each(['[{"Password":hunter2hunter2}]', '[{"Password":"hunter2hunter2""}]', '[{"Password":"hunter2hunter2"'])(
    'a syntax error quotes nothing of the file, which may hold secrets: %s',
    async (text) => {
      const { told } = await read(undefined, text);
      expect(told).toHaveLength(1);
      expect(told[0]).not.toContain('unter2');
    },
  );
});

test('names that are none, or that every object has, find nothing', async () => {
  const { destinations } = await read(undefined, JSON.stringify([one]));
  expect(['', 'two', '__proto__', 'constructor', 'toString'].map((name) => destinations.get(name))).toEqual(
    new Array(5).fill(undefined),
  );
});

test('without any source there are none', async () => {
  expect((await read(undefined)).destinations.names).toEqual([]);
});
