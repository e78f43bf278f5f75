import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { freePort, openRedis } from './support/open-redis.ts';
import { loggedIn, openStore, put } from './support/open-stores.ts';

/** What every kind of Redis must be good for: two instances share a session, and hear of its end. */
async function proveShared(env: Readonly<Record<string, string>>): Promise<void> {
  const [a, b] = await Promise.all([openStore({ env }), openStore({ env })]);
  // From when both listen: what was told before, an instance finds out by looking.
  const bothHear = async () => {
    await put(b, 'probe', loggedIn('probe'));
    await b.store.remove('probe');
    expect(a.ended).toContain('probe');
  };
  await vi.waitFor(bothHear, { timeout: 5_000, interval: 50 });
  await put(a, 'one', loggedIn('ada', 's1'));
  await put(b, 'two', loggedIn('ada', 's2'));
  expect(await b.store.read('one')).toMatchObject({ login: { sid: 's1' } });
  expect(await a.store.write('two', { csrfToken: 'new' })).toBe(true);
  expect(await b.store.exclusively('one', async () => {})).toBe(true);
  expect(await a.store.firstUse('jti', 1_000)).toBe(true);
  expect(await b.store.firstUse('jti', 1_000)).toBe(false);
  const ended = await b.store.removeByLogin({ provider: 'oidc', sid: undefined, subject: 'ada' });
  expect(ended.map(({ id }) => id).sort()).toEqual(['one', 'two']);
  await vi.waitFor(() => expect(a.ended).toEqual(expect.arrayContaining(['one', 'two'])), {
    timeout: 2_000,
    interval: 10,
  });
}

const binding = (credentials: object) => ({ BINDING: JSON.stringify(credentials), REDIS_URL: '' });

describe('sessions in Redis', () => {
  test('with user and password', async () => {
    const redis = await openRedis({
      options: ['--user', 'harbour', 'on', '>s3cret', '~*', '&*', '+@all', '--user', 'default', 'off'],
    });
    await proveShared({ REDIS_URL: `redis://harbour:s3cret@127.0.0.1:${redis.port}` });
  });

  test('as a cluster', async () => {
    const nodes = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const port = await freePort();
        return openRedis({ port, options: ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())] });
      }),
    );
    const share = Math.ceil(16_384 / nodes.length);
    for (const [i, node] of nodes.entries()) {
      const last = Math.min(16_383, (i + 1) * share - 1);
      expect(await node.tell('CLUSTER', 'ADDSLOTSRANGE', String(i * share), String(last))).toBe('+OK');
    }
    const [first, ...others] = nodes;
    for (const { port, options } of others) {
      const bus = options[options.indexOf('--cluster-port') + 1] ?? '';
      await first?.tell('CLUSTER', 'MEET', '127.0.0.1', String(port), bus);
    }
    for (const node of nodes)
      await vi.waitFor(async () => expect(await node.tell('SET', '{slot}', '1')).toMatch(/^(\+OK|-MOVED)/), {
        timeout: 10_000,
        interval: 50,
      });
    await proveShared(binding({ hostname: '127.0.0.1', port: first?.port, cluster_mode: true }));
  });

  test('behind sentinels', async () => {
    const master = await openRedis();
    const directory = mkdtempSync(path.join(tmpdir(), 'sentinel-'));
    const port = await freePort();
    const config = path.join(directory, 'sentinel.conf');
    writeFileSync(config, `sentinel monitor harbour 127.0.0.1 ${master.port} 1\n`);
    await openRedis({ port, directory, config, options: ['--sentinel'] });
    const uri = `redis://127.0.0.1:${master.port}#harbour`;
    await proveShared(binding({ uri, sentinel_nodes: [{ hostname: '127.0.0.1', port }] }));
  });

  test('over TLS, with a CA of its own and the host checked', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'redis-tls-'));
    const [key, cert] = [path.join(directory, 'key.pem'), path.join(directory, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '1', '-nodes'];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...made, ...subject], { stdio: 'ignore' });
    const tlsPort = await freePort();
    const tls = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'];
    await openRedis({ directory, options: ['--tls-port', String(tlsPort), ...tls] });
    const credentials = { hostname: 'localhost', port: tlsPort, tls: true };
    const ca = readFileSync(cert).toString('base64');
    await proveShared(binding({ ...credentials, ca_base64: ca }));
    await expect(openStore({ env: binding(credentials), patience: 500 }), 'an unknown CA').rejects.toThrow('not ready');
    const wrongName = binding({ ...credentials, hostname: '127.0.0.1', ca_base64: ca });
    await expect(openStore({ env: wrongName, patience: 500 }), 'another name').rejects.toThrow('not ready');
  });

  test('that hangs is given up after the command timeout, and used again when it goes on', async () => {
    const redis = await openRedis();
    const options = { instanceName: 'sessions', storageType: 'redis', sessionSecret: 's'.repeat(64) };
    const { store } = await openStore({
      env: {
        ...binding({ hostname: '127.0.0.1', port: redis.port }),
        EXT_SESSION_MGT: JSON.stringify({ ...options, commandTimeout: 300 }),
      },
    });
    redis.freeze();
    const begun = performance.now();
    await expect(store.read('any')).rejects.toThrow();
    expect(performance.now() - begun).toBeLessThan(1_500);
    redis.thaw();
    await vi.waitFor(async () => expect(await store.read('any')).toBeUndefined(), { timeout: 3_000, interval: 50 });
  });
});
