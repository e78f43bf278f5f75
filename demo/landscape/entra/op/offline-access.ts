import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * What `offline_access` is called inside the OP. By OpenID Connect Core 11 the OP drops `offline_access` unless the
 * request has prompt=consent; Entra gives a refresh token without that. Under another name the scope survives.
 */
export const offlineAccess = 'entra:offline_access';

/** Renames the scope on its way into the authorization endpoint. */
export async function keepOfflineAccess(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  const query = new URLSearchParams(context.querystring);
  const scopes = query.get('scope')?.split(' ') ?? [];
  if (context.method === 'GET' && scopes.includes('offline_access')) {
    query.set('scope', scopes.map((scope) => (scope === 'offline_access' ? offlineAccess : scope)).join(' '));
    context.querystring = query.toString();
  }
  await next();
}

/** The scopes as the client asked for them. */
export function scopesAsAsked(scopes: Iterable<string>): string[] {
  return [...scopes].map((scope) => (scope === offlineAccess ? 'offline_access' : scope));
}
