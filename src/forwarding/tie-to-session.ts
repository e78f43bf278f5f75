import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeTunnel, isOpen } from './close-tunnel.ts';
import { headerIn } from './header-in.ts';
import { isStream } from './is-stream.ts';

/** Ties something open to the user's session: `end` is called when that ends. @returns to be called when it is over by itself */
export type Tie = (end: () => void) => () => void;

/** Close code of a WebSocket whose session has ended: the application's own range, after HTTP's 401 (RFC 6455 7.4.2). */
const sessionEnded = 4401;

/** A WebSocket ends with its session (wants 39); one that was refused has ended already. */
export function tieTunnel(client: Duplex, tie: Tie): void {
  if (!isOpen(client)) return;
  const over = tie(() => closeTunnel(client, sessionEnded, 'session ended'));
  client.once('close', over);
}

/** So does an answer that is a stream of events. It is cut, so that nobody takes it for complete. */
export function tieStream(response: ServerResponse, headers: readonly string[], tie: Tie): void {
  if (!isStream(headerIn(headers, 'content-type'))) return;
  const over = tie(() => response.destroy());
  response.once('close', over);
}
