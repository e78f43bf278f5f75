import type { ServerResponse } from 'node:http';
import { busy, type Seats } from './crowd.ts';

/**
 * Waits for a seat.
 * @param limit ends the wait
 * @param response of a client that may leave meanwhile; undefined: whoever leaves ends nothing
 * @returns false when the client has left
 * @throws AppError 503 when too many wait already, or the wait was too long
 */
export function takeSeat(
  seats: Seats,
  destination: string,
  limit: AbortSignal,
  response?: ServerResponse,
): Promise<boolean> {
  return new Promise((settle, fail) => {
    const over = (end: () => void) => {
      limit.removeEventListener('abort', tooLong);
      response?.off('close', left);
      end();
    };
    const turn = () => over(() => settle(true));
    const left = () => seats.giveUp(turn) && over(() => settle(false));
    const tooLong = () => seats.giveUp(turn) && over(() => fail(busy(destination, limit.reason)));
    if (response?.destroyed) return settle(false);
    if (seats.take()) return settle(true);
    seats.line(destination, turn);
    limit.addEventListener('abort', tooLong);
    response?.once('close', left);
  });
}
