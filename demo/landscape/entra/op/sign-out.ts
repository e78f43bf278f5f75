import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { pairwiseSubject } from '../directory.ts';

/**
 * RP-initiated logout without a question: when the ID token hint is genuine and of the user who is signed in, or nobody
 * is, the session ends at once and the browser goes to the registered URI, as at Entra. Otherwise the OP's page asks.
 */
export function finishSignOut(provider: Provider) {
  return async (context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const { oidc } = context;
    if (oidc?.route !== 'end_session' || context.status !== 200 || !oidc.session) return;
    const { session, client } = oidc;
    const hint = oidc.entities.IdTokenHint as { payload: { sub?: string } } | undefined;
    const own =
      session.accountId === undefined ||
      (client && hint?.payload.sub === pairwiseSubject(session.accountId, client.clientId));
    if (!own) return;
    if (session.accountId !== undefined) await session.destroy();
    context.cookies.set(provider.cookieName('session'), null);
    context.body = null;
    context.status = 303;
    context.redirect(target(provider, oidc.params ?? {}));
  };
}

/** The OP has dropped the URI already unless it is registered for a client the request identifies. */
function target(provider: Provider, params: Readonly<Record<string, unknown>>): string {
  if (typeof params['post_logout_redirect_uri'] !== 'string') return provider.urlFor('end_session_success');
  const url = new URL(params['post_logout_redirect_uri']);
  if (typeof params['state'] === 'string') url.searchParams.set('state', params['state']);
  return url.href;
}
