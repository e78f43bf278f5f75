import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLock } from '../../../src/destination-service/take-lock.ts';
import { workingDirectory } from '../../support/working-directory.ts';

const draft = '.00000000-0000-4000-8000-000000000000.draft';

function lockOf(owner: object | string, ageInSeconds = 0) {
  const directory = workingDirectory({ [draft]: 'a secret' });
  const file = path.join(directory, 'own', 'lock');
  const lock = createLock(file, [directory]);
  const place = () => {
    writeFileSync(file, typeof owner === 'string' ? owner : JSON.stringify(owner));
    const then = Date.now() / 1000 - ageInSeconds;
    utimesSync(file, then, then);
  };
  return { directory, file, lock, place };
}

describe('the lock of an owner that is gone is taken over, and what it had begun is removed', () => {
  test.each([
    ['a process that has ended', { pid: 2 ** 22 + 1, host: hostname() }],
    // After the restart of a container the process has its number again, and the host its name.
    ['a process before us with our number', { pid: process.pid, host: hostname(), process: 'another' }],
    ['a process before the one that has its number now', { pid: 1, host: hostname(), born: 'never' }],
    ['another machine, long ago', { pid: 1, host: 'elsewhere' }, 120],
    ['nobody who can be read, long ago', '{"pid', 120],
  ])('%s', async (_, owner, age = 0) => {
    const { directory, file, lock, place } = lockOf(owner, age);
    await lock(async () => undefined);
    place();
    expect(await lock(async () => 'done')).toBe('done');
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(directory)).not.toContain(draft);
  });
});

test('changes come one after the other, and one that fails lets the next one in', async () => {
  const { file, lock } = lockOf({});
  const order: string[] = [];
  const change = (name: string) =>
    lock(async () => {
      order.push(`${name} begins`);
      await new Promise(setImmediate);
      order.push(`${name} ends`);
      if (name === 'b') throw new Error('broken');
    }).catch(() => undefined);
  await Promise.all(['a', 'b', 'c'].map(change));
  for (let index = 0; index < order.length; index += 2)
    expect(order[index + 1]).toBe(order[index]?.replace('begins', 'ends'));
  expect(order).toHaveLength(6);
  expect(existsSync(file)).toBe(false);
});

test('the lock of a living owner is left alone', async () => {
  const { file, lock } = lockOf({});
  let seen = '';
  await lock(async () => {
    seen = readFileSync(file, 'utf8');
    const [outcome] = await Promise.race([
      lock(async () => ['entered']),
      new Promise<string[]>((go) => setTimeout(go, 200, ['waits'])),
    ]);
    expect(outcome).toBe('waits');
    expect(readFileSync(file, 'utf8')).toBe(seen);
  });
  expect(JSON.parse(seen)).toMatchObject({ pid: process.pid, host: hostname() });
});
