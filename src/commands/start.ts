import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { buildApp } from '../app.ts';
import { tellBinding } from '../config/binding.ts';
import { readConfig } from '../config/config.ts';
import { trustCertificates } from '../config/trust-certificates.ts';
import { directoriesOf, signatureOf, watchedFiles } from '../config/watched-files.ts';
import { Problems } from '../errors/config-error.ts';
import { buildHouse, type House } from '../house.ts';
import { attachLines } from '../observe/attach-lines.ts';
import { gaugedAt } from '../observe/gauged-at.ts';
import { createLog } from '../observe/log.ts';
import { createObserver } from '../observe/observer.ts';
import { openAdminPort } from '../observe/open-admin-port.ts';
import { openTelemetry } from '../observe/open-telemetry.ts';
import { tellAdminPort } from '../observe/tell-admin-port.ts';
import type { OwnParts } from '../own-script/own-parts.ts';
import {
  createRouterConfigs,
  layOver,
  type RouterConfig,
  type RouterConfigOptions,
} from '../own-script/router-configs.ts';
import { createDoorway } from '../reload/doorway.ts';
import { problemsOf } from '../reload/problems-of.ts';
import { changedStartOnly } from '../reload/start-only.ts';
import { watchFiles } from '../reload/watch-files.ts';
import { adoptApp, buildServer, requestsInFlight } from '../server.ts';
import type { Run } from './command.ts';
import { drain } from './drain.ts';
import { listen } from './listen.ts';
import { settleMemory } from './settle-memory.ts';
import { tellBeside } from './tell-beside.ts';

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
  /**
   * Makes a configuration for some requests, which `getRouterConfig` of the start script chooses. It lives as long as this.
   * @throws ConfigError with every problem
   */
  configure(options: RouterConfigOptions): Promise<RouterConfig>;
  /** Stops taking connections, lets requests in flight finish. */
  stop(): Promise<void>;
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
  trustCertificates(settings.caCertPath, workingDirectory, problems);
  if (own.httpsOptions !== undefined && settings.http2)
    problems.add('HTTP2_SUPPORT', '', 'is for platforms that speak it unencrypted; it does not go with httpsOptions');
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
  const configs = createRouterConfigs();
  const serve = configs.choosing(own.getRouterConfig, doorway.serve, (...failed) => house.answerError(...failed));
  const server = buildServer(app, settings, { ...doorway, serve }, own.httpsOptions);
  const gauged = gaugedAt(() => house.gauged);
  const admin = await openAdminPort(observer, settings, gauged, () => house.readiness());
  await listen(server, settings.port, settings.bindAddress).catch(async (cause) => {
    await admin?.close();
    throw cause;
  });
  house.preparation.begin(); // before any request is read: until it is done, the instance is alive but not ready
  const leaveMemory = settleMemory(() => requestsInFlight(server));

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
  const watching =
    settings.reload === 'watch'
      ? watchFiles({
          signature: () => signatureOf(files()),
          directories: () => directoriesOf(files()),
          known: await signatureOf(files()),
          onChange: async () => void (await reloadInTurn()),
        })
      : undefined;

  const { port } = server.address() as AddressInfo;
  // A turn later, when who started this listens to signals: who waits for the line may send one at once.
  setImmediate(() => {
    if (admin) tellAdminPort(log, settings.adminAddress, admin.port);
    log.started({ port, ...sizeOf(house) });
  });
  return {
    port,
    get house() {
      return house;
    },
    adminPort: admin?.port,
    reload: settings.reload === 'off' ? undefined : reloadInTurn,
    async configure(options) {
      const found = new Problems();
      const laid = layOver(variables, house.config.xsApp, options);
      for (const name of laid.unused) found.warn('xsappConfig', name, "does not count here: it is the router's own");
      const fresh = await readConfig(workingDirectory, found, laid.variables, laid.xsApp);
      const { present } = house.kept;
      // What outlives requests, such as a session's end, stays the business of the router's own configuration.
      const told = { ...present };
      const made = buildHouse(fresh, log, found, own.extensions, observer, house.kept);
      Object.assign(present, told);
      made.preparation.begin();
      tellBeside(fresh, found, log);
      return configs.add(buildApp(made, inspector), () => made.close(house));
    },
    async stop() {
      watching?.close();
      leaveMemory();
      await last;
      house.state.draining = true;
      inspector?.close();
      await drain(server, house.config.settings);
      await doorway.emptied();
      await configs.close();
      await house.close();
      await admin?.close();
    },
  };
}

function sizeOf({ routes, config }: House) {
  return { routes: routes.length, destinations: config.destinations.names.length };
}
