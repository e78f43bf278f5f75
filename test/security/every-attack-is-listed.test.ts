import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** `docs/security.md` says which attack is met where: it is held to the tests that there are, and to their numbers. */
const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/security.md'), 'utf8');
const linked = [...page.matchAll(/\]\(\.\.\/([^)#]+)\)/g)].map(([, target]) => target ?? '');
const tests = readdirSync(import.meta.dirname).filter((name) => /^t-\d\d-.*\.test\.ts$/.test(name));

test('every test of an attack is listed', () => {
  expect(tests.length).toBeGreaterThan(25);
  expect(tests.filter((name) => !linked.includes(`test/security/${name}`))).toEqual([]);
});

test('everything that is listed exists', () => {
  expect(linked.filter((target) => !existsSync(path.join(root, target)))).toEqual([]);
});

test('every number of the list has a row', () => {
  const numbers = [
    ...[
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30, 31, 32, 33, 34, 35,
      36, 37,
    ],
    ...[38, 39, 40, 41, 42, 43, 50, 51, 60, 61, 62, 63, 64, 70, 71, 72, 80],
  ];
  const rows = page.split('\n').filter((line) => line.startsWith('| T-'));
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/T-(\d\d)/g)].map(([, number]) => Number(number)),
  );
  expect(named.toSorted((a, b) => a - b)).toEqual(numbers);
});

test('every test says which numbers it is about, and tells their story', () => {
  for (const name of tests) {
    const text = readFileSync(path.join(import.meta.dirname, name), 'utf8');
    expect([name, text.includes(`T-${name.slice(2, 4)}`)]).toEqual([name, true]);
    expect([name, /\* What must hold/.test(text)]).toEqual([name, true]);
  }
});
