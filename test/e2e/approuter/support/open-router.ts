import { type Running, start } from '../../../../src/commands/start.ts';
import { ConfigError, tellProblem } from '../../../../src/errors/config-error.ts';
import type { OwnParts } from '../../../../src/own-script/own-parts.ts';
import { atEnd } from '../../../support/at-end.ts';
import { type Files, workingDirectory } from '../../../support/working-directory.ts';
import type { Xsuaa } from './open-xsuaa.ts';

/** What a router is started with, as its owner would write it. */
export interface RouterSetup {
  /** An object, or the text of the file; undefined: there is no file. */
  readonly xsApp?: unknown;
  /** Values that are no text are written as JSON. */
  readonly env?: Readonly<Record<string, unknown>>;
  /** Further files of the working directory. */
  readonly files?: Files;
  readonly xsuaa?: Xsuaa;
  readonly own?: OwnParts;
  /** Changes the working directory before the start, e.g. links. */
  readonly prepare?: (directory: string) => void;
}

export interface Router {
  readonly port: number;
  readonly origin: string;
  readonly stop: Running['stop'];
}

/** A router in this process, by the very function that `portunus start` calls; it stops when the test file is done. */
export async function openRouter(setup: RouterSetup): Promise<Router> {
  const { directory, variables } = prepareRouter(setup);
  const { port, stop } = await start(directory, variables, setup.own);
  atEnd(stop);
  return { port, stop, origin: `http://localhost:${port}` };
}

/** What the start says to a configuration, a line a problem; empty when it starts. */
export async function refusalsOf(setup: RouterSetup): Promise<readonly string[]> {
  const { directory, variables } = prepareRouter(setup);
  try {
    await (await start(directory, variables, setup.own)).stop();
    return [];
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems.map(tellProblem);
    throw cause;
  }
}

/** Working directory and environment of a router, before it starts. */
export function prepareRouter({ xsApp, env = {}, files = {}, xsuaa, prepare }: RouterSetup) {
  const directory = workingDirectory(xsApp === undefined ? files : { ...files, 'xs-app.json': xsApp });
  prepare?.(directory);
  const variables: Record<string, string> = { PORT: '0', XS_BIND_ADDRESS: '127.0.0.1', XS_APP_LOG_LEVEL: 'error' };
  const all = { ...(xsuaa ? { VCAP_SERVICES: xsuaa.binding } : {}), ...env };
  for (const [name, value] of Object.entries(all))
    variables[name] = typeof value === 'string' ? value : JSON.stringify(value);
  return { directory, variables };
}
