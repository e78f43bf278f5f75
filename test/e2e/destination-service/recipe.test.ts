import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { workingDirectory } from '../../support/working-directory.ts';

/** docs/recipes/local-destinations.md, every block of it, in its order; only the port is another one. */
const root = path.resolve(import.meta.dirname, '../../..');
const page = readFileSync(path.join(root, 'docs/recipes/local-destinations.md'), 'utf8');
const blocks = [...page.matchAll(/^```(json|sh|js)\n([\s\S]*?)^```$/gm)].map(([, kind, text = '']) => ({ kind, text }));
const shells = blocks.filter(({ kind }) => kind === 'sh').map(({ text }) => text);
const directory = workingDirectory();
let port = '';

/** `npx portunus` is the program in this repository. */
const shell = (script: string) =>
  spawn('bash', ['-euo', 'pipefail', '-c', `npx() { shift; node "$MAIN" "$@"; }\n${script}`], {
    cwd: directory,
    env: {
      PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
      MAIN: path.join(root, 'src/main.ts'),
      NODE_PATH: path.join(root, 'node_modules'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });

async function run(script: string): Promise<string> {
  const child = shell(script.replaceAll('5010', port));
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk));
  const [status] = await once(child, 'close');
  expect([status, errors]).toEqual([0, '']);
  return output;
}

beforeAll(async () => {
  const json = blocks.find(({ kind }) => kind === 'json')?.text ?? '';
  writeFileSync(path.join(directory, 'destinations.json'), json);
  const service = shell(shells[0]?.replace('5010', '0') ?? '');
  // The shell and what it runs, by their group.
  atEnd(() => service.pid !== undefined && process.kill(-service.pid, 'SIGTERM'));
  let said = '';
  for await (const chunk of service.stdout) {
    said += String(chunk);
    port = /http:\/\/localhost:(\d+)/.exec(said)?.[1] ?? '';
    if (said.includes('NODE_EXTRA_CA_CERTS')) break;
  }
});

test('the page has the steps that are tried here', () => {
  expect(blocks.map(({ kind }) => kind)).toEqual(['json', 'sh', 'sh', 'sh', 'js', 'sh', 'sh']);
});

test('an application is bound by a file, and finds the destination', async () => {
  await run(shells[1] ?? '');
  const [script] = blocks.filter(({ kind }) => kind === 'js');
  writeFileSync(path.join(directory, 'try.js'), script?.text ?? '');
  expect(await run('SAP_CLOUD_SDK_LOG_LEVEL=error node try.js')).toContain('https://orders.example.com as developer');
});

test('or by a variable', async () => {
  const out = await run(`${shells[2]}\nnode -p 'JSON.parse(process.env.VCAP_SERVICES).destination[0].credentials.uri'`);
  expect(out).toBe(`http://localhost:${port}\n`);
});

test('its certificate is good for https on the same port', async () => {
  const script = `${shells[3]}\nnode -e 'fetch("https://localhost:5010/health").then(async (r) => console.log(await r.text()))'`;
  expect(await run(script)).toBe('{"status":"UP"}\n');
});

test('destinations are added through the API, and found', async () => {
  const found = JSON.parse(await run(shells[4] ?? '')) as { destinationConfiguration: { URL: string } };
  expect(found.destinationConfiguration.URL).toBe('https://open.example.com');
  expect(readFileSync(path.join(directory, 'destinations.json'), 'utf8')).toContain('"open"');
});
