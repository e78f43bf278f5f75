import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
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
  expect(packed.unpackedSize).toBeLessThan(2_000_000);
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
