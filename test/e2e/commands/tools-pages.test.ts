import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { users } from '../../../demo/landscape/users.ts';
import { redirectUri, signIn } from '../landscape/sign-in.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { prepare } from '../support/open-router.ts';
import { runRouter } from '../support/spawn-router.ts';

/**
 * Each line of a page in docs/tools that begins with `portunus` is typed as it stands, one after the other in one
 * working directory that has the landscape's destinations.
 */
const folder = path.resolve(import.meta.dirname, '../../../docs/tools');

/** The pages, and what each expects to be there. */
const surroundings: Readonly<Record<string, readonly string[]>> = {
  'cert.md': ['download.txt'],
  'doctor.md': ['token.txt'],
  'saml.md': ['claims.json', 'registered.txt'],
};

test.each(Object.keys(surroundings))('%s: every example does what it says', async (page) => {
  const landscape = await openLandscape({ redirectUris: [redirectUri] });
  const { directory, variables } = await prepare({ xsApp: { routes: [] }, landscape, withDestinations: true });
  const { id_token: token = '' } = await signIn(landscape, users.everywhere, { scope: 'openid profile email' });
  const { keys, certificate } = landscape.successFactors.signing;
  const files: Readonly<Record<string, string>> = {
    'download.txt': [keys.privatePem, certificate]
      .map((pem) => `${pem.replace(/-----[A-Z ]+-----|\s/g, '')}###0a1b2c3d\n`)
      .join(''),
    'token.txt': String(token),
    'claims.json': JSON.stringify({ email: users.everywhere.email }),
    'registered.txt': certificate,
  };
  for (const name of surroundings[page] ?? []) writeFileSync(path.join(directory, name), files[name] ?? '');
  const blocks = readFileSync(path.join(folder, page), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm);
  const lines = [...blocks].flatMap(([, text = '']) => text.split('\n').filter((line) => line.startsWith('portunus ')));
  expect(lines).not.toEqual([]);
  const secrets = path.join(directory, 'secrets.env');
  writeFileSync(secrets, '');
  for (const line of lines) {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].slice(1).map(([, quoted, plain]) => quoted ?? plain ?? '');
    const known = Object.entries(parseEnv(readFileSync(secrets, 'utf8'))).map(([name, value]) => [name, value ?? '']);
    const env = { ...variables, ...Object.fromEntries(known) };
    const { status, stdout, stderr } = await runRouter(words, { cwd: directory, env });
    expect([line, status, stdout + stderr]).toEqual([line, 0, expect.any(String)]);
  }
});
