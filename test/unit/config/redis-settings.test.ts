import { describe, expect, test } from 'vitest';
import type { Binding } from '../../../src/config/binding.ts';
import { readExternalSessions } from '../../../src/config/redis-settings.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';

const secret = 's3cr3t'.repeat(12);
const bound = (credentials: Record<string, unknown>, told: Partial<Binding> = {}): Binding => ({
  label: 'redis-cache',
  name: 'store',
  tags: [],
  credentials,
  ...told,
});
const management = { instanceName: 'store', storageType: 'redis', sessionSecret: secret };

function read(variables: Record<string, unknown>, bindings: readonly Binding[] = []) {
  const problems = new Problems();
  const get = (name: string) => {
    const value = variables[name];
    return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  };
  const found = readExternalSessions({ get }, bindings, problems);
  return { found, problems: problemLines(problems) };
}

describe('where sessions of several instances are kept (xs-app.md 6.6, design section 6)', () => {
  test('nothing said: in memory', () => {
    expect(read({})).toEqual({ found: undefined, problems: [] });
  });

  test.each([
    ['redis://localhost', 'localhost', 6379, undefined, undefined, {}],
    ['redis://:pw@r.example:6380', 'r.example', 6380, undefined, 'pw', {}],
    [
      'rediss://user:p%40w@r.example',
      'r.example',
      6379,
      'user',
      'p@w',
      { tls: true, rejectUnauthorized: true, servername: 'r.example' },
    ],
  ])('REDIS_URL %s', (url, host, port, username, password, tls) => {
    const { found, problems } = read({ REDIS_URL: url });
    expect(problems).toEqual([]);
    expect(found).toMatchObject({ secret: undefined, redis: { kind: 'single', nodes: [{ host, port }], tls } });
    expect(found?.redis).toMatchObject({ username, password });
  });

  test('EXT_SESSION_MGT with the binding it names, and its secret', () => {
    const credentials = {
      hostname: 'r.example',
      port: '6380',
      password: 'pw',
      tls: true,
      ca_base64: Buffer.from('PEM').toString('base64'),
    };
    const options = {
      ...management,
      connectTimeout: 1,
      commandTimeout: 2,
      keepAlive: false,
      rejectUnauthorized: false,
    };
    const { found, problems } = read({ EXT_SESSION_MGT: options }, [
      bound({ hostname: 'other' }, { name: 'x' }),
      bound(credentials),
    ]);
    expect(problems).toEqual([]);
    expect(found).toMatchObject({
      secret,
      redis: {
        kind: 'single',
        nodes: [{ host: 'r.example', port: 6380 }],
        password: 'pw',
        tls: { tls: true, rejectUnauthorized: false, ca: 'PEM', servername: 'r.example' },
        connectTimeout: 1,
        commandTimeout: 2,
        keepAlive: false,
      },
    });
  });

  test('the defaults', () => {
    expect(read({ REDIS_URL: 'redis://r' }).found?.redis).toMatchObject({
      connectTimeout: 10_000,
      commandTimeout: 5_000,
      keepAlive: 30_000,
    });
  });

  test('a cluster, and sentinels with the name of their master', () => {
    const cluster = read({}, [bound({ hostname: 'r', port: 1, cluster_mode: true })]);
    expect(cluster.found?.redis).toMatchObject({ kind: 'cluster', nodes: [{ host: 'r', port: 1 }] });
    const nodes = [
      { hostname: 'a', port: 1 },
      { hostname: 'b', port: 2 },
    ];
    const sentinel = read({}, [bound({ uri: 'rediss://:p@r.example#harbour', sentinel_nodes: nodes })]);
    expect(sentinel.found?.redis).toMatchObject({
      kind: 'sentinel',
      sentinelName: 'harbour',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    });
  });

  test('host names are not checked only when that is said', () => {
    const credentials = { hostname: 'r', tls: true };
    const unchecked = read({ EXT_SESSION_MGT: { ...management, skipCertHostnameValidation: true } }, [
      bound(credentials),
    ]);
    expect(unchecked.found?.redis.tls).toHaveProperty('checkServerIdentity');
    const checked = read({ EXT_SESSION_MGT: management }, [bound(credentials)]);
    expect(checked.found?.redis.tls).not.toHaveProperty('checkServerIdentity');
  });
});

describe('what cannot be used refuses the start: sessions do not silently stay in memory', () => {
  test.each<[string, Record<string, unknown>, Binding[], RegExp]>([
    [
      'a service that is not bound',
      { EXT_SESSION_MGT: management },
      [],
      /^EXT_SESSION_MGT\/instanceName: no service "store" is bound$/,
    ],
    [
      'another kind of store',
      { EXT_SESSION_MGT: { ...management, storageType: 'mongo' } },
      [bound({ hostname: 'r' })],
      /^EXT_SESSION_MGT\/storageType: must be "redis"/,
    ],
    [
      'a secret that is too short',
      { EXT_SESSION_MGT: { ...management, sessionSecret: 'short' } },
      [bound({ hostname: 'r' })],
      /^EXT_SESSION_MGT\/sessionSecret: must have 64 characters or more$/,
    ],
    [
      'no secret',
      { EXT_SESSION_MGT: { ...management, sessionSecret: undefined } },
      [bound({ hostname: 'r' })],
      /^EXT_SESSION_MGT\/sessionSecret: is missing/,
    ],
    ['no JSON', { EXT_SESSION_MGT: '{' }, [], /^EXT_SESSION_MGT: is not valid JSON/],
    ['credentials without a host', {}, [bound({ password: 'pw' })], /credentials: must name a host/],
    ['a URL of another kind', { REDIS_URL: 'http://r.example' }, [], /^REDIS_URL: must name a host/],
    ['no URL', { REDIS_URL: 'r.example' }, [], /^REDIS_URL: must name a host/],
  ])('%s', (_, variables, bindings, line) => {
    const { found, problems } = read(variables, bindings);
    expect(found).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(line)]);
  });

  test('and no secret is printed', () => {
    for (const text of [
      `{"sessionSecret": ${secret}}`,
      JSON.stringify({ ...management, sessionSecret: 'short-s3cr3t' }),
    ])
      expect(read({ EXT_SESSION_MGT: text }, [bound({ hostname: 'r' })]).problems.join()).not.toContain('s3cr3t');
    expect(read({ REDIS_URL: 'htp://:s3cr3t@r' }).problems.join()).not.toContain('s3cr3t');
  });
});
