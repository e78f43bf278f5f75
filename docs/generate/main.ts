import { writeFileSync } from 'node:fs';
import { editorSchema } from '../../src/config/xs-app/editor-schema.ts';
import { configurationPage } from './configuration.ts';
import { decisionsPage } from './decisions.ts';
import { pictures } from './pictures.ts';

const root = new URL('../../', import.meta.url);
writeFileSync(new URL('schema/xs-app.schema.json', root), editorSchema());
writeFileSync(new URL('docs/configuration.md', root), await configurationPage());
writeFileSync(new URL('docs/decisions/README.md', root), decisionsPage());
for (const [name, svg] of Object.entries(pictures)) writeFileSync(new URL(`docs/pictures/${name}`, root), svg);
