import path from 'node:path';
import { bindService, type Connections } from '../bind-service.ts';
import { readBindings } from '../config/bindings.ts';
import type { DestinationServiceBinding } from '../config/destination-service-binding.ts';
import { destinationServiceBinding } from '../config/destination-service-binding.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { createKeyStores } from '../config/key-store.ts';
import { createDefaultTrust } from '../config/key-store-trust.ts';
import { readIdentityProviders } from '../config/read-identity-providers.ts';
import { readTextFile } from '../config/read-text-file.ts';
import { readSettings } from '../config/settings.ts';
import { trustCertificates } from '../config/trust-certificates.ts';
import { destinationsFile } from '../destination-files/destinations-file.ts';
import { createDirectory, type Directory } from '../destinations/directory.ts';
import { type Destinations, readDestinations } from '../destinations/read-destinations.ts';
import { Problems, tellProblem } from '../errors/config-error.ts';
import { createPools } from '../forwarding/pools.ts';
import { createTokens, type Tokens } from '../tokens/obtain-credential.ts';
import type { CommandCall } from './command.ts';

/** The destinations of a working directory as the router would see them, and the means to use them. */
export interface OpenDestinations {
  readonly environment: Environment;
  readonly configured: Destinations;
  /** What is wrong with the configured ones; their file and path say which. */
  readonly problems: Problems;
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly connections: Connections;
  readonly binding: DestinationServiceBinding | undefined;
  close(): Promise<void>;
}

/** Milliseconds that a question to the Destination service may take. */
const timeout = 30_000;

/**
 * Opens the destinations without a router: there need be no xs-app.json and no identity provider. Problems are not thrown:
 * one destination's fault is no reason not to look at another.
 */
export async function openDestinations({
  workingDirectory,
  variables,
  tell,
}: Pick<CommandCall, 'workingDirectory' | 'variables' | 'tell'>): Promise<OpenDestinations> {
  const problems = new Problems();
  const environment = readEnvironment(workingDirectory, problems, variables);
  const settings = readSettings(environment, problems);
  trustCertificates(settings.caCertPath, workingDirectory, problems);
  const bindings = readBindings(environment, workingDirectory, problems);
  const binding = destinationServiceBinding(bindings, problems);
  // What is wrong with the login is the business of who logs in.
  const login = () =>
    readIdentityProviders(bindings, environment, workingDirectory, async () => undefined, new Problems());
  const defaultTrust = createDefaultTrust(workingDirectory, (certificate) =>
    tell(`${certificate} belongs to the default trust, just made: register it where SAML assertions go\n`),
  );
  const configured = await readDestinations({
    environment: environment.get('destinations'),
    file: readOptional(workingDirectory, problems),
    env: environment.get,
    keyStores: createKeyStores(workingDirectory),
    login,
    defaultTrust,
    problems,
  });
  for (const warning of problems.warnings) tell(`warning: ${tellProblem(warning)}\n`);
  const pools = createPools(10, true);
  const connections: Connections = { pools, tokens: () => tokens, timeout };
  const service = bindService(
    { destinationService: binding, settings, environment },
    { ...connections, login, warn: (message) => tell(`warning: ${message}\n`) },
  );
  const directory = createDirectory(configured, service);
  const tokens: Tokens = createTokens({ find: directory.related });
  return { environment, configured, problems, directory, tokens, connections, binding, close: pools.close };
}

function readOptional(workingDirectory: string, problems: Problems): { name: string; text: string } | undefined {
  const text = readTextFile(path.join(workingDirectory, destinationsFile), destinationsFile, problems);
  return text === undefined ? undefined : { name: destinationsFile, text };
}
