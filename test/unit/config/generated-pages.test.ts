import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationPage } from '../../../docs/generate/configuration.ts';
import { editorSchema } from '../../../src/config/xs-app/editor-schema.ts';

const read = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

test('schema/xs-app.schema.json is what the program checks by; mend it with `npm run docs`', () => {
  expect(read('schema/xs-app.schema.json')).toBe(editorSchema());
});

test('docs/configuration.md is what the program reads and says; mend it with `npm run docs`', async () => {
  expect(read('docs/configuration.md')).toBe(await configurationPage());
});

test('the demo’s xs-app.json uses the schema', () => {
  expect(JSON.parse(read('xs-app.json'))).toMatchObject({ $schema: './schema/xs-app.schema.json' });
});
