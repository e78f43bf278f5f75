import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Tools } from '../machine/require-tools.ts';

const run = promisify(execFile);

/** Requests over and over, on a number of connections at once. */
export interface Load {
  readonly url: string;
  /** File of a script for wrk (write-script.ts). */
  readonly script: string;
  readonly connections: number;
  readonly seconds: number;
  /** Bytes that an answer's body has. */
  readonly size: number;
}

/** What the load saw. */
export interface Seen {
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds within which half and 99 % of the answers came. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * Makes the load and reports it.
 * @throws Error when a request failed or answers were too short: fast refusals are no throughput
 */
export async function runLoad({ wrk, taskset, cores }: Tools, load: Load): Promise<Seen> {
  const { url, script, connections, seconds, size } = load;
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
  const { stdout } = await run(taskset, ['-c', String(cores.rest), wrk, ...options]);
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  if (line === undefined) throw new Error(`wrk reported nothing for ${url}:\n${stdout}`);
  const told = JSON.parse(line) as Record<'requests' | 'microseconds' | 'bytes' | 'failed' | 'p50' | 'p99', number>;
  if (told.requests === 0 || told.failed > 0 || told.bytes / told.requests < size)
    throw new Error(
      `${url}: of ${told.requests} requests ${told.failed} failed, an answer had ${Math.round(told.bytes / Math.max(1, told.requests))} bytes`,
    );
  return {
    requests: told.requests,
    seconds: told.microseconds / 1e6,
    p50: told.p50 / 1000,
    p99: told.p99 / 1000,
  };
}
