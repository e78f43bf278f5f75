import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { launchListening, type RouterProcess } from '../support/spawn-router.ts';

let backend: Backend;
beforeEach(async () => {
  backend = await openBackend();
});

const xsAppOf = (word: string) =>
  JSON.stringify({
    authenticationMethod: 'none',
    routes: [{ source: '^/(.*)$', target: `/${word}/$1`, destination: 'quay' }],
  });

function launch(directory: string, env: Readonly<Record<string, string>> = {}): Promise<RouterProcess> {
  const destinations = JSON.stringify([{ name: 'quay', url: backend.origin }]);
  const own = { PORT: '0', XS_BIND_ADDRESS: '127.0.0.1', destinations, ...env };
  return launchListening(['start', '-w', directory], { cwd: '/', env: own });
}

const served = async (router: RouterProcess) => {
  await ask(router.origin, '/cargo');
  return backend.last().url;
};

describe('a process that watches its files', () => {
  test('takes over a file that was written', async () => {
    const directory = workingDirectory({ 'xs-app.json': xsAppOf('old') });
    const router = await launch(directory);
    expect(await served(router)).toBe('/old/cargo');
    writeFileSync(path.join(directory, 'xs-app.json'), xsAppOf('new'));
    await expect.poll(() => served(router), { timeout: 10_000 }).toBe('/new/cargo');
    expect(router.output()).toContain('configuration reloaded');
  });

  test('keeps what it has when the new file is no good, says all that is wrong, and takes the next good one', async () => {
    const directory = workingDirectory({ 'xs-app.json': xsAppOf('old') });
    const router = await launch(directory);
    const bad = {
      routes: [
        { source: '^/(', destination: 'quay' },
        { source: '^/x', destination: 'nowhere' },
      ],
    };
    writeFileSync(path.join(directory, 'xs-app.json'), JSON.stringify({ authenticationMethod: 'none', ...bad }));
    await expect.poll(() => router.output(), { timeout: 10_000 }).toContain('stays in force');
    const line =
      router
        .output()
        .split('\n')
        .find((one) => one.includes('stays in force')) ?? '';
    const { level, problems } = JSON.parse(line) as { level: string; problems: string[] };
    expect(level).toBe('error');
    expect(problems).toEqual([
      expect.stringMatching(/^xs-app\.json\/routes\/0\/source/),
      expect.stringMatching(/^xs-app\.json\/routes\/1\/destination/),
    ]);
    expect(await served(router)).toBe('/old/cargo');
    writeFileSync(path.join(directory, 'xs-app.json'), xsAppOf('mended'));
    await expect.poll(() => served(router), { timeout: 10_000 }).toBe('/mended/cargo');
  });

  test('follows links that are turned elsewhere, as Kubernetes does with a mounted ConfigMap', async () => {
    const directory = workingDirectory({ '..first/xs-app.json': xsAppOf('first') });
    symlinkSync('..first', path.join(directory, '..data'));
    symlinkSync(path.join('..data', 'xs-app.json'), path.join(directory, 'xs-app.json'));
    const router = await launch(directory);
    expect(await served(router)).toBe('/first/cargo');
    for (const word of ['second', 'third']) {
      mkdirSync(path.join(directory, `..${word}`));
      writeFileSync(path.join(directory, `..${word}`, 'xs-app.json'), xsAppOf(word));
      symlinkSync(`..${word}`, path.join(directory, '..data_tmp'));
      renameSync(path.join(directory, '..data_tmp'), path.join(directory, '..data'));
      await expect.poll(() => served(router), { timeout: 10_000 }).toBe(`/${word}/cargo`);
    }
  });

  test('takes over default-env.json: access lines are written from then on; says what must wait for a start', async () => {
    const directory = workingDirectory({ 'xs-app.json': xsAppOf('x') });
    const router = await launch(directory);
    await served(router);
    expect(router.output()).not.toContain('"msg":"request"');
    writeFileSync(
      path.join(directory, 'default-env.json'),
      JSON.stringify({ PORTUNUS_ACCESS_LOG: 'true', SERVER_KEEP_ALIVE: '1000' }),
    );
    await expect.poll(() => router.output(), { timeout: 10_000 }).toContain('configuration reloaded');
    await served(router);
    await expect.poll(() => router.output()).toContain('"msg":"request"');
    expect(router.output()).toContain('read at start only: SERVER_KEEP_ALIVE');
  });
});

describe('SIGHUP', () => {
  test('takes the configuration over where files are not watched', async () => {
    const directory = workingDirectory({ 'xs-app.json': xsAppOf('old') });
    const router = await launch(directory, { PORTUNUS_RELOAD: 'signal' });
    writeFileSync(path.join(directory, 'xs-app.json'), xsAppOf('new'));
    router.kill('SIGHUP');
    await expect.poll(() => router.output(), { timeout: 10_000 }).toContain('configuration reloaded');
    expect(await served(router)).toBe('/new/cargo');
    router.kill('SIGTERM');
    expect(await router.exited).toBe(0);
  });
});
