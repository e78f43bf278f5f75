import { serveDestinations } from '../src/commands/destinations-serve.ts';
import { start } from '../src/commands/start.ts';
import { openIdentity } from '../src/destination-service/identity.ts';
import { serviceKey } from '../src/destination-service/service-key.ts';
import type { Landscape } from './landscape/landscape.ts';
import { startLandscape } from './landscape/start-landscape.ts';
import { type WorkingEnvironment, writeWorkingDirectory } from './landscape/write-working-directory.ts';
import { makeWorkingDirectory } from './make-working-directory.ts';

export interface DemoOptions {
  /** Port of the router; 0: a free one. */
  readonly port: number;
  /** Level of the router's log, which goes to standard output as JSON lines. */
  readonly logLevel: string;
  /** Told what is being done, a line each. */
  readonly progress: (line: string) => void;
}

/** A landscape and a router in front of it. */
export interface Demo {
  /** Where the router is, `http://localhost:PORT`. */
  readonly url: string;
  readonly landscape: Landscape;
  /** The embedded Destination service with the demo's destinations, and its service key. */
  readonly destinationService: {
    readonly directory: string;
    readonly port: number;
    readonly key: Readonly<Record<string, string>>;
  };
  /** Stops the router, then the landscape, and removes what was written. Calling it again does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts everything in this process and on loopback only.
 * @throws ConfigError, or what `listen` reports when the port is taken; nothing is left running or lying about then
 */
export async function startDemo({ port: wanted, logLevel, progress }: DemoOptions): Promise<Demo> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    progress('Making keys and certificates, starting the landscape');
    const directory = await makeWorkingDirectory();
    undo.push(directory.remove);
    const landscape = await startLandscape({ redirectUris: [], postLogoutRedirectUris: [] });
    undo.push(landscape.stop);
    const environment = await writeWorkingDirectory(landscape, directory.path);

    progress('Starting the router');
    // This environment and no other: bindings and destinations of the shell the demo is called from must not leak in.
    const router = await start(directory.path, {
      ...environment,
      PORT: String(wanted),
      XS_BIND_ADDRESS: '127.0.0.1',
      XS_APP_LOG_LEVEL: logLevel,
      PORTUNUS_AUDIT_LOG: 'false', // its lines would hide what the demo tells
      PORTUNUS_INSPECTOR: 'on',
    });
    undo.push(router.stop);
    const url = `http://localhost:${router.port}`;
    // Known only now when the port is a free one.
    landscape.hooks.entra.registerRedirectUri(`${url}/login/callback`);
    landscape.hooks.entra.registerPostLogoutRedirectUri(`${url}/goodbye.html`);
    const destinationService = await openDestinationService(directory.path, environment);
    undo.push(destinationService.stop);
    return { url, landscape, destinationService, stop };
  } catch (problem) {
    await stop();
    throw problem;
  }
}

async function openDestinationService(directory: string, environment: WorkingEnvironment) {
  const tell = (line: string) => void process.stderr.write(line);
  const { port, stop } = await serveDestinations({
    workingDirectory: directory,
    variables: environment,
    port: 0,
    tell,
  });
  const identity = await openIdentity(directory, { get: (name) => environment[name] });
  return { directory, port, stop, key: serviceKey(identity, `http://localhost:${port}`) };
}
