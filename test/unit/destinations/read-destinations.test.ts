import { describe, expect, test } from 'vitest';
import { createKeyStores } from '../../../src/config/key-store.ts';
import { readDestinations } from '../../../src/destinations/read-destinations.ts';
import { type ConfigError, Problems, tellProblem } from '../../../src/errors/config-error.ts';

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
  return { destinations, told, warned: problems.warnings.map(tellProblem) };
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

describe('what a cockpit exports beside the HTTP destinations of this application is a warning', () => {
  test.each([
    [{ Type: 'RFC', 'jco.client.ashost': 'erp' }, /Type: x cannot be used: only destinations of type HTTP/],
    [{ Type: 'mail', ProxyType: 'Internet' }, /Type: x cannot be used: .* not mail/],
    [{ Type: 'HTTP', URL: 'http://erp:44300', ProxyType: 'OnPremise' }, /ProxyType: x cannot be used: OnPremise/],
    [{ URL: 'http://erp', proxyType: 'onpremise', Authentication: 'PrincipalPropagation' }, /proxyType: x cannot be/],
    [{ URL: 'https://erp', Authentication: 'PrincipalPropagation' }, /Authentication: x cannot be .* Cloud Connector/],
    [{ URL: 'https://erp', Authentication: 'SAPAssertionSSO' }, /Authentication: x cannot be used: .*deprecated/],
    [
      { URL: 'https://erp', Authentication: 'ClientCertificateAuthentication', 'KeyStore.Source': 'ClientProvided' },
      /KeyStore\.Source: x cannot be used: callers .* hold its key/,
    ],
    [
      { URL: 'https://erp', Authentication: 'OAuth2ClientCredentials', 'tokenServiceURL.ProxyType': 'OnPremise' },
      /tokenServiceURL\.ProxyType: x cannot be used: its token service needs a Cloud Connector/,
    ],
  ])('%j', async (kind, warning) => {
    const { destinations, told, warned } = await read(undefined, JSON.stringify([one, { Name: 'x', ...kind }]));
    expect(told).toEqual([]);
    expect(warned).toEqual([expect.stringMatching(warning)]);
    expect(warned[0]).toMatch(/^destinations\.json\/1\//);
    expect(destinations.names).toEqual(['one']);
  });

  test('but what is a mistake stays one', async () => {
    const { told } = await read(
      undefined,
      JSON.stringify([
        { ...one, Type: 'HTPT' },
        { ...one, Name: 'b', ProxyType: 'x' },
      ]),
    );
    expect(told).toHaveLength(2);
  });

  test('and in the variable each one is meant', async () => {
    const { told } = await read(JSON.stringify([{ name: 'x', url: 'https://x', proxyType: 'OnPremise' }]));
    expect(told).toHaveLength(1);
  });

  test('a destination that needs the token of such a one is refused', async () => {
    const needy = {
      ...one,
      Authentication: 'OAuth2ClientCredentials',
      clientId: 'c',
      tokenServiceURL: 'https://t.example',
      'clientAssertion.destinationName': 'x',
    };
    const { told } = await read(undefined, JSON.stringify([needy, { Name: 'x', Type: 'RFC' }]));
    expect(told).toEqual([expect.stringMatching(/names the destination x, which cannot be used: only/)]);
  });
});

test('many are read with turns for others in between: a configuration that is read anew holds up no request', async () => {
  const many = Array.from({ length: 500 }, (_, n) => ({ ...one, Name: `d${n}` }));
  let [turns, over] = [0, false];
  const others = () => {
    turns += 1;
    if (!over) setImmediate(others);
  };
  setImmediate(others);
  const { destinations } = await read(undefined, JSON.stringify(many));
  over = true;
  expect(destinations.names).toHaveLength(500);
  expect(turns).toBeGreaterThanOrEqual(10);
});
