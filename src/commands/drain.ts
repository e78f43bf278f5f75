import type { Server } from 'node:http';
import { closeHttp2 } from '../serve-http2.ts';
import { closeTunnels, requestsInFlight } from '../server.ts';

/** Seconds. */
export interface DrainTimes {
  /** PORTUNUS_SHUTDOWN_DELAY. */
  readonly shutdownDelay: number;
  /** PORTUNUS_SHUTDOWN_GRACE. */
  readonly shutdownGrace: number;
}

/** Milliseconds between looks at requests in flight. */
const look = 20;

/**
 * Stops without dropping anything: who runs before this has said "not ready"; requests are still served for as long as the
 * platform may send some, then those in flight finish, the door is closed, and connections on which nothing happens are
 * cut.
 */
export async function drain(server: Server, { shutdownDelay, shutdownGrace }: DrainTimes): Promise<void> {
  if (shutdownDelay > 0) await pause(shutdownDelay * 1000);
  closeTunnels(server);
  const until = Date.now() + shutdownGrace * 1000;
  while (requestsInFlight(server) > 0 && Date.now() < until) await pause(look);
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeAllConnections();
  closeHttp2(server, 'at once');
  await closed;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((over) => setTimeout(over, milliseconds));
}
