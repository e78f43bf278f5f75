import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { rules } from '../../../src/lint/rules.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { runRouter } from '../support/spawn-router.ts';

const page = (name: string) => readFileSync(path.resolve(import.meta.dirname, '../../../docs/tools', name), 'utf8');
/** Text between fences of a kind. */
const blocks = (text: string, kind: string) =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, found, body = '']) => (found === kind ? [body] : []));

const env = {
  OIDC_ISSUER: 'https://login.example',
  OIDC_CLIENT_ID: 'harbour',
  OIDC_CLIENT_SECRET: 'hush-hush',
  destinations: '[{"name":"quay","url":"https://quay.example"}]',
};

test('docs/tools/check.md explains every rule, and no other', () => {
  const told = [...page('check.md').matchAll(/^\| `([\w-]+)` \|/gm)].map(([, rule]) => rule);
  expect(told.sort()).toEqual(Object.keys(rules).sort());
});

test('the example of docs/tools/check.md is told as it stands there', async () => {
  const text = page('check.md');
  const directory = workingDirectory({ 'xs-app.json': blocks(text, 'json')[0] });
  const { status, stdout } = await runRouter(['check', directory], { cwd: '/', env });
  expect(stdout).toBe(blocks(text, '').at(-1));
  expect(status).toBe(0);
});

test('the user of docs/tools/explain.md is one that can be explained with', async () => {
  const text = page('explain.md');
  const directory = workingDirectory({
    'xs-app.json': { routes: [{ source: '^/people/(.*)$', destination: 'quay', scope: 'Crew' }] },
    'ada.json': blocks(text, 'json')[0],
  });
  const command = blocks(text, 'sh').at(-1)?.trim().split(' ').slice(1) ?? [];
  expect(command[0]).toBe('explain');
  const { status, stdout } = await runRouter([...command, '-w', directory], { cwd: '/', env });
  expect(stdout).toMatch(/as the user of the given claims: who is logged in at oidc may, with one of the scopes Crew/);
  expect(status).toBe(0);
});
