import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationPage } from '../../../docs/generate/configuration.ts';
import { decisionsPage } from '../../../docs/generate/decisions.ts';
import { pictures } from '../../../docs/generate/pictures.ts';
import { editorSchema } from '../../../src/config/xs-app/editor-schema.ts';

const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

test('schema/xs-app.schema.json is what the program checks by; mend it with `npm run docs`', () => {
  expect(read('schema/xs-app.schema.json')).toBe(editorSchema());
});

test('docs/configuration.md is what the program reads and says; mend it with `npm run docs`', async () => {
  expect(read('docs/configuration.md')).toBe(await configurationPage());
});

test('docs/decisions/README.md lists every decision, each with a number of its own; mend it with `npm run docs`', () => {
  expect(read('docs/decisions/README.md')).toBe(decisionsPage());
});

test.each(Object.entries(pictures))('docs/pictures/%s is as it is drawn; mend it with `npm run docs`', (name, svg) => {
  expect(read(`docs/pictures/${name}`)).toBe(svg);
});

test('the demo’s xs-app.json uses the schema', () => {
  expect(JSON.parse(read('xs-app.json'))).toMatchObject({ $schema: './schema/xs-app.schema.json' });
});
