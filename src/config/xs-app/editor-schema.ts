import { z } from 'zod';
import { xsAppSchema } from './xs-app-schema.ts';

/** JSON Schema of xs-app.json for editors, made from the very schema that checks the file at start. */
export function editorSchema(): string {
  const schema = z.toJSONSchema(xsAppSchema, { io: 'input', target: 'draft-7' });
  const { $schema, ...rest } = schema;
  const titled = { $schema, title: 'xs-app.json of Portunus', ...rest };
  return `${JSON.stringify(titled, null, 2)}\n`;
}
