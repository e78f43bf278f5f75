import type { KeyStores } from '../config/key-store.ts';
import type { DefaultTrust } from '../config/key-store-trust.ts';
import type { Destination } from '../destinations/destination.ts';
import { parseDestination } from '../destinations/parse-destination.ts';
import { ConfigError, Problems } from '../errors/config-error.ts';
import type { Flat } from './flat.ts';
import { refusal } from './refusal.ts';
import type { Level } from './shelf.ts';

export interface ParseFlatOptions {
  readonly keyStores: (level: Level) => KeyStores;
  readonly defaultTrust: DefaultTrust;
  /** Value of an environment variable, for `${env:NAME}`. */
  readonly env: (name: string) => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A destination as flows take it. @throws AppError with everything that is wrong with its properties */
export type ParseFlat = (level: Level, properties: Flat) => Promise<Destination>;

const capacity = 1_000;

/**
 * Parses what is kept, for each request anew: what was changed holds at once. Of equal content it gives the same object
 * again, because connections to token services hang on it.
 */
export function createParseFlat({ keyStores, defaultTrust, env, now }: ParseFlatOptions): ParseFlat {
  const known = new Map<string, Destination>();
  return async (level, properties) => {
    const problems = new Problems();
    const context = { file: '', path: '', keyStores: keyStores(level), defaultTrust, env, now: now(), problems };
    const destination = await parseDestination(properties, context);
    if (destination === undefined) throw refusal(400, told(problems));
    const earlier = known.get(destination.fingerprint);
    if (earlier !== undefined) return earlier;
    known.set(destination.fingerprint, destination);
    const [oldest] = known.keys();
    if (known.size > capacity && oldest !== undefined) known.delete(oldest);
    return destination;
  };
}

function told(problems: Problems): string {
  try {
    problems.throwIfAny();
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems.map(({ path, message }) => `${path} ${message}`).join('; ');
  }
  return 'The destination cannot be used';
}
