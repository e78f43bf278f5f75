import { readFileSync, writeFileSync } from 'node:fs';

/** Resident memory of a process as Linux counts it (proc(5)), in bytes. */
export interface ResidentMemory {
  now(): number;
  /** The most since the last `forgetPeak`. */
  peak(): number;
  forgetPeak(): void;
}

export function residentMemory(pid: number): ResidentMemory {
  const read = (name: string) => {
    const line = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    if (!line) throw new Error(`process ${pid} tells no ${name}`);
    return Number(line[1]) * 1024;
  };
  return {
    now: () => read('VmRSS'),
    peak: () => read('VmHWM'),
    forgetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, '5'),
  };
}
