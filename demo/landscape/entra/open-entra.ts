import type { RequestListener } from 'node:http';
import type { Hooks } from '../hooks.ts';
import type { EntraLandscape } from '../landscape.ts';
import { entraApplications, ids, makeSecret } from '../registrations.ts';
import type { Surroundings } from '../surroundings.ts';
import { makeAuthority } from './authority.ts';
import { type Directory, directoryUrls } from './directory.ts';
import { makeOpenIdProvider } from './op/provider.ts';
import { consentOfUsers, type Policy } from './policies.ts';
import { makeRefreshTokens } from './refresh-tokens.ts';
import { graphResource, resourceOf, vaultResource } from './resources.ts';

export interface OpenedEntra {
  readonly handler: RequestListener;
  readonly landscape: EntraLandscape;
  readonly hooks: Hooks['entra'];
}

/** Furnishes the directory: its applications, the OpenID Provider, the authority's endpoints. */
export function openEntra({ clock, keys, users, recorder, options, origins }: Surroundings): OpenedEntra {
  const secrets = { router: makeSecret(), expired: makeSecret(), other: makeSecret() };
  const applications = entraApplications(keys, secrets, options.redirectUris, options.postLogoutRedirectUris);
  const router = applications.find(({ id }) => id === ids.routerClient);
  const graph = graphResource(options.graphResource);
  const urls = directoryUrls(origins.entra, ids.tenant);
  let policy: Policy = consentOfUsers;
  let held: Promise<void> | undefined;
  const directory: Directory = Object.freeze({
    tenant: ids.tenant,
    origin: origins.entra,
    issuer: `${origins.entra}/${ids.tenant}/v2.0`,
    urls,
    clock,
    key: keys.directory,
    applications: new Map(applications.map((application) => [application.id, application])),
    resources: { graph, all: [graph, vaultResource, ...applications.map(resourceOf)] },
    users,
    lifetimes: options.lifetimes,
    allowIdTokenAssertion: options.allowIdTokenAssertion,
    revocation: options.revocation,
    turn: () => held,
    policy: () => policy,
  });
  const op = makeOpenIdProvider(directory);
  const refreshTokens = makeRefreshTokens();
  return {
    handler: makeAuthority({ directory, op, refreshTokens, recorder, userinfoUrl: `${origins.graph}/oidc/userinfo` }),
    landscape: describe(directory, secrets, keys.entraClient),
    hooks: Object.freeze({
      setPolicy: (replacement: Policy | undefined) => {
        policy = replacement ?? consentOfUsers;
      },
      holdTokens: () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        held = promise;
        return () => {
          held = undefined;
          resolve();
        };
      },
      revokeRefreshTokens: ({ oid }) => {
        op.memory.revokeAccount(oid);
        refreshTokens.revoke(oid);
      },
      registerRedirectUri: (uri: string) => void router?.redirectUris.push(uri),
      registerPostLogoutRedirectUri: (uri: string) => void router?.postLogoutRedirectUris.push(uri),
    }),
  };
}

function describe(
  { tenant, origin, issuer, urls }: Directory,
  secrets: { readonly router: string; readonly expired: string; readonly other: string },
  certificate: EntraLandscape['client']['certificate'],
): EntraLandscape {
  const appIdUri = (id: string) => `api://${id}`;
  return Object.freeze({
    origin,
    tenant,
    issuer,
    authorizeUrl: urls.authorize,
    tokenUrl: urls.token,
    logoutUrl: urls.logout,
    keysUrl: urls.keys,
    discoveryUrl: urls.discovery,
    client: Object.freeze({
      id: ids.routerClient,
      secret: secrets.router,
      secretId: ids.routerSecretId,
      expiredSecret: secrets.expired,
      appIdUri: appIdUri(ids.routerClient),
      scope: `${appIdUri(ids.routerClient)}/access_as_user`,
      certificate,
      keyId: ids.routerKeyId,
    }),
    otherClient: Object.freeze({ id: ids.otherClient, secret: secrets.other, appIdUri: appIdUri(ids.otherClient) }),
    publicClient: Object.freeze({ id: ids.publicClient }),
    disabledClient: Object.freeze({ id: ids.disabledClient }),
  });
}
