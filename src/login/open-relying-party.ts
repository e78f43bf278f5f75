import type { IdentityProvider } from '../config/identity-provider.ts';
import type { ProxyOf } from './provider-fetch.ts';
import type { RelyingParty } from './relying-party.ts';

type Ability = keyof RelyingParty;

const logIn = ['authorizationUrl', 'redeem', 'refresh', 'endSessionUrl', 'verifyToken', 'logInWithPassword'] as const;
const discovered = ['prepare', ...logIn, 'verifyLogoutToken', 'revoke', 'isIssuer'] as const;

/** What a party can do is known before it is loaded. */
const abilities = {
  oidc: discovered,
  ias: [...discovered, 'exchangeToken'],
  xsuaa: ['prepare', ...logIn, 'userAttributes'],
} as const satisfies Record<IdentityProvider['kind'], readonly Ability[]>;

/**
 * Us, towards a configured provider. What speaks its protocol (openid-client, jose: a hundred files) is loaded when it is
 * first asked something, which `prepare` does right after the start: nothing that needs no login waits for it.
 * @param timeouts milliseconds that a call may take, by service
 * @param clockTolerance PORTUNUS_CLOCK_TOLERANCE, in seconds
 */
export function openRelyingParty(
  provider: IdentityProvider,
  timeouts: { readonly xsuaa: number; readonly identity: number },
  proxyOf: ProxyOf,
  clockTolerance?: number,
): RelyingParty {
  let loading: Promise<RelyingParty> | undefined;
  const load = () => {
    loading ??= loadParty(provider, timeouts, proxyOf, clockTolerance).catch((cause) => {
      loading = undefined; // asked again by who comes next
      throw cause;
    });
    return loading;
  };
  const later =
    (ability: Ability) =>
    async (...args: readonly unknown[]) => {
      const party = (await load()) as unknown as Record<
        Ability,
        ((...args: readonly unknown[]) => unknown) | undefined
      >;
      return party[ability]?.(...args);
    };
  return Object.fromEntries(
    abilities[provider.kind].map((ability) => [ability, later(ability)]),
  ) as unknown as RelyingParty;
}

/** The party itself. */
export async function loadParty(
  provider: IdentityProvider,
  timeouts: { readonly xsuaa: number; readonly identity: number },
  proxyOf: ProxyOf,
  clockTolerance?: number,
): Promise<RelyingParty> {
  if (provider.kind === 'xsuaa') {
    const { xsuaaRelyingParty } = await import('./xsuaa-relying-party.ts');
    return xsuaaRelyingParty(provider, timeouts.xsuaa, proxyOf, clockTolerance);
  }
  const { oidcRelyingParty } = await import('./oidc-relying-party.ts');
  return oidcRelyingParty(provider, timeouts.identity, proxyOf, clockTolerance);
}
