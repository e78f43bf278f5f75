import type { DestinationServiceBinding } from '../../config/destination-service-binding.ts';
import { AppError } from '../../errors/app-error.ts';
import { type ConfigError, Problems } from '../../errors/config-error.ts';
import type { Destination } from '../destination.ts';
import { parseDestination } from '../parse-destination.ts';
import type { Tenant } from './tenant.ts';

/** What the service is called where destinations are named in messages. */
export const serviceName = 'destination-service';

/**
 * The Destination service as a destination of its own: its API as the target, and its client credentials as for any other,
 * so that its token is cached, shared, proxied and guarded like all (destination-service.md 1.2).
 * @param env for HTTPS_PROXY and its like
 * @throws AppError ERR_DESTINATION_SERVICE (502) when the binding says something no destination may say
 */
export async function clientDestination(
  binding: DestinationServiceBinding,
  tenant: Tenant | undefined,
  env: (name: string) => string | undefined,
): Promise<Destination> {
  const { proof } = binding;
  const problems = new Problems();
  const raw = {
    Name: serviceName,
    URL: binding.uri.href,
    Authentication: 'OAuth2ClientCredentials',
    clientId: binding.clientId,
    ...(proof.method === 'client_secret'
      ? { clientSecret: proof.secret }
      : { 'tokenService.KeyStoreLocation': 'binding' }),
    ...tokenAddress(binding, tenant),
  };
  const destination = await parseDestination(raw, {
    file: binding.at,
    path: '',
    env,
    origin: JSON.stringify([binding.at, tenant?.id]),
    keyStores: {
      keyPair: async () => ('keyPair' in proof ? proof.keyPair : Promise.reject(new TypeError('no key pair'))),
      trust: async () => [],
    },
    now: Date.now(),
    problems,
  });
  try {
    problems.throwIfAny();
  } catch (cause) {
    throw unusable(binding, cause as ConfigError);
  }
  return destination as Destination;
}

function unusable({ at }: DestinationServiceBinding, { problems }: ConfigError): AppError {
  return new AppError({
    code: 'ERR_DESTINATION_SERVICE',
    status: 502,
    detail: `The Destination service cannot be asked: ${problems.map(({ path, message }) => `${path} ${message}`).join('; ')}.`,
    hint: `Check ${at}.`,
  });
}

/**
 * A subscriber's token comes from the subscriber's host, which is the provider's with another first label; where that is
 * unknown, from the provider's host with the subscriber's id in `x-zid`, as SAP's own library asks.
 */
function tokenAddress({ tokenUrl, identityZone }: DestinationServiceBinding, tenant: Tenant | undefined) {
  if (tenant === undefined) return { tokenServiceURL: tokenUrl.href };
  const [label, ...rest] = tokenUrl.hostname.split('.');
  if (tenant.subdomain === undefined || label !== identityZone?.toLowerCase() || rest.length === 0)
    return { tokenServiceURL: tokenUrl.href, 'tokenServiceURL.headers.x-zid': tenant.id };
  const url = new URL(tokenUrl);
  url.hostname = [tenant.subdomain, ...rest].join('.');
  return { tokenServiceURL: url.href };
}
