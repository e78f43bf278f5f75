import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import type { Environment } from './environment.ts';
import { parseJson } from './parse-json.ts';

const entry = z.looseObject({
  name: z.string().optional(),
  label: z.string().optional(),
  tags: z.array(z.string()).optional(),
  credentials: z.record(z.string(), z.unknown()).optional(),
});
const vcapServices = z.record(z.string(), z.array(entry));

/** A service bound by the platform, in one shape whatever it came from. */
export interface Binding {
  readonly label: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly credentials: Readonly<Record<string, unknown>>;
}

/** All bindings in VCAP_SERVICES. Source: xs-app.md 1.1. */
export function readBindings(environment: Environment, problems: Problems): readonly Binding[] {
  const text = environment.get('VCAP_SERVICES');
  if (text === undefined) return [];
  const services = parseJson('VCAP_SERVICES', text, vcapServices, problems) ?? {};
  return Object.entries(services).flatMap(([label, entries]) =>
    entries.map((found) => ({
      label: found.label ?? label,
      name: found.name ?? label,
      tags: found.tags ?? [],
      credentials: found.credentials ?? {},
    })),
  );
}
