import type { IdentityProvider } from '../config/identity-provider.ts';

/**
 * What the redirect URI registered at a provider carries behind the callback's path: `?authType=ias` at IAS, as approuters
 * are registered there (xs-app.md 3.9, 10.6).
 */
export function callbackQuery({ kind }: Pick<IdentityProvider, 'kind'>): string {
  return kind === 'ias' ? '?authType=ias' : '';
}
