/**
 * Runs all pieces of work, some at a time.
 * @returns the results in the order of the work
 * @throws what a piece throws
 */
export async function runLimited<T>(limit: number, work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let mine = next++; mine < work.length; mine = next++) {
      const piece = work[mine];
      if (piece) results[mine] = await piece();
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, work.length) }, worker));
  return results;
}
