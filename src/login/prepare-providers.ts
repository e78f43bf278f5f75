import type { IdentityProvider } from '../config/identity-provider.ts';
import { AppError } from '../errors/app-error.ts';
import type { RelyingParty } from './relying-party.ts';

/** What can be asked of the identity providers before anybody logs in: who they are (wants 6). */
export interface Preparation {
  /** Asks each of them, once; what fails is asked again by the first login. */
  begin(): void;
  /** Everybody has answered, has failed, or has had its time. */
  isDone(): boolean;
  /** Settles when it is done, or a probe should wait no longer. */
  soon(): Promise<void>;
}

/** Milliseconds that an instance is not ready for the sake of a provider that does not answer: public routes need none. */
const patience = 5_000;
/** Milliseconds that a probe is kept waiting; Kubernetes gives up after a second. */
const probePatience = 500;
/** Milliseconds that requests have, which have waited for the start, before the processor is taken for what logins need. */
const headStart = 20;

/** @param warn told of each provider that could not be asked */
export function createPreparation(
  parties: ReadonlyMap<string, { readonly provider: IdentityProvider; readonly party: Pick<RelyingParty, 'prepare'> }>,
  warn: (message: string) => void,
): Preparation {
  let running: Promise<unknown> | undefined;
  return {
    begin() {
      const ask = () =>
        Promise.all(
          [...parties.values()].map(({ provider, party }) =>
            party.prepare?.().catch((cause: unknown) => warn(tellAway(provider, cause))),
          ),
        );
      const asking = parties.size === 0 ? ask() : after(headStart).then(ask);
      const begun = Promise.race([asking, after(patience)]).then(() => {
        if (running === begun) running = undefined;
      });
      running = begun;
    },
    isDone: () => running === undefined,
    soon: async () => void (await Promise.race([running, after(probePatience)])),
  };
}

/** For who runs the router, so with the address: a wrong one is what is wrong most often. */
function tellAway(provider: IdentityProvider, cause: unknown): string {
  const address = provider.kind === 'xsuaa' ? provider.url : provider.issuer;
  const { detail = 'The identity provider cannot be reached.', hint } = cause instanceof AppError ? cause : {};
  return [`${provider.name} at ${address.href}:`, detail, hint, 'Logins ask it again.'].filter(Boolean).join(' ');
}

function after(milliseconds: number): Promise<void> {
  return new Promise((go) => setTimeout(go, milliseconds).unref());
}
