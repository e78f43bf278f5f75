import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { buildApp } from '../app.ts';
import { tellBinding } from '../config/binding.ts';
import { type Config, readConfig } from '../config/config.ts';
import { tellIneffective } from '../config/ineffective-variables.ts';
import { trustCertificates } from '../config/trust-certificates.ts';
import { directoriesOf, signatureOf, watchedFiles } from '../config/watched-files.ts';
import { ConfigError, Problems, tellProblem } from '../errors/config-error.ts';
import type { Extensions } from '../extensions.ts';
import { buildHouse, type House } from '../house.ts';
import { attachLines } from '../observe/attach-lines.ts';
import { gaugedAt } from '../observe/gauged-at.ts';
import { createLog, type Log } from '../observe/log.ts';
import { createObserver } from '../observe/observer.ts';
import { openAdminPort } from '../observe/open-admin-port.ts';
import { openTelemetry } from '../observe/open-telemetry.ts';
import { createDoorway } from '../reload/doorway.ts';
import { changedStartOnly } from '../reload/start-only.ts';
import { watchFiles } from '../reload/watch-files.ts';
import { adoptApp, buildServer, requestsInFlight } from '../server.ts';
import type { Run } from './command.ts';
import { drain } from './drain.ts';
import { settleMemory } from './settle-memory.ts';

/** A router that listens. */
export interface Running {
  readonly port: number;
  /** The one that serves now. */
  readonly house: House;
  /** Of metrics and health, where there is one. */
  readonly adminPort: number | undefined;
  /**
   * Reads the configuration anew. What is usable serves from the next request on; what is not is logged, and nothing
   * changes. Undefined where PORTUNUS_RELOAD is off.
   */
  readonly reload: (() => Promise<'taken' | 'refused'>) | undefined;
  /** Stops taking connections, lets requests in flight finish. */
  stop(): Promise<void>;
}

/** What a start script may bring along instead of files. */
export interface OwnParts {
  readonly extensions?: Extensions;
  readonly xsApp?: object | undefined;
}

/** `portunus start`. */
export const run: Run = async ({ workingDirectory, args, variables }) => {
  parseArgs({ args: [...args], options: {} });
  return start(workingDirectory, variables);
};

/**
 * Reads the configuration, builds the house and listens.
 * @param variables the environment
 * @param own what a start script brings along
 * @throws ConfigError with every problem
 */
export async function start(
  workingDirectory: string,
  variables: Readonly<Record<string, string | undefined>>,
  own: OwnParts = {},
): Promise<Running> {
  const problems = new Problems();
  const config = await readConfig(workingDirectory, problems, variables, own.xsApp);
  const { settings } = config;
  const log = createLog(settings.logLevel);
  trustCertificates(settings.caCertPath, problems);
  const observer = createObserver(log.warning);
  const spans = await openTelemetry();
  if (spans) observer.listen(spans);
  let detachLines = attachLines(observer, settings, log);
  let house = buildHouse(config, log, problems, own.extensions, observer);
  tellBeside(config, problems, log);
  for (const binding of config.bindings) log.notice(tellBinding(binding));
  if (house.kept.lasting)
    log.notice('SESSION_SECRET is not set: sessions and logins in progress end with this process');
  // Loaded on need only: most routers have none.
  const inspector =
    settings.inspector === 'on' ? (await import('../inspector/open-inspector.ts')).openInspector(observer) : undefined;
  if (inspector)
    log.warning(
      'PORTUNUS_INSPECTOR=on: everybody on this machine can see requests and what tokens say, at /-/inspector',
    );
  const app = buildApp(house, inspector);
  const doorway = createDoorway(app);
  const server = buildServer(app, settings, doorway);
  const gauged = gaugedAt(() => house.gauged);
  const admin = await openAdminPort(observer, settings, gauged, () => house.readiness());
  house.preparation.begin();
  await listen(server, settings.port, settings.bindAddress).catch(async (cause) => {
    await admin?.close();
    throw cause;
  });
  settleMemory(() => requestsInFlight(server));

  const replace = async (): Promise<void> => {
    const found = new Problems();
    const fresh = await readConfig(workingDirectory, found, variables, own.xsApp);
    const before = house;
    const next = buildHouse(fresh, log, found, own.extensions, observer, before.kept);
    next.preparation.begin();
    doorway.replace(adoptApp(server, buildApp(next, inspector)), () => before.close(next));
    house = next;
    log.setLevel(fresh.settings.logLevel);
    detachLines();
    detachLines = attachLines(observer, fresh.settings, log);
    tellBeside(fresh, found, log);
    const later = changedStartOnly(settings, fresh.settings);
    if (later.length > 0) log.warning(`changed, but read at start only: ${later.join(', ')}`);
  };
  const reload = async (): Promise<'taken' | 'refused'> => {
    if (house.state.draining) return 'refused';
    let outcome: 'taken' | 'refused' = 'taken';
    try {
      await replace();
      log.reloaded(sizeOf(house));
    } catch (cause) {
      outcome = 'refused';
      log.reloadRefused(problemsOf(cause));
    }
    observer.tell({ kind: 'reloaded', outcome });
    return outcome;
  };
  let last: Promise<unknown> = Promise.resolve();
  /** One after the other: each starts from what the one before has left. */
  const reloadInTurn = () => {
    const turn = last.then(reload);
    last = turn;
    return turn;
  };
  const files = () => watchedFiles(house.config);
  const known = await signatureOf(files());
  const watching =
    settings.reload === 'watch'
      ? watchFiles({
          signature: () => signatureOf(files()),
          directories: () => directoriesOf(files()),
          known,
          onChange: async () => void (await reloadInTurn()),
        })
      : undefined;

  const { port } = server.address() as AddressInfo;
  // A turn later, when who started this listens to signals: who waits for the line may send one at once.
  setImmediate(() => {
    if (admin) log.notice(`metrics and health at http://${settings.adminAddress}:${admin.port}/metrics`);
    log.started({ port, ...sizeOf(house) });
  });
  return {
    port,
    get house() {
      return house;
    },
    adminPort: admin?.port,
    reload: settings.reload === 'off' ? undefined : reloadInTurn,
    async stop() {
      watching?.close();
      await last;
      house.state.draining = true;
      inspector?.close();
      await drain(server, house.config.settings);
      await doorway.emptied();
      await house.close();
      await admin?.close();
    },
  };
}

/** What is said beside the problems of a configuration, at start and whenever it is replaced. */
function tellBeside({ environment }: Config, problems: Problems, log: Log): void {
  for (const warning of problems.warnings) log.warning(tellProblem(warning));
  const ineffective = tellIneffective(environment);
  if (ineffective !== undefined) log.notice(ineffective);
}

function sizeOf({ routes, config }: House) {
  return { routes: routes.length, destinations: config.destinations.names.length };
}

/** One text a problem. Of a defect its name and code: its message may quote what was read. */
function problemsOf(cause: unknown): readonly string[] {
  if (cause instanceof ConfigError) return cause.problems.map(tellProblem);
  const { name = 'Error', code = '' } = (cause ?? {}) as { name?: string; code?: string };
  return [`it cannot be read: ${name} ${code}`.trim()];
}

function listen(server: Server, port: number, address: string | undefined): Promise<void> {
  return new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(port, address, () => {
      server.off('error', failed);
      listening();
    });
  });
}
