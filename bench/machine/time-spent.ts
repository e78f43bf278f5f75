import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc, on every Linux of today (sysconf _SC_CLK_TCK). */
const ticks = 100;

/** Seconds of processor time that a process and its children have used. */
export function timeSpentBy(pid: number): number {
  const [user = 0, system = 0] = timesOf(pid);
  return childrenOf(pid).reduce((sum, child) => sum + timeSpentBy(child), (user + system) / ticks);
}

/** Seconds that this process and those children of it that have ended used. */
export function timeSpentHere(): number {
  return timesOf(process.pid).reduce((sum, time) => sum + time, 0) / ticks;
}

/** Seconds that programs and the hypervisor's other guests have used of a processor; interrupts are nobody's. */
export function timeSpentOn(core: number): number {
  const line = readFileSync('/proc/stat', 'utf8').match(new RegExp(`^cpu${core} (.*)$`, 'm'))?.[1] ?? '';
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = line.split(' ').map(Number);
  return (user + nice + system + steal) / ticks;
}

/** utime, stime, cutime, cstime of proc_pid_stat(5): fields 14 to 17. The name in field 2 may hold blanks. */
function timesOf(pid: number): number[] {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields.slice(11, 15).map(Number);
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}
