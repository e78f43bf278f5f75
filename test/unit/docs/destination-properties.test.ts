import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { variants } from '../../../src/destinations/variants.ts';

const page = readFileSync('docs/destination-properties.md', 'utf8');
const folder = 'src/destinations';
const code = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
  .join('\n');

/** Spellings that are understood and answered with a warning that names the right one. */
const misnamed = ['tokenService.headers.', 'tokenService.queries.'];

test('every property that is read of a destination has its row', () => {
  const calls =
    /\bp\.(?:text|required|flag|wholeNumber|oneOf|family)\(\s*'([^']+)'|read(?:Seconds|Headers)\(p, '([^']+)'|(?:location|password): '([A-Z][\w.]+|\w+\.\w+)'/g;
  const read = [...new Set([...code.matchAll(calls)].map(([, call, reader, store]) => call ?? reader ?? store ?? ''))];
  expect(read.length).toBeGreaterThan(60);
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  const isThere = (name: string) => rows.some((row) => row.includes(`\`${name}${name.endsWith('.') ? 'NAME' : ''}\``));
  expect(read.filter((name) => !misnamed.includes(name) && !isThere(name))).toEqual([]);
});

test('every authentication type has its row', () => {
  expect(Object.keys(variants).filter((type) => !page.includes(`\`${type}\``))).toEqual([]);
});
