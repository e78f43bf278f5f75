import { type Cores, chooseCores } from './cores.ts';
import { findProgram } from './find-program.ts';

/** What measuring takes. */
export interface Tools {
  readonly wrk: string;
  readonly taskset: string;
  readonly cores: Cores;
}

/** @throws Error with everything that is missing and what to do about it */
export function requireTools(): Tools {
  if (process.platform !== 'linux')
    throw new Error(`The benchmark reads /proc and pins processes: it runs on Linux, not on ${process.platform}.`);
  const [wrk, taskset, cores] = [findProgram('wrk'), findProgram('taskset'), chooseCores()];
  const missing = [
    wrk === undefined && 'wrk, which makes the load: apt-get install wrk (https://github.com/wg/wrk)',
    taskset === undefined && 'taskset, which pins processes to a core: apt-get install util-linux',
    cores === undefined && 'a second processor: the router has one for itself',
  ].filter((text) => text !== false);
  if (wrk === undefined || taskset === undefined || cores === undefined)
    throw new Error(['The benchmark cannot run here. Missing:', ...missing].join('\n  '));
  return { wrk, taskset, cores };
}
