import { describe, expect, test } from 'vitest';
import { placeOf, tellBinding } from '../../../src/config/binding.ts';
import { readBindings } from '../../../src/config/bindings.ts';
import { mountedBindings, secretsByService } from '../../../src/config/mounted-bindings.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';
import { workingDirectory } from '../../support/working-directory.ts';

describe('bindings mounted as files (servicebinding.io)', () => {
  test('a folder each, a file a property', () => {
    const root = workingDirectory({
      'uaa/type': 'xsuaa\n',
      'uaa/plan': 'application',
      'uaa/tags': '["xsuaa"]',
      'uaa/clientid': 'sb-harbour\n',
      'uaa/uaa.json': '{"a":1}',
      'uaa/..data/clientid': 'twice',
    });
    expect(mountedBindings(root, new Problems())).toMatchObject([
      { label: 'xsuaa', name: 'uaa', plan: 'application', tags: ['xsuaa'], at: `${root}/uaa` },
    ]);
    expect(mountedBindings(root, new Problems())[0]?.credentials).toMatchObject({
      clientid: 'sb-harbour',
      'uaa.json': { a: 1 },
    });
  });

  test('credentials in one file, as .metadata says', () => {
    const root = workingDirectory({
      'ias/.metadata': { credentialProperties: [{ name: 'credentials', format: 'json', container: true }] },
      'ias/type': 'identity',
      'ias/credentials': '{"url":"https://x","clientid":"c"}',
    });
    expect(mountedBindings(root, new Problems())[0]?.credentials).toEqual({
      type: 'identity',
      url: 'https://x',
      clientid: 'c',
    });
  });

  test('everything in one file', () => {
    const root = workingDirectory({ 'ias/binding': '{"type":"identity","instance_name":"mine","clientid":"c"}' });
    expect(mountedBindings(root, new Problems())).toMatchObject([
      { label: 'identity', name: 'mine', credentials: { clientid: 'c' } },
    ]);
  });

  test('a broken .metadata, a root that is not there: as if there were none', () => {
    const root = workingDirectory({ 'x/.metadata': '{', 'x/clientid': 'c' });
    expect(mountedBindings(root, new Problems())).toMatchObject([{ label: 'x', credentials: { clientid: 'c' } }]);
    expect([...mountedBindings('/nowhere', new Problems()), ...secretsByService('/nowhere', new Problems())]).toEqual(
      [],
    );
  });
});

describe('all sources together (xs-app.md 1.1)', () => {
  const credentials = { url: 'https://u', clientid: 'c' };
  const read = (defaults: object, secrets: Record<string, string>, vcap: object) => {
    const problems = new Problems();
    const environment = { get: (name: string) => (name === 'VCAP_SERVICES' ? JSON.stringify(vcap) : undefined) };
    const directory = workingDirectory({ 'default-services.json': defaults });
    const bindings = readBindings(environment, directory, problems, workingDirectory(secrets));
    return { bindings, problems: problemLines(problems) };
  };

  test('a line each says which service came from where, and no credential', () => {
    const { bindings } = read(
      { uaa: credentials, 'my-store': { password: 'hush' } },
      { 'identity/ias/clientid': 'c', 'identity/ias/clientsecret': 'hush' },
      { redis: [{ name: 'cache', plan: 'small', credentials: { password: 'hush' } }] },
    );
    const lines = bindings.map(tellBinding);
    expect(lines).toEqual([
      'bound: cache (redis, plan small) from VCAP_SERVICES/redis/cache',
      expect.stringMatching(/^bound: ias \(identity\) from \/.*\/identity\/ias$/),
      'bound: uaa (xsuaa) from default-services.json/uaa',
      'bound: my-store (my-store) from default-services.json/my-store',
    ]);
    expect(lines.join()).not.toContain('hush');
  });

  test('default-services.json stands in only for what is not bound', () => {
    const { bindings } = read(
      { uaa: credentials },
      { 'xsuaa/mine/clientid': 'mounted' },
      { 'user-provided': [{ name: 'x' }] },
    );
    expect(bindings.map(placeOf)).toEqual([
      'VCAP_SERVICES/user-provided/x/credentials',
      expect.stringMatching(/xsuaa\/mine$/),
    ]);
  });
});
