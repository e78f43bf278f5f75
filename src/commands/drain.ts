import type { Server } from 'node:http';
import { closeHttp2, streamsInFlight } from '../serve-http2.ts';
import { Traffic } from '../traffic.ts';

/** Seconds. */
export interface DrainTimes {
  /** PORTUNUS_SHUTDOWN_DELAY. */
  readonly shutdownDelay: number;
  /** PORTUNUS_SHUTDOWN_GRACE. */
  readonly shutdownGrace: number;
}

/** Milliseconds between looks at requests in flight. */
const look = 20;

/** Milliseconds for what has been said last to reach clients, and for them to say goodbye. */
const patience = 1_000;

/**
 * Stops without dropping anything: who runs before this has said "not ready"; requests are still served for as long as the
 * platform may send some, then those in flight finish, the door is closed, and connections on which nothing happens are
 * cut. It comes to an end whatever clients do.
 */
export async function drain(server: Server, { shutdownDelay, shutdownGrace }: DrainTimes): Promise<void> {
  const traffic = Traffic.of(server);
  traffic.announceStop();
  if (shutdownDelay > 0) await pause(shutdownDelay * 1000);
  traffic.closeTunnels();
  closeHttp2(server, 'gracefully');
  const until = Date.now() + shutdownGrace * 1000;
  while (traffic.inFlight + streamsInFlight(server) > 0 && Date.now() < until) await pause(look);
  const closed = new Promise<void>((done) => server.close(() => done()));
  traffic.endUnfinished();
  server.closeAllConnections();
  closeHttp2(server, streamsInFlight(server) > 0 ? 'at once' : 'gracefully');
  const late = setTimeout(() => traffic.cut(), patience);
  await closed;
  clearTimeout(late);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((over) => setTimeout(over, milliseconds));
}
