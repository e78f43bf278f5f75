import { execFileSync } from 'node:child_process';
import type { Tools } from './require-tools.ts';

/** Moves this process and its threads off the router's core; programs it starts stay there too unless they are pinned. */
export function joinTheRest({ taskset, cores }: Tools): void {
  execFileSync(taskset, ['-a', '-c', '-p', String(cores.rest), String(process.pid)]);
}
