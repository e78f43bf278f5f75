import type { IdentityProvider } from '../config/identity-provider.ts';
import type { KeyStores } from '../config/key-store.ts';
import type { DefaultTrust } from '../config/key-store-trust.ts';
import type { PropertiesContext } from './properties.ts';

/** What parsing a destination needs besides its properties. */
export interface DestinationContext extends PropertiesContext {
  readonly keyStores: KeyStores;
  /** Milliseconds since the epoch, for warnings about certificates. */
  readonly now: number;
  /** Who logs people in, for destinations that borrow from that binding; absent where nobody is logged in. */
  readonly login?: (() => Promise<readonly IdentityProvider[]>) | undefined;
  /** The house's own SAML signing key (the default trust); absent where there is none. */
  readonly defaultTrust?: Pick<DefaultTrust, 'active' | 'latest'> | undefined;
}
