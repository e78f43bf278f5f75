import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { workingDirectory } from '../../support/working-directory.ts';
import { type Packed, packPackage } from './pack-package.ts';

const root = path.resolve(import.meta.dirname, '../../..');
let packed: Packed;
beforeAll(async () => {
  packed = await packPackage();
}, 120_000);

test('the package holds what it must: the program built, client, inspector, schema, documentation, license', () => {
  const built = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => `dist/src/${file.replace(/\.ts$/, '.js')}`);
  expect(built.length).toBeGreaterThan(100);
  const texts = ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/README.md'];
  const wanted = [...texts, 'client/client.js', 'client/client.d.ts', 'inspector/index.html', 'inspector/page.js'];
  const missing = [...wanted, 'schema/xs-app.schema.json', ...built].filter((file) => !packed.files.includes(file));
  expect(missing).toEqual([]);
});

test('and nothing else: no sources, tests, demo, deployment, and nothing that a laptop has', () => {
  const allowed =
    /^(dist\/(src|routes)\/.+\.(js|d\.ts)|client\/[\w.]+|inspector\/[\w.-]+|schema\/[\w.-]+\.json|docs\/.+\.md|package\.json|LICENSE|[A-Z]+\.md)$/;
  expect(packed.files.filter((file) => !allowed.test(file))).toEqual([]);
  expect(packed.unpackedSize).toBeLessThan(2_500_000);
});

test('everything that package.json names is in it', () => {
  const npm = JSON.parse(readFileSync(path.join(packed.folder, 'package.json'), 'utf8'));
  const exported = Object.values<string | Record<string, string>>(npm.exports).flatMap((to) =>
    typeof to === 'string' ? [to] : Object.values(to),
  );
  for (const file of [...exported, npm.bin.portunus])
    expect([file, existsSync(path.join(packed.folder, file))]).toEqual([file, true]);
  expect(readFileSync(path.join(packed.folder, npm.bin.portunus), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
});

/** A project as its author has it: the package, the types that the page tells to install, and a compiler. */
function projectWith(files: Readonly<Record<string, string>>): string {
  const project = workingDirectory();
  mkdirSync(path.join(project, 'node_modules'));
  symlinkSync(packed.folder, path.join(project, 'node_modules/portunus'));
  for (const types of ['@types', 'undici-types'])
    symlinkSync(path.join(root, 'node_modules', types), path.join(project, 'node_modules', types));
  const compilerOptions = {
    target: 'es2024',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    preserveSymlinks: true,
    skipLibCheck: true,
  };
  writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }');
  writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(project, name), text);
  return project;
}

function compile(project: string): string {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' }).stdout;
}

test('own start scripts in strict TypeScript: those of the page, and what a handler reads, have types', () => {
  const page = readFileSync(path.join(root, 'docs/own-scripts.md'), 'utf8');
  const snippets = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  expect(snippets.length).toBeGreaterThan(2);
  const whole = snippets.map((text) => [
    ...(text.includes('import ') ? [] : ["import { createRouter } from 'portunus';"]),
    ...(text.includes('const router') ? [] : ['const router = createRouter();']),
    text,
  ]);
  const handler = `import { createRouter, type RouterOptions, type ScriptSession } from 'portunus';
    const options: RouterOptions = { extensions: [{ insertMiddleware: {
      first: [(request, response, next) => { response.locals['path'] = request.path; next(); }],
      beforeErrorHandler: [{ path: '/quay', handler: (error, request, response, next) => next(error) }],
    } }] };
    // @ts-expect-error a slip is seen
    createRouter({ workinDir: 'app' });
    const router = createRouter(options);
    router.beforeRequestHandler.use((request, response, next) => {
      const user: ScriptSession['user'] = request.session.user;
      const told: [string | undefined, readonly string[] | undefined, string] = [user?.name, user?.scopes, request.sessionID];
      console.log(told, user?.token.accessToken);
      next();
    });`;
  const files = Object.fromEntries(whole.map((lines, i) => [`page-${i}.ts`, lines.join('\n')]));
  expect(compile(projectWith({ ...files, 'handler.ts': handler }))).toBe('');
});

test('an installation runs no script', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(packed.folder, 'package.json'), 'utf8'));
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepare']) expect(scripts).not.toHaveProperty(hook);
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; hasInstallScript?: boolean }>;
  };
  const installed = Object.entries(lock.packages).filter(
    ([name, { dev, devOptional }]) => name !== '' && !dev && !devOptional,
  );
  expect(installed.length).toBeGreaterThan(50);
  expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([name]) => name)).toEqual([]);
});
