import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import { type Binding, placeOf } from './binding.ts';
import { bindingClient } from './binding-client.ts';
import type { Environment } from './environment.ts';
import type { OidcProvider } from './identity-provider.ts';
import { endpointProblem } from './loopback.ts';
import { checkShape } from './parse-json.ts';
import { scopesOfClaims, withXsappname } from './scopes-of-claims.ts';

const credentials = z.looseObject({
  url: z.string({ error: 'is missing; the tenant stands there' }),
  clientid: z.string({ error: 'is missing' }).min(1),
  clientsecret: z.string().min(1).optional(),
  certificate: z.string().min(1).optional(),
  key: z.string().min(1).optional(),
  domains: z.array(z.string().min(1)).optional(),
  app_tid: z.string().min(1).optional(),
  zone_uuid: z.string().min(1).optional(),
});

/**
 * The IAS binding: service `identity`, with a secret or with certificate and key (token-flows.md C11). The key of a
 * certificate that somebody else made (X509_PROVIDED) is not in it: IAS_PRIVATE_KEY is.
 * @param xsappname of the XSUAA beside it, where one is bound
 */
export function iasProvider(
  bindings: readonly Binding[],
  environment: Environment,
  xsappname: string | undefined,
  problems: Problems,
): OidcProvider | undefined {
  const binding = bindings.find(({ label }) => label === 'identity');
  if (binding === undefined) return undefined;
  const at = placeOf(binding);
  const given = checkShape(at, binding.credentials, credentials, problems);
  if (given === undefined) return undefined;
  const wrong = endpointProblem(given.url);
  if (wrong !== undefined) {
    problems.add(at, 'url', wrong);
    return undefined;
  }
  const clientAuthentication = bindingClient(
    at,
    { ...given, key: given.key ?? environment.get('IAS_PRIVATE_KEY') },
    problems,
  );
  const stated = environment.get('IAS_SCOPES_OF_CLAIMS');
  const byClaim = stated && checkShape('IAS_SCOPES_OF_CLAIMS', stated, scopesOfClaims, problems);
  return (
    clientAuthentication &&
    Object.freeze<OidcProvider>({
      kind: 'ias',
      name: 'ias',
      issuer: new URL(given.url),
      clientId: given.clientid,
      clientAuthentication,
      scopes: 'openid profile email offline_access',
      userToken: 'auto',
      audiences: [given.clientid],
      domains: given.domains ?? [],
      tenantId: given.app_tid ?? given.zone_uuid,
      ...(byClaim ? { scopesOfClaims: withXsappname(byClaim, xsappname) } : {}),
    })
  );
}
