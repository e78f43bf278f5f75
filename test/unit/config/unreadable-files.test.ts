import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { Problems, tellProblem } from '../../../src/errors/config-error.ts';
import { type Files, workingDirectory } from '../../support/working-directory.ts';

const xsApp = { routes: [{ source: '^/', localDir: 'web', authenticationType: 'none' }] };
const complete: Files = { 'xs-app.json': xsApp, 'web/index.html': 'hello' };

/** What a start in a directory says, as a user who may read only what everybody may. */
async function problemsIn(directory: string, variables: Readonly<Record<string, string>> = {}) {
  const problems = new Problems();
  const { geteuid, seteuid } = process;
  const isRoot = geteuid?.() === 0;
  chmodSync(directory, 0o755);
  if (isRoot) seteuid?.(65_534);
  try {
    await readConfig(directory, problems, variables);
  } finally {
    if (isRoot) seteuid?.(0);
  }
  return problems.list.map(tellProblem);
}

const files = [
  'xs-app.json',
  'destinations.json',
  'default-env.json',
  'default-services.json',
  'identity-providers.json',
];

describe('a file that is there and cannot be read is a problem with its name and the cure, never a file that is not there', () => {
  test.each(files)('%s without permission', async (name) => {
    const directory = workingDirectory({ ...complete, [name]: '{}' });
    chmodSync(path.join(directory, name), 0o000);
    expect(await problemsIn(directory)).toEqual([
      `${name}: cannot be read (EACCES); let the user that this process runs as read it`,
    ]);
  });

  test.each(files)('%s that is a folder', async (name) => {
    const { [name]: _file, ...others } = complete;
    const directory = workingDirectory({ ...others, [`${name}/inside`]: '' });
    expect(await problemsIn(directory)).toEqual([
      `${name}: cannot be read (EISDIR); it is a folder; put a file in its place`,
    ]);
  });

  test.each(files)('%s that is not UTF-8', async (name) => {
    const directory = workingDirectory(complete);
    writeFileSync(path.join(directory, name), Buffer.from('{"name":"Müller"}', 'latin1'));
    expect(await problemsIn(directory)).toEqual([`${name}: is not UTF-8 text; save it as UTF-8`]);
  });

  test('a link that leads to itself', async () => {
    const directory = workingDirectory(complete);
    symlinkSync('destinations.json', path.join(directory, 'destinations.json'));
    expect(await problemsIn(directory)).toEqual([
      expect.stringMatching(/^destinations\.json: cannot be read \(ELOOP\)/),
    ]);
  });

  test('a working directory that may not be entered', async () => {
    const directory = path.join(workingDirectory(complete), 'closed');
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'xs-app.json'), '{}');
    chmodSync(path.dirname(directory), 0o700);
    const told = await problemsIn(directory);
    expect(told).toContain('xs-app.json: cannot be read (EACCES); let the user that this process runs as read it');
  });
});

describe('mounted bindings', () => {
  const bound = () => workingDirectory({ ...complete, 'bindings/ias/type': 'identity', 'bindings/ias/clientid': 'x' });

  test.each([
    ['a property', 'bindings/ias/clientid'],
    ['a folder', 'bindings/ias'],
    ['the root', 'bindings'],
  ])('%s without permission', async (_, closed) => {
    const directory = bound();
    const at = path.join(directory, closed);
    chmodSync(at, 0o000);
    const told = await problemsIn(directory, { SERVICE_BINDING_ROOT: path.join(directory, 'bindings') });
    expect(told).toContain(`${at}: cannot be read (EACCES); let the user that this process runs as read it`);
    chmodSync(at, 0o755);
  });

  test('a link of a Secret whose file is gone is no property', async () => {
    const directory = workingDirectory({ ...complete, 'bindings/cache/type': 'other' });
    symlinkSync('..data/gone', path.join(directory, 'bindings/cache/gone'));
    expect(await problemsIn(directory, { SERVICE_BINDING_ROOT: path.join(directory, 'bindings') })).toEqual([]);
  });
});

describe('key stores', () => {
  const login = {
    OIDC_ISSUER: 'https://id.example',
    OIDC_CLIENT_ID: 'harbour',
    OIDC_CLIENT_KEYSTORE: 'harbour.p12',
  };

  test('without permission', async () => {
    const directory = workingDirectory({ ...complete, 'keystores/harbour.p12': 'x' });
    chmodSync(path.join(directory, 'keystores/harbour.p12'), 0o000);
    expect(await problemsIn(directory, login)).toEqual([
      'OIDC_CLIENT_KEYSTORE: harbour.p12 cannot be read (EACCES); let the user that this process runs as read it',
    ]);
  });

  test('that are folders', async () => {
    const directory = workingDirectory({ ...complete, 'keystores/harbour.p12/inside': 'x' });
    expect(await problemsIn(directory, login)).toEqual([
      'OIDC_CLIENT_KEYSTORE: harbour.p12 cannot be read (EISDIR); it is a folder; put a file in its place',
    ]);
  });
});

test('a byte order mark, as editors on Windows write it, is no part of a file', async () => {
  const directory = workingDirectory({ ...complete, 'xs-app.json': `\ufeff${JSON.stringify(xsApp)}` });
  expect(await problemsIn(directory)).toEqual([]);
});
