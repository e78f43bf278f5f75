import type { RequestListener } from 'node:http';
import { graphResource } from '../entra/resources.ts';
import type { Hooks } from '../hooks.ts';
import type { GraphLandscape } from '../landscape.ts';
import { ids } from '../registrations.ts';
import type { Surroundings } from '../surroundings.ts';
import { makeGraph } from './graph.ts';
import { type GraphTenant, makeGraphState } from './tenant.ts';

export interface OpenedGraph {
  readonly handler: RequestListener;
  readonly landscape: GraphLandscape;
  readonly hooks: Hooks['graph'];
  /** Undoes what the hooks have done. */
  reset(): void;
}

/** Furnishes Graph with the directory's people and key. */
export function openGraph({ clock, keys, users, recorder, options, origins }: Surroundings): OpenedGraph {
  const resource = options.graphResource;
  const state = makeGraphState();
  const tenant: GraphTenant = Object.freeze({
    root: `${origins.graph}/v1.0`,
    authorizationUrl: `${origins.entra}/common/oauth2/authorize`,
    identifiers: graphResource(resource).identifiers,
    issuer: `https://sts.windows.net/${ids.tenant}/`,
    directoryKey: keys.directory.keys.publicKey,
    clock,
    users,
    state,
  });
  const throttle = (remaining: number, retryAfterSeconds: number) => {
    state.throttle = { remaining, retryAfterSeconds };
  };
  return {
    handler: makeGraph(tenant, recorder),
    landscape: Object.freeze({
      origin: origins.graph,
      url: tenant.root,
      resource,
      defaultScope: `${resource}/.default`,
    }),
    hooks: Object.freeze({
      // The next full second: a token issued within this one was issued before the revocation, for all that its nbf can tell.
      revoke: ({ oid }) => void state.revokedUntil.set(oid, clock.seconds() + 1),
      throttle,
    }),
    reset: () => {
      state.revokedUntil.clear();
      throttle(0, 1);
    },
  };
}
