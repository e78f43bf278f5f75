import type { LoginWish } from './logins.ts';
import { returnUrlFor } from './return-url.ts';

/** Path and query of our door where a login begins that leads to `returnTo`. */
export function loginUrlFor(
  returnTo: string,
  {
    provider,
    claims,
    identityProvider,
  }: { readonly provider?: string | undefined } & Omit<LoginWish, 'provider' | 'url'>,
): string {
  const query = new URLSearchParams({ return_to: returnUrlFor(returnTo) });
  if (provider !== undefined) query.set('provider', provider);
  if (claims !== undefined) query.set('claims', claims);
  if (identityProvider !== undefined) query.set('sap_idp', identityProvider);
  return `/-/login?${query}`;
}
