import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../../src/config/key-store-forge.ts';
import { atEnd } from '../../support/at-end.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { packPackage } from './pack-package.ts';
import { commandOf, readDockerfile } from './read-dockerfile.ts';

/**
 * What deploy/docker/Dockerfile describes, as far as it goes without Docker: the instructions are read, and what they
 * put into the image is run by its own CMD, by a user who may write nowhere.
 */
const root = path.resolve(import.meta.dirname, '../../..');
const stages = readDockerfile();
const [build, image] = stages;
if (build === undefined || image === undefined || stages.length !== 2) throw new Error('two stages were expected');
const of = (stage: typeof image, name: string) =>
  stage.instructions.filter((one) => one.name === name).map((one) => one.rest);

let installed: string;
let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
  installed = (await packPackage()).folder;
  allowReading(installed);
}, 120_000);

/** Folders that nobody may write, until what is temporary is removed. */
const shut: string[] = [];
afterAll(() => {
  for (const folder of shut) chmodSync(folder, 0o755);
});

/** Everybody may read, nobody may write; root may all the same, so that the program is run by somebody else. */
function allowReading(folder: string): void {
  for (const name of readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, name.name);
    if (name.isSymbolicLink()) continue;
    if (name.isDirectory()) allowReading(at);
    else chmodSync(at, 0o444);
  }
  chmodSync(folder, 0o555);
  shut.push(folder);
}

const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

interface Container {
  readonly origin: string;
  readonly port: string;
  output(): string;
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs CMD of the image in a folder; ends well when it listens. @throws Error with what it wrote, when it ends before */
async function runImage(directory: string, variables: Record<string, string> = {}): Promise<Container> {
  allowReading(directory);
  const [node, ...args] = commandOf(image as NonNullable<typeof image>, 'CMD');
  expect(node).toBe('node');
  const child = spawn(process.execPath, args.map(inside), {
    cwd: directory,
    env: {
      NODE_ENV: 'production',
      HOME: '/nonexistent',
      TMPDIR: '/nonexistent',
      PORT: '0',
      XS_BIND_ADDRESS: '127.0.0.1',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...nobody,
  });
  atEnd(() => child.exitCode ?? child.kill('SIGKILL'));
  let output = '';
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const listening = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
        const [, port] = /"port":(\d+)[^\n]*"msg":"listening"/.exec(output) ?? [];
        if (port !== undefined) resolve(port);
      });
  });
  const port = await Promise.race([
    listening,
    ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${output}`))),
  ]);
  return {
    origin: `http://localhost:${port}`,
    port,
    output: () => output,
    ended,
    kill: (signal) => void child.kill(signal),
  };
}

async function certificate(): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [notBefore, notAfter] = [new Date(Date.now() - 60_000), new Date(Date.now() + 86_400_000)];
  return makeCertificate({ privateKey, subject: [{ type: 'CN', value: 'quay' }], notBefore, notAfter });
}

const inside = (word: string) => word.replace('/opt/portunus', installed);

async function healthcheck(port: string): Promise<number | null> {
  const [, ...args] = commandOf(image as NonNullable<typeof image>, 'HEALTHCHECK');
  const child = spawn(process.execPath, args, { env: { PORT: port }, stdio: 'inherit', ...nobody });
  const [code] = (await once(child, 'close')) as [number | null];
  return code;
}

const xsApp = { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'quay' }] };
const quay = () => ({
  Name: 'quay',
  Type: 'HTTP',
  ProxyType: 'Internet',
  URL: backend.origin,
  Authentication: 'NoAuthentication',
});

