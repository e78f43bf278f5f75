import type { Trip } from './trip.ts';

/** Milliseconds until the upstream must have begun to answer: what the route says counts before what its destination does. */
export function timeoutOf({ admitted, destination }: Trip): number {
  return admitted.route.timeout ?? destination.timeout;
}
