import path from 'node:path';
import { parseArgs } from 'node:util';
import { openIdentity } from '../destination-service/identity.ts';
import { listenForBoth } from '../destination-service/listen-for-both.ts';
import { openService } from '../destination-service/open-service.ts';
import { certificateFile, openServerCertificate } from '../destination-service/server-certificate.ts';
import { type Run, type Standing, UsageError } from './command.ts';
import { readServiceConfig } from './read-service-config.ts';

/** Where it listens when nothing is said. */
export const defaultPort = 5010;

/** `portunus destinations serve`: the Destination service on loopback, until the process is stopped. */
export const run: Run = async ({ workingDirectory, args, variables, write, tell }) => {
  const { values } = parseArgs({ args: [...args], options: { port: { type: 'string', short: 'p' } } });
  const port = readPort(values.port);
  const { port: listening, stop } = await serveDestinations({ workingDirectory, variables, port, tell }).catch(
    nameTheOption,
  );
  write(`Destination service: http://localhost:${listening}\n`);
  write(`Bind an application to it with: portunus destinations key --port ${listening} --vcap\n`);
  write(`Its certificate, for NODE_EXTRA_CA_CERTS: ${path.join(workingDirectory, certificateFile)}\n`);
  return { stop };
};

/** The variable PORT is the router's. */
function nameTheOption(cause: unknown): never {
  const { code, port } = cause as { code?: string; port?: number };
  if (code !== 'EADDRINUSE') throw cause;
  throw new Error(`port ${port} is in use; choose another one with --port, 0 for a free one`, { cause });
}

export function readPort(text: string | undefined): number {
  const port = text === undefined ? defaultPort : Number(text);
  if (!/^\d{1,5}$/.test(text ?? '0') || port > 65_535) throw new UsageError('--port needs a number from 0 to 65535');
  return port;
}

export interface ServeOptions {
  readonly workingDirectory: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** 0: a free one. */
  readonly port: number;
  /** Told of failures that are not the caller's fault, a line each. */
  readonly tell: (text: string) => void;
}

/** Serves the destinations of a working directory. @throws ConfigError, or what `listen` reports */
export async function serveDestinations(options: ServeOptions): Promise<Standing & { readonly port: number }> {
  const { workingDirectory, variables, port, tell } = options;
  const config = await readServiceConfig(workingDirectory, variables, tell);
  const identity = await openIdentity(workingDirectory, config.environment);
  let origin = '';
  const service = openService({
    ...config,
    workingDirectory,
    identity,
    origin: () => origin,
    tellFailure: ({ status, code, detail }) => tell(`${status} ${detail ?? code}\n`),
  });
  const listening = await listenForBoth(service, await openServerCertificate(workingDirectory), port);
  origin = `http://localhost:${listening.port}`;
  return { port: listening.port, stop: listening.close };
}
