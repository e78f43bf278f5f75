import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { workingDirectory } from '../../support/working-directory.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../../..');

/** The package as `npm publish` would send it. */
export interface Packed {
  /** Paths in it. */
  readonly files: readonly string[];
  /** Where it lies unpacked, beside `node_modules` with what it declares, and no more. */
  readonly folder: string;
  readonly unpackedSize: number;
}

/** Makes the package in a copy of the repository, built by its own hook, and unpacks it as an installation does. */
export async function packPackage(): Promise<Packed> {
  const copy = workingDirectory();
  // Everything that lies about in a checkout; what is not for the package must not get in because it is not there.
  const parts = [
    'src',
    'routes',
    'client',
    'inspector',
    'schema',
    'docs',
    'deploy',
    'test/support',
    'demo/web',
    'xs-app.json',
  ];
  const single = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'LICENSE'];
  const pages = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'CONTRIBUTING.md', 'manifest.yml', '.gitignore'];
  for (const part of [...parts, ...single, ...pages])
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  for (const secret of [
    'default-env.json',
    'keystores/portunus.p12',
    '.portunus/trust/key-pairs.json',
    'destinations.json',
  ]) {
    mkdirSync(path.dirname(path.join(copy, secret)), { recursive: true });
    cpSync(path.join(root, 'LICENSE'), path.join(copy, secret));
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  const env = {
    ...process.env,
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH']}`,
    npm_config_cache: path.join(copy, 'cache'),
  };
  const { stdout } = await run('npm', ['pack', '--json'], { cwd: copy, env });
  const [{ filename, files, unpackedSize }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [
    { filename: string; files: { path: string }[]; unpackedSize: number },
  ];
  const folder = workingDirectory();
  await run('tar', ['-xzf', path.join(copy, filename), '-C', folder, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = path.join(folder, 'node_modules', name);
    mkdirSync(path.dirname(link), { recursive: true });
    symlinkSync(path.join(root, 'node_modules', name), link);
  }
  return { files: files.map((file) => file.path), folder, unpackedSize };
}
