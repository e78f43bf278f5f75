import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import type { ProviderFetch } from './provider-fetch.ts';

/** The keys that a provider signs with now, and how eagerly unknown ones are asked for. */
export interface ProviderKeys {
  /** For tokens that anybody may show us: a flood of made-up key ids makes one request in ten seconds at most. */
  readonly ofAnybody: JWTVerifyGetKey;
  /** For tokens that the provider has just given us: nobody else decides how many there are. */
  readonly ofProvider: JWTVerifyGetKey;
}

/** Milliseconds after which keys are asked for anew, and that a failure to do so is put up with before the next try. */
const believed = 600_000;
const patience = 10_000;
/** Milliseconds that a request for keys may take at most: who waits for it has an answer to give. */
const longest = 5_000;
/** Milliseconds between requests for the sake of key ids that anybody has named. */
const pause = 10_000;

/**
 * A provider's keys from its `jwks_uri`. A key that is not known is asked for once, at once: providers change keys without a
 * word (RFC 7517 5, OpenID Connect Core 10.1.1), also a second after we have read them. While the provider cannot say which
 * keys are its own, or answers nonsense, those known before go on.
 * @throws what the request for keys throws, where there is none that could be judged by
 * @param timeout milliseconds that a request for them may take
 * @param now milliseconds since some moment, on a clock that nobody sets
 */
export function providerKeys(
  url: URL,
  call: ProviderFetch,
  timeout: number,
  now = () => performance.now(),
): ProviderKeys {
  // When it is asked again is decided here; the library would wait for half a minute, and forget what it knows.
  const never = Number.POSITIVE_INFINITY;
  const remote = createRemoteJWKSet(url, {
    cooldownDuration: never,
    cacheMaxAge: never,
    timeoutDuration: Math.min(timeout, longest),
    [customFetch]: call,
  });
  let readAt = -never;
  let triedAt = -never;
  let askedForAnybody = -never;
  let reads = 0;
  const read = async () => {
    triedAt = now();
    await remote.reload();
    reads += 1;
    readAt = now();
  };
  const refresh = async () => {
    if (now() - readAt < believed || (remote.jwks() !== undefined && now() - triedAt < patience)) return;
    await read().catch((cause: unknown) => {
      if (remote.jwks() === undefined) throw cause;
    });
  };
  const keysFor =
    (mayAsk: () => boolean): JWTVerifyGetKey =>
    async (header, token) => {
      await refresh();
      const known = reads;
      try {
        return await remote(header, token);
      } catch (cause) {
        if (!(cause instanceof errors.JWKSNoMatchingKey)) throw cause;
        // Others have asked meanwhile, or are about to be answered.
        if (reads === known) {
          if (!remote.reloading && !mayAsk()) throw cause;
          await read();
        }
        return remote(header, token);
      }
    };
  return {
    ofProvider: keysFor(() => true),
    ofAnybody: keysFor(() => {
      if (now() - askedForAnybody < pause) return false;
      askedForAnybody = now();
      return true;
    }),
  };
}
