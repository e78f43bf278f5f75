import type { Principal } from '../../authorization/principal.ts';
import { AppError } from '../../errors/app-error.ts';
import type { Destination } from '../destination.ts';
import { referencesOf } from '../references.ts';
import { type AskServiceSettings, createAskService } from './ask-service.ts';
import { clientDestination } from './client-destination.ts';
import { createLookUp, type Known, type LookUpSettings } from './look-up.ts';
import { createMemory } from './remember.ts';
import { type Tenant, tenantOf } from './tenant.ts';

/** The bound Destination service as a source of destinations. */
export interface BoundService {
  /**
   * The destination of a name, as the user's tenant has it: a value when it is kept, else a promise.
   * @returns undefined when the service does not know it
   * @throws AppError ERR_DESTINATION_SERVICE (502, 503)
   */
  find(name: string, seeker: Seeker): Destination | undefined | Promise<Destination | undefined>;
  /** A destination that one of the service refers to, of the same tenant. */
  related(name: string, of: Destination): Destination | undefined;
}

/** On whose behalf a destination is looked for. */
export interface Seeker {
  readonly principal: Principal;
  /** Of the provider's subaccount, whoever the user is (xs-app.md 3.1). */
  readonly preferLocal: boolean;
}

export interface BoundServiceSettings extends AskServiceSettings, Omit<LookUpSettings, 'ask' | 'clientOf' | 'onGone'> {
  /** Whose destinations users of a subscriber get. */
  readonly tenants: 'subscriber' | 'subscriber-first' | 'provider';
  /** The tenant that the binding of an identity provider is of, by the provider's name. Default: none is known. */
  readonly home?: (provider: string) => string | undefined;
  /** Milliseconds that a destination is kept. */
  readonly life: number;
  readonly now?: () => number;
}

/** Milliseconds that "there is none" and "it cannot be used" stand: who mends it does not want to wait. */
const negativeLife = 10_000;

/** Tenants whose clients are kept at most. */
const tenantCapacity = 1_000;

/**
 * Makes the source. What is kept is kept by tenant and name, and holds nothing of any user (T-40).
 */
export function createBoundService(settings: BoundServiceSettings): BoundService {
  const { binding, life, warn, env, home = () => undefined, now = Date.now } = settings;
  const clients = new Map<string, Promise<Destination>>();
  const relatives = new WeakMap<Destination, ReadonlyMap<string, Destination>>();
  const memory = createMemory<Known>({
    capacity: 2_000,
    flights: 64,
    lifeOf: ({ kind }) => (kind === 'destination' ? life : negativeLife),
    outlives: ({ kind }) => kind === 'destination',
    now,
    busy,
    onStale: ({ detail }) => warn(`${detail} What was known before serves on.`),
  });

  const clientOf = (tenant: Tenant | undefined): Promise<Destination> => {
    const key = keyOf('', tenant);
    let client = clients.get(key);
    if (client === undefined) {
      client = clientDestination(binding, tenant, env);
      clients.set(key, client);
      const [oldest] = clients.keys();
      if (clients.size > tenantCapacity && oldest !== undefined) clients.delete(oldest);
    }
    return client;
  };

  const lookUp = createLookUp({
    ...settings,
    ask: createAskService(settings),
    clientOf,
    onGone: (name, tenant) => memory.forget(keyOf(name, tenant)),
  });

  const known = (name: string, tenant: Tenant | undefined): Known | Promise<Known> =>
    memory.get(keyOf(name, tenant), (last) => lookUp(name, tenant, last));

  /** The destinations that one refers to, and theirs, all of its own tenant. */
  const gather = async (destination: Destination, tenant: Tenant | undefined): Promise<Destination> => {
    const all = new Map<string, Destination>();
    const open = [destination];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      relatives.set(next, all);
      for (const { name } of referencesOf(next)) {
        if (all.has(name)) continue;
        const other = await known(name, tenant);
        if (other.kind !== 'destination') continue;
        all.set(name, other.destination);
        open.push(other.destination);
      }
    }
    return destination;
  };

  /** @param tenants where to look, in this order */
  const search = (
    name: string,
    [tenant, ...others]: readonly (Tenant | undefined)[],
  ): Destination | undefined | Promise<Destination | undefined> => {
    const judge = (found: Known) => {
      if (found.kind === 'absent') return others.length > 0 ? search(name, others) : undefined;
      if (found.kind === 'unusable') throw found.error;
      const { destination } = found;
      return referencesOf(destination).length === 0 ? destination : gather(destination, tenant);
    };
    const found = known(name, tenant);
    return found instanceof Promise ? found.then(judge) : judge(found);
  };

  return {
    find(name, { principal, preferLocal }) {
      const tenant = settings.tenants === 'provider' || preferLocal ? undefined : tenantOf(principal, binding, home);
      const both = tenant !== undefined && settings.tenants === 'subscriber-first';
      return search(name, both ? [tenant, undefined] : [tenant]);
    },
    related: (name, of) => relatives.get(of)?.get(name),
  };
}

function keyOf(name: string, tenant: Tenant | undefined): string {
  return JSON.stringify([tenant?.id, tenant?.subdomain, name]);
}

function busy(): AppError {
  return new AppError({
    code: 'ERR_DESTINATION_SERVICE',
    status: 503,
    detail: 'Too many destinations are being looked up at once.',
    hint: 'Try again in a moment.',
    headers: { 'retry-after': '1' },
  });
}
