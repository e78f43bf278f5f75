import { readFileSync } from 'node:fs';
import os from 'node:os';

/** Where and with what figures were made: without it they say nothing. */
export interface MachineFacts {
  readonly processor: string;
  readonly processors: number;
  /** Gigabytes. */
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  /** Of one minute, before anything was measured: what else the machine did. */
  readonly loadAverage: number;
  readonly packages: Readonly<Record<string, string>>;
}

const packages = ['undici', 'express', 'http-proxy-middleware', '@fastify/http-proxy', 'fastify'];

export function describeMachine(): MachineFacts {
  return {
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    processors: os.availableParallelism(),
    memory: Math.round(os.totalmem() / 1e9),
    kernel: `${os.type()} ${os.release()}`,
    node: process.version,
    loadAverage: os.loadavg()[0] ?? 0,
    packages: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
