import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runRouter } from '../support/spawn-router.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'portunus-trust-command-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const run = (...words: string[]) => runRouter(['trust', ...words, '-w', directory], { cwd: '/' });
const digests = (text: string) => [...text.matchAll(/SHA-256 (\S+)/g)].map(([, digest]) => digest);

describe('portunus trust', () => {
  test('shows, prepares, rotates and discards, in a folder that needs no xs-app.json', async () => {
    expect(await run()).toMatchObject({ status: 0, stdout: expect.stringContaining('no key pair yet') });
    expect(await run('prepare')).toMatchObject({ status: 0 });
    const before = digests((await run('show')).stdout);
    expect(before).toHaveLength(2);
    expect((await run('rotate')).status).toBe(0);
    expect(digests((await run()).stdout)).toEqual(before.toReversed());
    expect((await run('discard')).status).toBe(0);
    expect(digests((await run()).stdout)).toEqual([before[1]]);
    expect((await run('metadata')).stdout).toContain('<md:EntityDescriptor');
  });

  test.each([
    [['rotate'], /there is no passive key pair to rotate to/],
    [['metadata'], /has no key pair yet/],
    [['certificate'], /has no key pair yet/],
  ])('%j ends with status 1 and says why', async (words, why) => {
    expect(await run(...words)).toEqual({ status: 1, stdout: '', stderr: expect.stringMatching(why) });
  });

  test.each([['turn'], ['show', 'me'], ['--loudly']])('%j is answered with the usage', async (...words) => {
    expect(await run(...words)).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('show|metadata|certificate|prepare|rotate|renew|discard'),
    });
  });

  test('never prints a private key', async () => {
    await run('prepare');
    for (const word of ['show', 'metadata', 'certificate', 'rotate', 'renew']) {
      const { stdout, stderr } = await run(word);
      expect(stdout + stderr).not.toContain('PRIVATE KEY');
    }
  });
});
