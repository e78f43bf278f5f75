import type { Duplex } from 'node:stream';

/** A connection of a client, and what TLS runs on, where it does. */
type Connection = Duplex & { readonly _parent?: Duplex | null; resetAndDestroy?(): void };

/**
 * Ends a client's connection as an error (RST), so that nobody takes its end for an orderly one. What TLS runs on is reset:
 * node resets nothing else, and says goodbye (close_notify) even for a TLS socket that is destroyed.
 */
export function resetConnection(socket: Connection): void {
  const { _parent: carrier } = socket;
  const connection: Connection = carrier ?? socket;
  connection.resetAndDestroy?.();
  connection.destroy(); // at once: what is reset is ended before, when there is time
}
