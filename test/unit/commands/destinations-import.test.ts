import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../../src/commands/destinations-import.ts';
import { run as list } from '../../../src/commands/destinations-list.ts';
import { callCommand } from '../../support/call-command.ts';
import { providerTenant, type StandIn, startStandIn } from '../../support/stand-in-destination-service.ts';
import { workingDirectory } from '../../support/working-directory.ts';

const graph = {
  Name: 'graph-api',
  Type: 'HTTP',
  URL: 'https://graph.example/v1.0',
  Authentication: 'OAuth2ClientCredentials',
  ProxyType: 'Internet',
  clientId: 'us',
  clientSecret: 's3cret!x',
  tokenServiceURL: 'https://login.example/oauth/token',
};

const read = (directory: string, file = 'destinations.json') => readFileSync(path.join(directory, file), 'utf8');
const entriesIn = (directory: string) => JSON.parse(read(directory)) as Record<string, string>[];

describe('what a cockpit exports', () => {
  const lines = [
    '#',
    '#Thu Jan 01 00:00:00 UTC 2026',
    'Type=HTTP',
    '#clientSecret=<< Existing password/certificate removed on export >>',
    'Name=graph-api',
    'URL=https\\://graph.example/v1.0',
    'Description=a \\u00e4 b',
    'tokenServiceURL=https\\://login.example/oauth/token',
    'Authentication=OAuth2ClientCredentials',
    'clientId=us',
    'ProxyType=Internet',
  ].join('\n');

  test.each([
    ['one object', JSON.stringify(graph)],
    ['an array', JSON.stringify([graph])],
    ['as Find answers', JSON.stringify({ owner: {}, destinationConfiguration: graph })],
    ['Key=Value lines', lines],
    ['the same with Windows line ends and a byte order mark', `\uFEFF${lines.replaceAll('\n', '\r\n')}`],
  ])('is taken from %s; the secret becomes a reference that is told', async (_, text) => {
    const directory = workingDirectory({ 'export.txt': text });
    const { status, out } = await callCommand(run, directory, ['export.txt']);
    expect(status).toBe(0);
    const [entry] = entriesIn(directory);
    expect(entry).toMatchObject({
      Name: 'graph-api',
      URL: 'https://graph.example/v1.0',
      clientSecret: ['$', '{env:GRAPH_API_CLIENT_SECRET}'].join(''),
    });
    expect(out).toContain('GRAPH_API_CLIENT_SECRET  clientSecret of graph-api');
    expect(read(directory) + out).not.toContain('s3cret!x');
    expect(statSync(path.join(directory, 'destinations.json')).mode & 0o77).toBe(0);
    const listed = await callCommand(list, directory, [], { GRAPH_API_CLIENT_SECRET: 's3cret!x' });
    expect([listed.status, listed.err]).toEqual([0, '']);
    expect(listed.out).toMatch(/graph-api +OAuth2ClientCredentials +https:\/\/graph\.example\/v1\.0 +configuration/);
  });

  test('escapes of Key=Value lines are undone', async () => {
    const directory = workingDirectory({ x: `${lines}\nlong=one \\\n   two\nkey\\ with\\ blanks=v` });
    await callCommand(run, directory, ['x']);
    expect(entriesIn(directory)[0]).toMatchObject({ Description: 'a ä b', long: 'one two', 'key with blanks': 'v' });
  });

  test.each([
    ['clientSecret', true],
    ['Password', true],
    ['tokenService.KeyStorePassword', true],
    ['tokenService.body.client_assertion', true],
    ['URL.headers.Authorization', true],
    ['URL.headers.APIKey', true],
    ['URL.queries.access_token', true],
    ['tokenServiceURL.headers.x-api-key', true],
    ['tokenService.body.token_format', false],
    ['tokenService.body.requested_token_use', false],
    ['tokenService.body.client_assertion_type', false],
    ['URL.headers.apiversion', false],
    ['KeyStoreLocation', false],
  ])('of its properties %s is a secret: %s', async (property, isSecret) => {
    const directory = workingDirectory({
      x: JSON.stringify({ Name: 'a', URL: 'https://a.example', [property]: 'value-77' }),
    });
    await callCommand(run, directory, ['x']);
    expect(read(directory).includes('value-77')).toBe(!isSecret);
  });

  test('values go into a file of variables where one is named, for its owner only', async () => {
    const directory = workingDirectory({ x: JSON.stringify(graph) });
    const { out } = await callCommand(run, directory, ['x', '--env', 'secrets.env']);
    expect(read(directory, 'secrets.env')).toBe("GRAPH_API_CLIENT_SECRET='s3cret!x'\n");
    expect(statSync(path.join(directory, 'secrets.env')).mode & 0o77).toBe(0);
    expect(out).not.toContain('s3cret');
  });

  test.each(['', 'hello', '{"a":', '[{"URL":"x"}]', '{}'])(
    'what is none (%j) is told, and nothing is written',
    async (text) => {
      const directory = workingDirectory({ x: text });
      await expect(callCommand(run, directory, ['x'])).rejects.toThrow(/x (holds no destination|is neither)/);
      expect(existsSync(path.join(directory, 'destinations.json'))).toBe(false);
    },
  );
});

