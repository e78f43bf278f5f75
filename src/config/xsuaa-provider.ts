import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import { type Binding, placeOf, tellBound } from './binding.ts';
import { bindingClient } from './binding-client.ts';
import type { Environment } from './environment.ts';
import type { XsuaaProvider } from './identity-provider.ts';
import { endpointProblem } from './loopback.ts';
import { checkShape } from './parse-json.ts';

const credentials = z.looseObject({
  url: z.string({ error: 'is missing; the provider stands there' }),
  clientid: z.string({ error: 'is missing' }).min(1),
  clientsecret: z.string().min(1).optional(),
  certificate: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  certurl: z.string().optional(),
  xsappname: z.string({ error: 'is missing; $XSAPPNAME of scopes comes from it' }).min(1),
  identityzone: z.string().optional(),
  uaadomain: z.string().min(1).optional(),
  tenantid: z.string().optional(),
  zoneid: z.string().optional(),
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
    if (wanted !== undefined)
      problems.add('UAA_SERVICE_NAME', '', `names "${wanted}", but no such service is bound; ${tellBound(bindings)}`);
    return undefined;
  }
  const at = placeOf(binding);
  const given = checkShape(at, binding.credentials, credentials, problems);
  if (given === undefined) return undefined;
  const wrong = endpointProblem(given.url);
  if (wrong !== undefined) {
    problems.add(at, 'url', wrong);
    return undefined;
  }
  const clientAuthentication = bindingClient(at, given, problems);
  if (clientAuthentication === undefined) return undefined;
  const certUrl =
    clientAuthentication.method === 'tls_client_auth' ? readCertUrl(at, given.certurl, problems) : undefined;
  return Object.freeze<XsuaaProvider>({
    kind: 'xsuaa',
    name: 'xsuaa',
    url: new URL(given.url),
    certUrl,
    clientId: given.clientid,
    clientAuthentication,
    xsappname: given.xsappname,
    zone: given.identityzone,
    domain: given.uaadomain,
    tenantId: given.tenantid ?? given.zoneid,
  });
}

/** Certificates are taken on a host of their own; elsewhere XSUAA answers "Unsupported instance credential" (token-flows.md D5). */
function readCertUrl(at: string, certurl: string | undefined, problems: Problems): URL | undefined {
  const wrong =
    certurl === undefined ? 'is missing; tokens are asked for there with a certificate' : endpointProblem(certurl);
  if (wrong === undefined && certurl !== undefined) return new URL(certurl);
  problems.add(at, 'certurl', wrong ?? '');
  return undefined;
}
