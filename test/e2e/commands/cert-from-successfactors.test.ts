import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { users } from '../../../demo/landscape/users.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { runRouter } from '../support/spawn-router.ts';
import { openQuay, type Quay } from '../tokens/support/landscape.ts';

let quay: Quay;
const fileOf = (name: string) => path.join(quay.workingDirectory, name);
const run = (...args: string[]) =>
  runRouter(['cert', 'from-successfactors', ...args, '-w', quay.workingDirectory], { cwd: '/' });

beforeAll(async () => {
  quay = await openQuay();
  const { keys, certificate } = quay.landscape.successFactors.signing;
  // As it is downloaded (token-flows.md E7).
  const tagged = (pem: string) =>
    Buffer.from(`${pem.replace(/-----[A-Z ]+-----|\s/g, '')}###0a1b2c3d`).toString('base64');
  writeFileSync(fileOf('download.txt'), `${tagged(keys.privatePem)}\n${tagged(certificate)}\n`);
  writeFileSync(fileOf('half.txt'), `${tagged(certificate)}\n`);
});
afterAll(() => quay.close());

describe('portunus cert from-successfactors', () => {
  test('makes a key store of the download, and the destination it prints gets the record of the user', async () => {
    const { status, stdout, stderr } = await run('download.txt', '--env', 'secrets.env');
    expect([status, stderr]).toEqual([0, expect.stringContaining('nothing to register')]);
    expect(statSync(fileOf('keystores/successfactors.p12')).mode & 0o777).toBe(0o600);
    const [, variable = '', password = ''] = /^(\w+)=(.*)\n$/.exec(readFileSync(fileOf('secrets.env'), 'utf8')) ?? [];
    expect(stderr).not.toContain(password);

    const { origin, apiKey, companyId } = quay.landscape.successFactors;
    const { get, warnings } = await quay.read(
      [JSON.parse(stdout.replaceAll(/https:\/\/\$\{env:SF_API_HOST\}/g, origin))],
      {
        SF_API_KEY: apiKey,
        SF_COMPANY_ID: companyId,
        [variable]: password,
      },
    );
    expect(warnings).toEqual([]);
    const destination = get('successfactors');
    const credential = await createTokens().obtain(destination, await quay.logIn(users.everywhere));
    const record = `/User('${users.everywhere.employee?.userId}')?$format=json`;
    expect(await quay.call(destination, credential, record)).toMatchObject({ status: 200 });
  });

  test('leaves what is there alone', async () => {
    const before = readFileSync(fileOf('keystores/successfactors.p12'));
    const { status, stdout, stderr } = await run('download.txt');
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringMatching(/left alone: .*successfactors\.p12/)]);
    expect(readFileSync(fileOf('keystores/successfactors.p12')).equals(before)).toBe(true);
    expect(await run('download.txt', '--name', 'second')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('"KeyStoreLocation": "second.p12"'),
      stderr: expect.stringMatching(/^SECOND_KEYSTORE_PASSWORD=\S{32}$/m),
    });
  });

  test('says what is missing of half a download', async () => {
    expect(await run('half.txt')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('no private key'),
    });
  });
});
