/** Milliseconds after the start, and between tries: a start is often followed at once by the first request. */
const pause = 1_000;
const triesAtMost = 30;

/**
 * Gives back the memory that only the start needed (a fifth of it): reading configuration and compiling leave a heap
 * twice as large as what lives on, and a router that waits for requests allocates too little for V8 to shrink it by
 * itself. Takes a tenth of a second, so it waits for a moment without requests. Node's own interface to V8's collector
 * of all garbage is the inspector, in this process only: no port is opened.
 * @param inFlight how many requests are being answered
 */
export function settleMemory(inFlight: () => number, tries = triesAtMost): void {
  const timer = setTimeout(() => {
    if (inFlight() === 0) return void collectGarbage().catch(() => {});
    if (tries > 1) settleMemory(inFlight, tries - 1);
  }, pause);
  timer.unref();
}

async function collectGarbage(): Promise<void> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
}
