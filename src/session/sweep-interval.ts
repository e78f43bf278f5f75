/** Milliseconds between looks for sessions whose time is over: a quarter of the shortest life, one second to one minute. */
export function sweepInterval(shortestLife: number): number {
  return Math.min(60_000, Math.max(1_000, shortestLife / 4));
}
