import type { IdentityProvider } from '../config/identity-provider.ts';

/** Redirect URIs told of; clients choose their Host, and must not fill a log with it. */
const most = 10;

/** Where a redirect URI is registered. */
const places: Readonly<Record<IdentityProvider['kind'], (provider: IdentityProvider, uri: string) => string>> = {
  xsuaa: (_, uri) => `in xs-security.json: "oauth2-configuration": { "redirect-uris": [${JSON.stringify(uri)}] }`,
  ias: (_, uri) =>
    `in the parameters of the identity service, or in its console: "oauth2-configuration": { "redirect-uris": [${JSON.stringify(uri)}] }`,
  oidc: ({ clientId }) => `at the provider, for the client ${clientId}`,
};

/**
 * Tells each redirect URI once, when it is first sent: a provider that does not know it shows its own error page, nothing
 * comes back here, and what has to be registered can be guessed only (wants 17).
 */
export function createTellRedirectUri(
  notice: (message: string) => void,
): (provider: IdentityProvider, redirectUri: string) => void {
  const told = new Set<string>();
  return (provider, redirectUri) => {
    const key = `${provider.name} ${redirectUri}`;
    if (told.has(key) || told.size >= most) return;
    told.add(key);
    notice(
      `logins at "${provider.name}" come back to ${redirectUri}, which must be registered there exactly so: ` +
        places[provider.kind](provider, redirectUri),
    );
  };
}
