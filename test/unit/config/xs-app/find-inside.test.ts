import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { cureOf, findInside } from '../../../../src/config/xs-app/find-inside.ts';
import { workingDirectory } from '../../../support/working-directory.ts';

const outside = workingDirectory({ 'secret.txt': 's' });
const directory = workingDirectory({ 'web/index.html': 'x', '..odd/x.txt': 'x', 'a.txt': 'x' });
symlinkSync(outside, path.join(directory, 'out'));
symlinkSync(path.join(outside, 'secret.txt'), path.join(directory, 'out.txt'));
symlinkSync(path.join(directory, 'web'), path.join(directory, 'in'));
symlinkSync(path.join(directory, 'nowhere'), path.join(directory, 'dangling'));

describe('what a path names, seen from the working directory (xs-app.md 13.1 #17)', () => {
  test.each([
    ['web', 'folder'],
    ['./web/', 'folder'],
    ['web/../web', 'folder'],
    ['.', 'folder'],
    ['a.txt', 'file'],
    ['web/index.html', 'file'],
    ['in', 'folder'],
    ['..odd', 'folder'],
    ['nothing', 'missing'],
    ['dangling', 'missing'],
    ['..', 'outside'],
    ['../..', 'outside'],
    ['web/../../x', 'outside'],
    ['/etc', 'outside'],
    ['out', 'outside'],
    ['out/secret.txt', 'outside'],
    ['out.txt', 'outside'],
  ])('%s: %s', (relative, found) => {
    expect(findInside(directory, relative)).toBe(found);
  });

  test('a folder beside it whose name begins alike is outside', () => {
    expect(findInside(directory, `../${path.basename(directory)}-x`)).toBe('outside');
  });

  test('its own absolute path is inside', () => {
    expect(findInside(directory, path.join(directory, 'web'))).toBe('folder');
  });
});

describe('the cure', () => {
  test.each([
    ['outside', 'folder', '"x" lies outside the working directory; move it inside'],
    ['missing', 'folder', 'there is no folder "x" in the working directory; create it or correct the path'],
    ['missing', 'file', 'there is no file "x" in the working directory; create it or correct the path'],
    ['file', 'folder', '"x" is a file, not a folder'],
    ['folder', 'file', '"x" is a folder, not a file'],
  ] as const)('%s instead of a %s', (found, wanted, cure) => {
    expect(cureOf('x', found, wanted)).toBe(cure);
  });
});
