import type { Destination } from '../destinations/destination.ts';
import { joinPath } from '../routing/rewrite-path.ts';

export interface Address {
  readonly origin: string;
  /** Path of the destination's URL, without a slash at its end. */
  readonly base: string;
  /** `URL.queries.*`, encoded. */
  readonly queries: string;
}

const addresses = new WeakMap<Destination, Address>();

/** What calls to a destination have in common, put together once: URL objects make their parts anew each time. */
export function addressOf(destination: Destination): Address {
  let address = addresses.get(destination);
  if (address === undefined) {
    const { url, queries } = destination;
    address = { origin: url.origin, base: joinPath(url, ''), queries: new URLSearchParams(queries).toString() };
    addresses.set(destination, address);
  }
  return address;
}

/** Adds encoded queries to a path that may have some. */
export function withQueries(path: string, added: string): string {
  return added === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${added}`;
}
