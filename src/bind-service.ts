import { anonymous } from './authorization/principal.ts';
import type { Config } from './config/config.ts';
import type { AskServiceSettings } from './destinations/bound-service/ask-service.ts';
import { type BoundService, createBoundService } from './destinations/bound-service/bound-service.ts';
import type { DestinationContext } from './destinations/destination-context.ts';
import { createFetchText } from './forwarding/fetch-text.ts';
import type { Pools } from './forwarding/pools.ts';
import type { Tokens } from './tokens/obtain-credential.ts';

/** What a bound service is connected by. */
export interface Connections {
  readonly pools: Pools;
  /** Not needed before something is looked up: tokens in turn need the service's destinations. */
  readonly tokens: () => Pick<Tokens, 'obtain'>;
  /** Milliseconds that one look-up may take. */
  readonly timeout: number;
}

/** How the Destination service is asked: over the pools of all backends, with a token that comes the way of all tokens. */
export function serviceLine({ pools, tokens, timeout }: Connections): AskServiceSettings {
  return {
    timeout,
    fetchText: createFetchText(pools),
    async authorization(client, fresh) {
      const credential = await tokens().obtain(client, anonymous, { fresh });
      return credential.kind === 'header' ? credential.value : '';
    },
  };
}

/** The bound Destination service, where there is one. */
export function bindService(
  {
    destinationService: binding,
    settings,
    environment,
    providers = [],
  }: Pick<Config, 'destinationService' | 'settings' | 'environment'> & Partial<Pick<Config, 'providers'>>,
  {
    warn,
    login,
    ...connections
  }: Connections & Pick<DestinationContext, 'login'> & { readonly warn: (message: string) => void },
): BoundService | undefined {
  return (
    binding &&
    createBoundService({
      ...serviceLine(connections),
      binding,
      options: settings.destinationOptions,
      tokens: settings.destinationTokens,
      tenants: settings.destinationTenants,
      home: (name) => providers.find((provider) => provider.name === name)?.tenantId,
      life: settings.destinationCache * 1000,
      env: environment.get,
      login,
      warn,
    })
  );
}
