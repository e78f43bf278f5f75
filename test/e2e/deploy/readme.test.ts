import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { launchListening } from '../support/spawn-router.ts';

/**
 * README.md from the key pair to the start, the key store of docs/recipes/entra-on-behalf-of.md and the changes of keys of
 * docs/recipes/successfactors-default-trust.md, as they are written; only the program is that of this checkout.
 */
const root = path.resolve(import.meta.dirname, '../../..');
const blocksOf = (page: string, kind: string) =>
  [
    ...readFileSync(path.join(root, page), 'utf8').matchAll(
      new RegExp(`^ *\`\`\`${kind}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm'),
    ),
  ].map(([, text = '']) => text);
const [, , keyPair = '', start = ''] = blocksOf('README.md', 'sh');
const directory = workingDirectory();

async function bash(script: string, cwd = directory): Promise<string> {
  const ours = `npm() { shift 4; node "$MAIN" "$@"; }\nnpx() { shift; node "$MAIN" "$@"; }\n`;
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', ours + script], {
    cwd,
    env: {
      PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
      MAIN: path.join(root, 'src/main.ts'),
    },
  });
  return stdout;
}

let printed: string;
beforeAll(async () => {
  printed = await bash(keyPair);
});

const certificate = () => new X509Certificate(readFileSync(path.join(directory, 'keystores/portunus.crt')));

test('the key pair is made, with a password that is not nothing', () => {
  expect(certificate().subject).toBe('CN=portunus');
  expect(readFileSync(path.join(directory, '.env'), 'utf8')).toMatch(/^PORTUNUS_KEYSTORE_PASSWORD=\S{16,}$/m);
});

test('the certificate is printed as SuccessFactors wants it: one line, no BEGIN; and again when it is asked for', async () => {
  const line = certificate().raw.toString('base64');
  expect(printed).toContain(line);
  const [, again = ''] =
    /`(npm run -s portunus -- cert show [^`]+)`/.exec(readFileSync(path.join(root, 'README.md'), 'utf8')) ?? [];
  expect((await bash(again)).trim()).toBe(line);
});

test('with its destinations.json and variables the router starts without a problem or a warning', async () => {
  const [destinations = ''] = blocksOf('README.md', 'json');
  writeFileSync(path.join(directory, 'destinations.json'), destinations);
  // "Keep the ones you have destinations for."
  const known = (JSON.parse(destinations) as { Name: string }[]).map(({ Name }) => Name);
  const xsApp = JSON.parse(readFileSync(path.join(root, 'xs-app.json'), 'utf8')) as {
    routes: { destination?: string; localDir?: string }[];
  };
  xsApp.routes = xsApp.routes.filter(({ destination, localDir }) =>
    destination === undefined ? localDir === undefined : known.includes(destination),
  );
  expect(xsApp.routes.length).toBeGreaterThan(known.length);
  writeFileSync(path.join(directory, 'xs-app.json'), JSON.stringify(xsApp));
  const filled = start
    .replace('TENANT=…', 'TENANT=0f9e1c1c-6b5f-4c39-9d53-2f0c0ddc9d7a')
    .replace('OIDC_CLIENT_ID=…', 'OIDC_CLIENT_ID=3a7a1b9e-2d0b-4a0e-8f5e-5b1f6a2f9a11')
    .replace('SF_API_HOST=…', 'SF_API_HOST=api4.successfactors.com')
    .replace('SF_API_KEY=…', 'SF_API_KEY=key')
    .replace('SF_COMPANY_ID=…', 'SF_COMPANY_ID=harbour')
    .replace(/^npm start$/m, 'env -0');
  expect(filled).toContain('env -0');
  expect(filled).not.toContain('…');
  const variables = await bash(filled);
  const entries = variables
    .split('\0')
    .filter(Boolean)
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  const env = { ...Object.fromEntries(entries), PORT: '0', XS_BIND_ADDRESS: '127.0.0.1' } as Record<string, string>;
  const router = await launchListening(['start', '-w', directory], { cwd: directory, env });
  expect((await ask(router.origin, '/-/health/ready')).status).toBe(200);
  const complaints = router.output().match(/^.*"level":"(?:warn|error)".*$/gm) ?? [];
  // Whether Entra ID can be reached from here says nothing about the page.
  expect(complaints.filter((line) => !line.includes('cannot be reached'))).toEqual([]);
});

test('the key store of the recipe for On-Behalf-Of is made', async () => {
  const [block = ''] = blocksOf('docs/recipes/entra-on-behalf-of.md', 'sh');
  const elsewhere = workingDirectory();
  mkdirSync(path.join(elsewhere, 'keystores'));
  // The export asks for a password, at a terminal only; everything else is as it is written.
  await bash(block.replace('-out keystores/entra.p12', '-out keystores/entra.p12 -passout pass:harbour'), elsewhere);
  const shown = await bash('openssl pkcs12 -in keystores/entra.p12 -nokeys -passin pass:harbour', elsewhere);
  expect(shown).toContain('BEGIN CERTIFICATE');
});

test('the changes of keys of the default trust follow each other as the recipe tells them', async () => {
  const [block = ''] = blocksOf('docs/recipes/successfactors-default-trust.md', 'sh');
  const elsewhere = workingDirectory();
  await bash(block, elsewhere);
  expect(await bash('npx portunus trust show', elsewhere)).toMatch(/active/);
});
