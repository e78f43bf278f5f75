import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

interface Entry {
  readonly payload: AdapterPayload;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The OpenID Provider's memory: one per landscape, so that two landscapes in one process share nothing. */
export interface ProviderMemory {
  readonly adapter: AdapterFactory;
  /** What is stored under a model and id, without changing it. */
  peek(model: string, id: string): Readonly<AdapterPayload> | undefined;
  /** Was there ever an entry of this model with this id? Tells a revoked token from garbage. */
  everHad(model: string, id: string): boolean;
  /** Ends every grant of an account, with its codes and refresh tokens. */
  revokeAccount(accountId: string): void;
}

/** `findClient` gives the metadata of a client, read afresh each time so that redirect URIs can be added later. */
export function makeProviderMemory(findClient: (id: string) => AdapterPayload | undefined): ProviderMemory {
  const entries = new Map<string, Entry>();
  const everStored = new Set<string>();

  const peek = (model: string, id: string) => {
    const entry = entries.get(`${model}:${id}`);
    return entry && entry.expiresAt > Date.now() ? entry.payload : undefined;
  };
  const dropWhere = (drops: (name: string, payload: AdapterPayload) => boolean) => {
    for (const [name, { payload }] of entries) if (drops(name, payload)) entries.delete(name);
  };

  const adapter = (model: string): Adapter => {
    const key = (id: string) => `${model}:${id}`;
    const isOurs = (name: string) => name.startsWith(`${model}:`);
    return {
      find: async (id) => (model === 'Client' ? findClient(id) : peek(model, id)),
      upsert: async (id, payload, expiresIn) => {
        everStored.add(key(id));
        const expiresAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000;
        entries.set(key(id), { payload, expiresAt });
      },
      consume: async (id) => {
        const entry = entries.get(key(id));
        if (entry) entry.payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => {
        entries.delete(key(id));
      },
      findByUid: async (uid) =>
        [...entries].find(([name, { payload }]) => isOurs(name) && payload.uid === uid)?.[1].payload,
      // The device flow is switched off.
      findByUserCode: async () => undefined,
      revokeByGrantId: async (grantId) => dropWhere((name, payload) => isOurs(name) && payload.grantId === grantId),
    };
  };

  return Object.freeze({
    adapter,
    peek,
    everHad: (model: string, id: string) => everStored.has(`${model}:${id}`),
    revokeAccount: (accountId: string) =>
      dropWhere((name, payload) => payload.accountId === accountId && !/^(Session|Interaction):/.test(name)),
  });
}