describe('the Dockerfile', () => {
  test('copies only what is there and what .dockerignore lets through', () => {
    const allowed = readFileSync(path.join(root, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(allowed[0]).toBe('*');
    const letIn = allowed.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = stages.flatMap((stage) => of(stage, 'COPY')).filter((rest) => !rest.startsWith('--from'));
    const sources = copied.flatMap((rest) => rest.split(' ').slice(0, -1));
    expect(sources.length).toBeGreaterThan(5);
    for (const source of sources) {
      expect([source, existsSync(path.join(root, source))]).toEqual([source, true]);
      expect(letIn).toContain(source);
    }
    expect(letIn.sort()).toEqual([...sources].sort());
    // Of what is let in, only parts are left out again.
    const leftOut = allowed.slice(1).filter((line) => !line.startsWith('!'));
    for (const part of leftOut) expect(sources).toContain(part.split('/')[0]);
  });

  test('compiles as the package does, runs no package’s scripts, and leaves what is for development behind', () => {
    const runs = of(build, 'RUN');
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    expect(runs.find((run) => run.includes('tsc'))).toBe(`node node_modules/typescript/bin/${scripts.build}`);
    for (const run of runs.filter((one) => one.startsWith('npm '))) expect(run).toContain('--ignore-scripts');
    expect(runs.at(-1)).toMatch(/^npm prune --omit=dev /);
    expect(of(image, 'RUN')).toEqual([]);
  });

  test('is a small Node 24, runs by a user who is not root, and starts without a shell', () => {
    expect(image.from).toBe('node:24-slim');
    expect(of(image, 'USER')).toEqual(['node']);
    expect(commandOf(image, 'CMD')[0]).toBe('node');
    expect(commandOf(image, 'HEALTHCHECK').join(' ')).not.toMatch(/curl|wget/);
  });

  test('puts into the image what the package has', () => {
    const there = of(image, 'COPY').map((rest) => rest.split(' ').at(-1)?.replace('/opt/portunus/', ''));
    expect(there.sort()).toEqual(['client', 'dist', 'docs', 'inspector', 'node_modules', 'package.json']);
    for (const part of there) expect(statSync(path.join(installed, part ?? '')).size).toBeGreaterThan(0);
  });
});

describe('what it makes, run by a user who can write nowhere', () => {
  test('answers, is healthy, and stops on SIGTERM with status 0', async () => {
    const container = await runImage(workingDirectory({ 'xs-app.json': xsApp, 'destinations.json': [quay()] }));
    expect((await ask(container.origin, '/berth/7')).status).toBe(200);
    expect(backend.last().url).toBe('/berth/7');
    expect((await ask(container.origin, '/-/client.js')).status).toBe(200);
    expect(await healthcheck(container.port)).toBe(0);
    container.kill('SIGTERM');
    expect(await container.ended).toBe(0);
    expect(await healthcheck(container.port)).toBe(1);
  });

  test('reads a projected volume of Kubernetes: files are links into a folder that is switched as a whole', async () => {
    const directory = workingDirectory({
      '..2026/xs-app.json': { ...xsApp, routes: [{ source: '^/', destination: 'quay' }] },
      '..2026/destinations.json': [{ ...quay(), TrustStoreLocation: 'quay.pem' }],
      '..2026/keystores/quay.pem': await certificate(),
    });
    symlinkSync('..2026', path.join(directory, '..data'));
    for (const name of ['xs-app.json', 'destinations.json', 'keystores'])
      symlinkSync(`..data/${name}`, path.join(directory, name));
    const container = await runImage(directory);
    expect((await ask(container.origin, '/')).status).toBe(200);
  });

  const toSuccessFactors = {
    Name: 'quay',
    Type: 'HTTP',
    ProxyType: 'Internet',
    URL: 'https://sf.harbour.example/odata/v2',
    Authentication: 'OAuth2SAMLBearerAssertion',
    tokenServiceURL: 'https://sf.harbour.example/oauth/token',
    audience: 'www.successfactors.com',
    clientKey: 'key',
    userIdSource: 'email',
    nameIdFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  };
  const login = { OIDC_ISSUER: 'https://id.harbour.example', OIDC_CLIENT_ID: 'harbour', OIDC_CLIENT_SECRET: 'secret' };
  const withLogin = { routes: [{ source: '^/', destination: 'quay' }] };

  test('cannot make the default trust, and says so at its start with the ways out', async () => {
    const directory = workingDirectory({ 'xs-app.json': withLogin, 'destinations.json': [toSuccessFactors] });
    const refused = runImage(directory, login);
    await expect(refused).rejects.toThrow(
      /ended with 1: destinations\.json\/0\/KeyStoreLocation: is missing.*key-pairs\.json cannot be written \((EACCES|EROFS)\)/,
    );
    await expect(refused).rejects.toThrow(
      'name a key store, or bring a pair that "portunus trust prepare" has made elsewhere',
    );
  });

  test('uses one that was made elsewhere and mounted', async () => {
    const made = workingDirectory();
    const prepare = spawn(
      process.execPath,
      [inside('/opt/portunus/dist/src/main.js'), 'trust', 'prepare', '-w', made],
      { stdio: 'ignore' },
    );
    expect((await once(prepare, 'close'))[0]).toBe(0);
    const directory = workingDirectory({ 'xs-app.json': withLogin, 'destinations.json': [toSuccessFactors] });
    mkdirSync(path.join(directory, '.portunus/trust'), { recursive: true });
    cpSync(path.join(made, '.portunus/trust/key-pairs.json'), path.join(directory, '.portunus/trust/key-pairs.json'));
    const container = await runImage(directory, login);
    expect((await ask(container.origin, '/-/health/ready')).status).toBe(200);
  });
});
