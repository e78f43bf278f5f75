import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { buildApp } from '../app.ts';
import { tellBinding } from '../config/binding.ts';
import { readConfig } from '../config/config.ts';
import { tellIneffective } from '../config/ineffective-variables.ts';
import { trustCertificates } from '../config/trust-certificates.ts';
import { Problems, tellProblem } from '../errors/config-error.ts';
import type { Extensions } from '../extensions.ts';
import { buildHouse, type House } from '../house.ts';
import { attachLines } from '../observe/attach-lines.ts';
import { createLog } from '../observe/log.ts';
import { createObserver } from '../observe/observer.ts';
import { openAdminPort } from '../observe/open-admin-port.ts';
import { openTelemetry } from '../observe/open-telemetry.ts';
import { buildServer, closeTunnels, requestsInFlight } from '../server.ts';
import type { Run } from './command.ts';
import { settleMemory } from './settle-memory.ts';

/** A router that listens. */
export interface Running {
  readonly port: number;
  readonly house: House;
  /** Of metrics and health, where there is one. */
  readonly adminPort: number | undefined;
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
  attachLines(observer, settings, log);
  const house = buildHouse(config, log, problems, own.extensions, observer);
  for (const warning of problems.warnings) log.warning(tellProblem(warning));
  for (const binding of config.bindings) log.notice(tellBinding(binding));
  const ineffective = tellIneffective(config.environment);
  if (ineffective !== undefined) log.notice(ineffective);
  if (settings.sessionSecret === undefined && config.externalSessions?.secret === undefined)
    log.notice('SESSION_SECRET is not set: sessions and logins in progress end with this process');
  const server = buildServer(buildApp(house), settings);
  const admin = await openAdminPort(observer, settings, house.gauged, house.readiness);
  await listen(server, settings.port, settings.bindAddress).catch(async (cause) => {
    await admin?.close();
    throw cause;
  });
  settleMemory(() => requestsInFlight(server));
  const { port } = server.address() as AddressInfo;
  log.started({ port, routes: house.routes.length, destinations: config.destinations.names.length });
  if (admin) log.notice(`metrics and health at http://${settings.adminAddress}:${admin.port}/metrics`);
  const stop = async () => {
    await drain(server, house);
    await admin?.close();
  };
  return { port, house, adminPort: admin?.port, stop };
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

/** Milliseconds that requests in flight may take to finish. */
const grace = 10_000;
/** Milliseconds between looks at them. */
const look = 20;

/**
 * Stops without dropping anything: not ready first, so that no more is sent here, while requests in flight finish; then
 * the door is closed, and connections on which nothing happens are cut.
 */
async function drain(server: Server, house: House): Promise<void> {
  house.state.draining = true;
  closeTunnels(server);
  const until = Date.now() + grace;
  while (requestsInFlight(server) > 0 && Date.now() < until) await new Promise((go) => setTimeout(go, look));
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeAllConnections();
  await closed;
  await house.close();
}
