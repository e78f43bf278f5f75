import { describe, expect, test } from 'vitest';
import { editorSchema } from '../../../../src/config/xs-app/editor-schema.ts';
import { xsAppSchema } from '../../../../src/config/xs-app/xs-app-schema.ts';

const schema = JSON.parse(editorSchema());

describe('the schema for editors is the one that checks the file', () => {
  test('every property is in it, with a word about it where it has one', () => {
    expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(xsAppSchema.shape).sort());
    expect(schema.properties.routes.items.properties.source.description).toMatch(/Regular expression/);
  });

  test('it refuses unknown properties, so that editors mark them', () => {
    expect(schema.additionalProperties).toBe(false);
    expect(schema.properties.routes.items.additionalProperties).toBe(false);
  });

  test('it says which schema language it is in', () => {
    expect(schema.$schema).toMatch(/draft-07/);
  });
});
