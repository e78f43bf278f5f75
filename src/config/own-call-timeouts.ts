import type { Config } from './config.ts';

/** What timers can wait. */
const longest = 2_147_483_647;

/**
 * Milliseconds that calls to the providers may take (`outgoingRequestOptions`), as timers take them: whole, and not too
 * many. 0 means none at approuters, here five minutes.
 */
export function ownCallTimeouts({ settings, xsApp }: Config) {
  const options = { ...xsApp.outgoingRequestOptions, ...settings.outgoingRequestOptions };
  const limit = (service: string, fallback: number) =>
    Math.min(Math.ceil(options[service]?.timeout ?? fallback) || 300_000, longest);
  return {
    xsuaa: limit('xsuaa', 10_000),
    identity: limit('identity', 30_000),
    destination: limit('destination', 30_000),
  };
}
