import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readErrorPages } from '../../../src/config/read-error-pages.ts';
import { Problems } from '../../../src/errors/config-error.ts';
import { problemLines } from '../../support/problem-lines.ts';
import { workingDirectory } from '../../support/working-directory.ts';

const directory = workingDirectory({ 'lost.html': '<p>lost</p>', 'down.json': '{}', 'x.txt': 'x', 'y.bin': 'y' });

describe('own error pages, loaded once (xs-app.md 8.7)', () => {
  test('a file for one status or several, with what its name ends with', () => {
    const pages = readErrorPages([{ status: [404, 403], file: 'lost.html' }], directory, new Problems());
    expect([...pages.keys()]).toEqual([404, 403]);
    expect(pages.get(404)).toMatchObject({ kind: 'file', extension: '.html' });
    expect(pages.get(404)).toBe(pages.get(403));
  });

  test('the ETag is of the content', () => {
    const etag = (file: string) =>
      JSON.stringify(readErrorPages([{ status: 500, file }], directory, new Problems()).get(500));
    expect(etag('x.txt')).toBe(etag('x.txt'));
    expect(etag('x.txt')).not.toBe(etag('y.bin'));
    expect(readErrorPages([{ status: 500, file: 'x.txt' }], directory, new Problems()).get(500)).toMatchObject({
      etag: expect.stringMatching(/^W\/"[\w-]+"$/),
    });
  });

  test('a path is a redirect', () => {
    expect(readErrorPages([{ status: 502, path: '/down.html' }], directory, new Problems()).get(502)).toEqual({
      kind: 'redirect',
      path: '/down.html',
    });
  });

  test('the first entry of a status wins; a file that is not there, reported elsewhere, is none', () => {
    const entries = [
      { status: 404, file: 'nothing.html' },
      { status: 404, file: 'x.txt' },
      { status: 404, file: 'lost.html' },
    ];
    expect(readErrorPages(entries, directory, new Problems()).get(404)).toMatchObject({ content: Buffer.from('x') });
  });

  test('one that cannot be read is a problem; one that is not there was told before', () => {
    const place = workingDirectory();
    symlinkSync('circle.html', path.join(place, 'circle.html'));
    const problems = new Problems();
    const entries = [
      { status: 404, file: 'gone.html' },
      { status: 500, file: 'circle.html' },
    ];
    expect([...readErrorPages(entries, place, problems)]).toEqual([]);
    expect(problemLines(problems)).toEqual([
      expect.stringMatching(/^xs-app\.json\/errorPage\/1\/file: "circle\.html" cannot be read \(ELOOP\)/),
    ]);
  });
});
