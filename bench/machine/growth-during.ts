import { writeFileSync } from 'node:fs';
import { memoryOf } from './memory-of.ts';

/**
 * Megabytes by which a process grows at most while something is done (VmHWM), from what it holds before (VmRSS).
 * @param pid of this user: proc(5) clear_refs
 */
export async function growthDuring(pid: number, work: () => Promise<void>): Promise<number> {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const before = memoryOf(pid).now;
  await work();
  return memoryOf(pid).peak - before;
}
