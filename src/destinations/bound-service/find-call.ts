import type { DestinationOptions } from '../../config/destination-options.ts';

/** Path and headers of a Find (v1) or, where a level is asked for, a Consume (v2) (destination-service.md 4.2, 4.5). */
export interface FindCall {
  /** Below `/destination-configuration`. */
  readonly path: string;
  /** Of every call. */
  readonly headers: Readonly<Record<string, string>>;
  /** Also of the one that gets a token: a chain is about tokens, and wants the user's. */
  readonly chain: Readonly<Record<string, string>>;
}

/** @param name as in the service; becomes one segment of the path, whatever it holds */
export function findCall(name: string, { level, fragments, fragmentOptional, chain }: DestinationOptions): FindCall {
  const segment = encodeURIComponent(name);
  const variables = Object.entries(chain?.variables ?? {}).map(
    ([key, value]) => [`x-chain-var-${key}`, value] as const,
  );
  return {
    path: level === undefined ? `/v1/destinations/${segment}` : `/v2/destinations/${segment}@${level}`,
    headers: {
      ...(fragments === undefined ? {} : { 'x-fragment-name': fragments.join(',') }),
      ...(fragmentOptional ? { 'x-fragment-optional': 'true' } : {}),
    },
    chain: chain === undefined ? {} : { 'x-chain-name': chain.name, ...Object.fromEntries(variables) },
  };
}
