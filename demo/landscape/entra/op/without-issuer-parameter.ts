import type { KoaContextWithOIDC } from 'oidc-provider';

/** Takes `iss` (RFC 9207) out of authorization responses: Entra does not send it, so no client may come to need it. */
export async function withoutIssuerParameter(context: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const location = context.response.get('location');
  const isAnswer = context.oidc?.route === 'authorization' || context.oidc?.route === 'resume';
  if (!isAnswer || !/[?&#]iss=/.test(location)) return;
  const url = new URL(location);
  url.searchParams.delete('iss');
  if (url.hash) {
    const fragment = new URLSearchParams(url.hash.slice(1));
    fragment.delete('iss');
    url.hash = fragment.toString();
  }
  context.set('location', url.href);
}
