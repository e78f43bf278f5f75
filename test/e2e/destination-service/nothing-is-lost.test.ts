import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../../src/commands/destinations-import.ts';
import { atEnd } from '../../support/at-end.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { openDestinationService } from '../support/open-destination-service.ts';

const script = path.join(import.meta.dirname, 'writer.ts');

/** A writer in a process of its own, and the names that it was told are kept. */
function startWriter(directory: string, name: string, count = 1_000_000) {
  const child = spawn(process.execPath, [script, directory, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  atEnd(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return {
    child,
    lines: () => output.split('\n').slice(0, -1),
    async wrote(least: number) {
      while (output.split('\n').length <= least + 1) await once(child.stdout, 'data');
    },
  };
}

const namesIn = (directory: string) =>
  (JSON.parse(readFileSync(path.join(directory, 'destinations.json'), 'utf8')) as { Name: string }[]).map(
    ({ Name }) => Name,
  );

describe('a writer that is killed in the middle', () => {
  test('leaves a whole file with everything that it was told is kept, and the next one writes on', async () => {
    const directory = workingDirectory({ 'destinations.json': [{ Name: 'first', Type: 'HTTP' }] });
    const kept = new Set(['first']);
    for (let round = 0; round < 6; round++) {
      const writer = startWriter(directory, `r${round}`);
      await writer.wrote(3);
      // At another place of a write each time.
      await new Promise((go) => setTimeout(go, round * 3));
      writer.child.kill('SIGKILL');
      await once(writer.child, 'close');
      for (const line of writer.lines()) if (line.startsWith(`r${round}-`)) kept.add(line);
      const names = namesIn(directory);
      expect(names).toEqual(expect.arrayContaining([...kept]));
      expect(new Set(names).size).toBe(names.length);
    }
    const service = await openDestinationService({ directory });
    const body = { Name: 'last', Type: 'HTTP' };
    expect((await service.call('/v1/subaccountDestinations', { method: 'POST', body })).status).toBe(201);
    expect(namesIn(directory)).toContain('last');
    // Drafts hold secrets: none of a dead writer is left.
    expect(readdirSync(directory).filter((name) => name.endsWith('.draft'))).toEqual([]);
  });
});

describe('several writers at once', () => {
  test('lose nothing: two processes, and a service in this one', async () => {
    const directory = workingDirectory();
    const service = await openDestinationService({ directory });
    const writers = ['one', 'two'].map((name) => startWriter(directory, name, 15));
    const posted = Array.from({ length: 15 }, (_, index) =>
      service.call('/v1/subaccountDestinations', { method: 'POST', body: { Name: `api-${index}`, Type: 'HTTP' } }),
    );
    expect((await Promise.all(posted)).map(({ status }) => status)).toEqual(Array(15).fill(201));
    await Promise.all(writers.map(({ child }) => once(child, 'close')));
    const wanted = ['one', 'two', 'api'].flatMap((name) =>
      Array.from({ length: 15 }, (_, index) => `${name}-${index}`),
    );
    expect(namesIn(directory).sort()).toEqual(wanted.sort());
  });

  test('lose nothing: an import on the command line, and the service', async () => {
    const directory = workingDirectory({
      'destinations.json': [],
      'export.json': [{ Name: 'imported', Type: 'HTTP', URL: 'https://b.example' }],
    });
    const service = await openDestinationService({ directory });
    const silent = () => undefined;
    const importing = run({
      workingDirectory: directory,
      args: ['export.json'],
      variables: {},
      write: silent,
      tell: silent,
    });
    const posts = Array.from({ length: 10 }, (_, index) =>
      service.call('/v1/subaccountDestinations', { method: 'POST', body: { Name: `api-${index}`, Type: 'HTTP' } }),
    );
    await Promise.all(posts);
    expect(await importing).toBe(0);
    expect(namesIn(directory)).toHaveLength(11);
    expect(namesIn(directory)).toContain('imported');
  });

  test('of one name: one makes it, the others are told', async () => {
    const service = await openDestinationService();
    const body = { Name: 'a', Type: 'HTTP' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => service.call('/v1/instanceDestinations', { method: 'POST', body })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)]);
  });

  test('what is edited by hand meanwhile is kept', async () => {
    const service = await openDestinationService({ files: { 'destinations.json': [{ Name: 'a', Type: 'HTTP' }] } });
    await service.call('/v1/subaccountDestinations', { method: 'POST', body: { Name: 'b', Type: 'HTTP' } });
    writeFileSync(
      path.join(service.directory, 'destinations.json'),
      JSON.stringify([{ Name: 'by-hand', Type: 'HTTP' }, ...JSON.parse(service.file('destinations.json'))]),
    );
    await service.call('/v1/subaccountDestinations', { method: 'POST', body: { Name: 'c', Type: 'HTTP' } });
    expect(namesIn(service.directory)).toEqual(['by-hand', 'a', 'b', 'c']);
  });
});
