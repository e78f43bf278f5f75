import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import type { Binding } from './binding.ts';
import { defaultBindings } from './default-bindings.ts';
import type { Environment } from './environment.ts';
import { mountedBindings, secretsByService } from './mounted-bindings.ts';
import { parseJson } from './parse-json.ts';

// What a platform has nothing to say of, it may leave out or write as null.
const entry = z.looseObject({
  name: z.string().nullish(),
  label: z.string().nullish(),
  plan: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  credentials: z.record(z.string(), z.unknown()).nullish(),
});
const vcapServices = z.record(z.string(), z.array(entry));

/**
 * All bindings: VCAP_SERVICES, then those mounted as files, then `default-services.json` for services that none of these
 * has (xs-app.md 1.1).
 * @param secretsRoot where secrets are mounted as SAP's libraries expect them
 */
export function readBindings(
  environment: Environment,
  workingDirectory: string,
  problems: Problems,
  secretsRoot = '/etc/secrets/sapcp',
): readonly Binding[] {
  const text = environment.get('VCAP_SERVICES');
  const services = text === undefined ? {} : (parseJson('VCAP_SERVICES', text, vcapServices, problems) ?? {});
  const bound = Object.entries(services).flatMap(([label, entries]) =>
    entries.map((found) => ({
      label: found.label ?? label,
      name: found.name ?? label,
      ...(found.plan == null ? {} : { plan: found.plan }),
      tags: found.tags ?? [],
      credentials: found.credentials ?? {},
    })),
  );
  const root = environment.get('SERVICE_BINDING_ROOT');
  const mounted = root === undefined ? [] : mountedBindings(root, problems);
  const all = [...bound, ...mounted, ...secretsByService(secretsRoot, problems)];
  return [...all, ...defaultBindings(workingDirectory, all, problems)];
}
