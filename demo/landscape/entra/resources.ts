/** An API that tokens can be asked for. */
export interface Resource {
  /** Application id of the API. */
  readonly id: string;
  /** What may stand before the permission in a scope; the first is the usual one. */
  readonly identifiers: readonly string[];
  /** Delegated permissions the API defines. */
  readonly permissions: readonly string[];
  /** Format of its tokens: chosen by the resource, not by the endpoint (token-flows.md A12, `ver`). */
  readonly tokenFormat: 'graph' | 'v2';
}

/** The APIs of the tenant; Graph is the one a scope without a resource means. */
export interface Resources {
  readonly graph: Resource;
  readonly all: readonly Resource[];
}

/** Graph's application id: the same in every tenant. */
export const graphId = '00000003-0000-0000-c000-000000000000';

/** Graph, under the identifier the landscape calls it by; usually `https://graph.microsoft.com`. */
export function graphResource(identifier: string): Resource {
  return Object.freeze({
    id: graphId,
    identifiers: [identifier, graphId],
    permissions: ['User.Read', 'User.ReadBasic.All', 'User.Read.All', 'Mail.Read'],
    tokenFormat: 'graph',
  });
}

/** A resource of the tenant that no client of the demo lists in its registration: it provokes AADSTS650057. */
export const vaultResource: Resource = Object.freeze({
  id: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
  identifiers: ['https://vault.example.com', 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093'],
  permissions: ['user_impersonation'],
  tokenFormat: 'v2',
});

/** An application of the tenant seen as an API of its own. */
export function resourceOf(application: { readonly id: string; readonly appIdUri: string }): Resource {
  return Object.freeze({
    id: application.id,
    identifiers: [application.appIdUri, application.id],
    permissions: ['access_as_user'],
    tokenFormat: 'v2',
  });
}
