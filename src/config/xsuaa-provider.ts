import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import type { Binding } from './binding.ts';
import type { Environment } from './environment.ts';
import type { XsuaaProvider } from './identity-provider.ts';
import { endpointProblem } from './loopback.ts';
import { checkShape } from './parse-json.ts';

const credentials = z.looseObject({
  url: z.string({ error: 'is missing; the provider stands there' }),
  clientid: z.string({ error: 'is missing' }).min(1),
  clientsecret: z.string({ error: 'is missing; bindings with a certificate are not supported yet' }).min(1),
  xsappname: z.string({ error: 'is missing; $XSAPPNAME of scopes comes from it' }).min(1),
  identityzone: z.string().optional(),
});

/** The XSUAA binding: the entry with tag `xsuaa`, or the one that UAA_SERVICE_NAME names (xs-app.md 1.1). */
export function xsuaaProvider(
  bindings: readonly Binding[],
  environment: Environment,
  problems: Problems,
): XsuaaProvider | undefined {
  const wanted = environment.get('UAA_SERVICE_NAME');
  const binding = bindings.find(({ name, tags, label }) =>
    wanted === undefined ? tags.includes('xsuaa') || label === 'xsuaa' : name === wanted,
  );
  if (binding === undefined) {
    if (wanted !== undefined) problems.add('UAA_SERVICE_NAME', '', `names "${wanted}", but no such service is bound`);
    return undefined;
  }
  const at = `VCAP_SERVICES/${binding.label}/${binding.name}/credentials`;
  const given = checkShape(at, binding.credentials, credentials, problems);
  if (given === undefined) return undefined;
  const wrong = endpointProblem(given.url);
  if (wrong !== undefined) {
    problems.add(at, 'url', wrong);
    return undefined;
  }
  return Object.freeze<XsuaaProvider>({
    kind: 'xsuaa',
    name: 'xsuaa',
    url: new URL(given.url),
    clientId: given.clientid,
    clientAuthentication: { method: 'client_secret', secret: given.clientsecret },
    xsappname: given.xsappname,
    zone: given.identityzone,
  });
}
