import { currentWay } from '../observe/way.ts';
import { lookAtCredential } from './look-into.ts';
import type { Tokens } from './obtain-credential.ts';

/** Obtains credentials as `tokens` does, and tells who listens whether one was at hand, or how long it was waited for. */
export function observedTokens(tokens: Tokens): Tokens {
  return {
    ...tokens,
    obtain(destination, principal, options) {
      const way = currentWay();
      if (way === undefined) return tokens.obtain(destination, principal, options);
      const { name, authentication } = destination;
      const step = way.begin('credential', {
        destination: name,
        authentication,
        ages: tokens.isRenewable(destination),
        subject: principal.kind === 'user' && tokens.actsForUser(destination) ? () => principal.claims : undefined,
      });
      try {
        const obtained = tokens.obtain(destination, principal, options);
        if (!(obtained instanceof Promise)) {
          step.end({ source: 'at-hand', shown: () => lookAtCredential(obtained) });
          return obtained;
        }
        return obtained.then(
          (credential) => {
            step.end({ source: 'asked', shown: () => lookAtCredential(credential) });
            return credential;
          },
          (cause: unknown) => {
            step.fail(cause);
            throw cause;
          },
        );
      } catch (cause) {
        step.fail(cause);
        throw cause;
      }
    },
  };
}
