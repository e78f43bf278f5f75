import type { IdentityProvider } from '../config/identity-provider.ts';
import { oidcRelyingParty } from './oidc-relying-party.ts';
import type { ProxyOf } from './provider-fetch.ts';
import type { RelyingParty } from './relying-party.ts';
import { xsuaaRelyingParty } from './xsuaa-relying-party.ts';

/**
 * Us, towards a configured provider.
 * @param timeouts milliseconds that a call may take, by service
 * @param clockTolerance PORTUNUS_CLOCK_TOLERANCE, in seconds
 */
export function openRelyingParty(
  provider: IdentityProvider,
  timeouts: { readonly xsuaa: number; readonly identity: number },
  proxyOf: ProxyOf,
  clockTolerance?: number,
): RelyingParty {
  if (provider.kind === 'xsuaa') return xsuaaRelyingParty(provider, timeouts.xsuaa, proxyOf, clockTolerance);
  return oidcRelyingParty(provider, timeouts.identity, proxyOf, clockTolerance);
}
