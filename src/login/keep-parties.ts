import type { IdentityProvider } from '../config/identity-provider.ts';
import type { RelyingParty } from './relying-party.ts';

/** Relying parties by the name of their provider. */
export type Parties = ReadonlyMap<string, Party>;

export interface Party {
  readonly provider: IdentityProvider;
  readonly party: RelyingParty;
  /** Everything that it was made of. */
  readonly madeOf: string;
}

/**
 * A party for each provider. One that is in use already and would be made of the same goes on: it knows the provider's
 * metadata and keys, and which logout tokens have come before.
 * @param conditions what besides the provider's own settings goes into a party
 */
export function keepParties(
  providers: readonly IdentityProvider[],
  earlier: Parties | undefined,
  conditions: (provider: IdentityProvider) => unknown,
  open: (provider: IdentityProvider) => RelyingParty,
): Parties {
  return new Map(
    providers.map((provider) => {
      // Key pairs stand here by their fingerprint.
      const madeOf = JSON.stringify([provider, conditions(provider)]);
      const known = earlier?.get(provider.name);
      return [provider.name, known?.madeOf === madeOf ? known : { provider, party: open(provider), madeOf }] as const;
    }),
  );
}