describe('what is there already', () => {
  const before = [
    { Name: 'graph-api', URL: 'https://old.example' },
    { Name: 'other', URL: 'https://other.example' },
  ];

  test('is left alone, all of it, and told', async () => {
    const directory = workingDirectory({
      'destinations.json': before,
      x: JSON.stringify([graph, { ...graph, Name: 'new' }]),
    });
    const { status, err } = await callCommand(run, directory, ['x']);
    expect(status).toBe(1);
    expect(err).toContain('destinations.json: graph-api');
    expect(entriesIn(directory)).toEqual(before);
  });

  test('is replaced with --force; what has another name stays', async () => {
    const directory = workingDirectory({ 'destinations.json': before, x: JSON.stringify(graph) });
    expect((await callCommand(run, directory, ['x', '--force'])).status).toBe(0);
    expect(entriesIn(directory).map(({ Name, URL }) => [Name, URL])).toEqual([
      ['other', 'https://other.example'],
      ['graph-api', 'https://graph.example/v1.0'],
    ]);
  });
});

describe('a Destination service', () => {
  let service: StandIn;
  let key: object;
  beforeAll(async () => {
    service = await startStandIn();
    key = (service.binding as { destination: [{ credentials: object }] }).destination[0].credentials;
  });
  beforeEach(() => {
    const { subaccount, instance, certificates } = service.of(providerTenant);
    for (const map of [subaccount, instance, certificates]) map.clear();
    subaccount
      .set('graph-api', graph)
      .set('tls', { Name: 'tls', URL: 'https://t.example', KeyStoreLocation: 'client.p12' });
    instance.set('graph-api', { ...graph, URL: 'https://instance.example' });
    certificates.set('client.p12', Buffer.from('bytes of a key store').toString('base64'));
  });

  test('is read whole by its service key: destinations, those of the instance first, and key stores', async () => {
    const directory = workingDirectory({ 'key.json': { credentials: key } });
    expect((await callCommand(run, directory, ['key.json'])).status).toBe(0);
    expect(entriesIn(directory).map(({ Name, URL }) => [Name, URL])).toEqual([
      ['graph-api', 'https://instance.example'],
      ['tls', 'https://t.example'],
    ]);
    expect(read(directory, 'keystores/client.p12')).toBe('bytes of a key store');
    expect(read(directory)).not.toContain('s3cret');
  });

  test('is listed with --bound', async () => {
    const env = { VCAP_SERVICES: JSON.stringify(service.binding) };
    const directory = workingDirectory({ 'destinations.json': [{ Name: 'tls', URL: 'https://here.example' }] });
    const { out } = await callCommand(list, directory, ['--bound', '--json'], env);
    expect(JSON.parse(out)).toMatchObject([
      { name: 'tls', source: 'configuration' },
      { name: 'graph-api', source: 'service' },
      { name: 'tls', source: 'service (hidden)' },
    ]);
    expect(out).not.toContain('s3cret');
  });

  test('that refuses the key is told with its reason', async () => {
    const directory = workingDirectory({ 'key.json': { ...key, clientsecret: 'wrong' } });
    await expect(callCommand(run, directory, ['key.json'])).rejects.toThrow(/cannot be asked without a token/);
  });

  test.each([
    [
      'a reference to a variable of ours',
      { Name: 'spy', URL: ['https://evil.example/$', '{env:HOME}'].join('') },
      /reference to a variable/,
    ],
    [
      'a key store that would land elsewhere',
      { Name: 'spy', URL: 'https://a.example', KeyStoreLocation: '../x.p12' },
      /no file can have/,
    ],
  ])('with %s is not imported', async (_, entry, why) => {
    const { subaccount, certificates } = service.of(providerTenant);
    subaccount.set('spy', entry);
    certificates.set('../x.p12', 'AAAA');
    const directory = workingDirectory({ 'key.json': key });
    await expect(callCommand(run, directory, ['key.json'])).rejects.toThrow(why);
    expect(existsSync(path.join(directory, 'destinations.json'))).toBe(false);
  });
});
