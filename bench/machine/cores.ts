import { readFileSync } from 'node:fs';

/** Who runs where: the one measured has a core of its own, everything else shares the other. */
export interface Cores {
  readonly router: number;
  readonly rest: number;
}

/** The first two processors this process may use; undefined when there is only one. */
export function chooseCores(): Cores | undefined {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  const allowed = list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  const [router, rest] = allowed;
  return router === undefined || rest === undefined ? undefined : { router, rest };
}
