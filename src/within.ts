/**
 * Gives work a limit in time. Unlike `AbortSignal.timeout`, whose clock goes on and holds what it was made for, a request
 * with all that follows it, until the time is over or V8 collects everything.
 * @param milliseconds after which the signal aborts, with a TimeoutError
 */
export async function within<T>(milliseconds: number, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const end = () => controller.abort(new DOMException(`not done within ${milliseconds} ms`, 'TimeoutError'));
  const clock = setTimeout(end, milliseconds);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(clock);
  }
}
