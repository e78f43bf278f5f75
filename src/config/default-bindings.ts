import path from 'node:path';
import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import type { Binding } from './binding.ts';
import { parseJson } from './parse-json.ts';
import { readTextFile } from './read-text-file.ts';

const file = 'default-services.json';
const shape = z.record(z.string(), z.record(z.string(), z.unknown()));

/** The approuter calls the XSUAA binding `uaa` there. */
const labels: Readonly<Record<string, string>> = { uaa: 'xsuaa' };

/** Credentials by service, for laptops: they stand in where nothing of that kind is bound (xs-app.md 1.1). */
export function defaultBindings(
  workingDirectory: string,
  bound: readonly Binding[],
  problems: Problems,
): readonly Binding[] {
  const text = readTextFile(path.join(workingDirectory, file), file, problems);
  if (text === undefined) return [];
  const services = parseJson(file, text, shape, problems) ?? {};
  return Object.entries(services)
    .map(([name, credentials]) => ({
      name,
      label: labels[name] ?? name,
      tags: [labels[name] ?? name],
      credentials,
      at: `${file}/${name}`,
    }))
    .filter(({ label }) => !bound.some((other) => other.label === label || other.tags.includes(label)));
}
