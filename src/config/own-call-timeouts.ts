import type { Config } from './config.ts';

/** Milliseconds that calls to the providers may take (`outgoingRequestOptions`); 0 means the longest there is, five minutes. */
export function ownCallTimeouts({ settings, xsApp }: Config) {
  const options = { ...xsApp.outgoingRequestOptions, ...settings.outgoingRequestOptions };
  const limit = (service: string, fallback: number) => options[service]?.timeout ?? fallback;
  return {
    xsuaa: limit('xsuaa', 10_000) || 300_000,
    identity: limit('identity', 30_000) || 300_000,
    destination: limit('destination', 30_000) || 300_000,
  };
}
