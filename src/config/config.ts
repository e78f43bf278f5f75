import path from 'node:path';
import { type Destinations, readDestinations } from '../destinations/read-destinations.ts';
import type { Problems } from '../errors/config-error.ts';
import type { Binding } from './binding.ts';
import { readBindings } from './bindings.ts';
import { expiryWarning } from './certificate-expiry.ts';
import { type DestinationServiceBinding, destinationServiceBinding } from './destination-service-binding.ts';
import { type Environment, readEnvironment } from './environment.ts';
import type { IdentityProvider } from './identity-provider.ts';
import { createKeyStores, type KeyStores } from './key-store.ts';
import { createDefaultTrust, type DefaultTrust } from './key-store-trust.ts';
import { misspeltVariables } from './misspelt-variables.ts';
import { parseJson } from './parse-json.ts';
import { type LoadKeyPair, readIdentityProviders } from './read-identity-providers.ts';
import { readTextFile } from './read-text-file.ts';
import { type ExternalSessions, readExternalSessions } from './redis-settings.ts';
import { readSettings, type Settings } from './settings.ts';
import { checkXsApp } from './xs-app/check-xs-app.ts';
import { xsAppFile } from './xs-app/find-inside.ts';
import { usableParts } from './xs-app/usable-parts.ts';
import { type XsApp, xsAppSchema } from './xs-app/xs-app-schema.ts';

/** Everything the house is built from, checked and frozen. */
export interface Config {
  readonly workingDirectory: string;
  readonly environment: Environment;
  readonly bindings: readonly Binding[];
  readonly xsApp: XsApp;
  readonly settings: Settings;
  readonly providers: readonly IdentityProvider[];
  /** Something was said about providers, if only wrongly: a missing one was then reported where it is wrong. */
  readonly providersConfigured: boolean;
  readonly destinations: Destinations;
  /** Where the other destinations are; undefined: no Destination service is bound. */
  readonly destinationService: DestinationServiceBinding | undefined;
  /** The house's own keys for SAML assertions. */
  readonly defaultTrust: DefaultTrust;
  /** Redis, when sessions are shared; undefined: in memory. */
  readonly externalSessions: ExternalSessions | undefined;
}

/**
 * Reads the whole configuration of a working directory. Everything wrong is added to `problems`, whatever file or
 * variable it stands in; the caller decides when to throw them.
 * @param xsAppObject stands for the file xs-app.json (start option `xsappConfig`)
 * @param trust the default trust, for who only looks; default: the one that is made on first need
 */
export async function readConfig(
  workingDirectory: string,
  problems: Problems,
  variables: Readonly<Record<string, string | undefined>>,
  xsAppObject?: object,
  trust?: DefaultTrust,
): Promise<Config> {
  const environment = readEnvironment(workingDirectory, problems, variables);
  const settings = readSettings(environment, problems);
  const before = problems.count;
  const bindings = readBindings(environment, workingDirectory, problems);
  const unread = problems.count > before;
  const keyStores = createKeyStores(workingDirectory);
  const defaultTrust =
    trust ??
    createDefaultTrust(workingDirectory, (certificate) =>
      problems.warn(certificate, '', 'belongs to the default trust, just made: register it where SAML assertions go'),
    );
  const loadKeyPair = keyPairLoader(keyStores, problems);
  const reading = readIdentityProviders(bindings, environment, workingDirectory, loadKeyPair, problems);
  const [providers, destinations] = await Promise.all([
    reading,
    readDestinations({
      environment: environment.get('destinations'),
      file: readOptional(workingDirectory, 'destinations.json', problems),
      env: environment.get,
      keyStores,
      login: () => reading,
      defaultTrust,
      problems,
    }),
  ]);
  const externalSessions = readExternalSessions(environment, bindings, problems);
  if (externalSessions && (settings.sessionSecret ?? externalSessions.secret) === undefined)
    problems.add(
      'SESSION_SECRET',
      '',
      'is not set, and sessions are shared: instances need one secret to read them; set it',
    );
  const xsApp = readXsApp(workingDirectory, problems, xsAppObject);
  warnOfInsecure(environment, problems);
  for (const { name, meant } of misspeltVariables(environment.unread()))
    problems.warn(name, '', `is set, and nothing reads it; did you mean ${meant}?`, 'unknown-property');
  return Object.freeze({
    workingDirectory,
    environment,
    bindings,
    xsApp,
    settings,
    providers,
    providersConfigured: unread || isConfigured(environment, bindings),
    destinations,
    destinationService: destinationServiceBinding(bindings, problems),
    defaultTrust,
    externalSessions,
  });
}

function readXsApp(workingDirectory: string, problems: Problems, given: object | undefined): XsApp {
  const before = problems.count;
  const file =
    given === undefined ? readOptional(workingDirectory, xsAppFile, problems) : { text: JSON.stringify(given) };
  if (file === undefined) {
    if (problems.count === before)
      problems.add(
        xsAppFile,
        '',
        `is missing in ${workingDirectory}; create it there or name its folder with -w`,
        'missing-file',
      );
    return {};
  }
  const xsApp = parseJson(xsAppFile, file.text, xsAppSchema, problems) ?? usableParts(file.text);
  checkXsApp(xsApp, workingDirectory, problems);
  return xsApp;
}

function readOptional(
  workingDirectory: string,
  name: string,
  problems: Problems,
): { name: string; text: string } | undefined {
  const text = readTextFile(path.join(workingDirectory, name), name, problems);
  return text === undefined ? undefined : { name, text };
}

function keyPairLoader(keyStores: KeyStores, problems: Problems): LoadKeyPair {
  return async (name, password, at) => {
    try {
      const pair = await keyStores.keyPair(name, password);
      const warning = expiryWarning(pair.certificate, Date.now());
      if (warning) problems.warn(at.file, at.path, `${name}: ${warning}`, 'certificate-expires');
      return pair;
    } catch (cause) {
      problems.add(at.file, at.path, (cause as Error).message, 'key-store');
      return undefined;
    }
  };
}

function warnOfInsecure(environment: Environment, problems: Problems): void {
  if (environment.get('NODE_TLS_REJECT_UNAUTHORIZED') === '0')
    problems.add(
      'NODE_TLS_REJECT_UNAUTHORIZED',
      '',
      'switches certificate checks off for every connection; remove it, and use TrustStoreLocation of the destination',
    );
  if (environment.get('STATE_PARAMETER_SECRET') === 'false' || environment.get('PKCE_ENABLED') === 'false')
    problems.warn('STATE_PARAMETER_SECRET', '', 'state and PKCE cannot be switched off; they stay on');
}

function isConfigured(environment: Environment, bindings: readonly Binding[]): boolean {
  return (
    environment.get('OIDC_ISSUER') !== undefined ||
    bindings.some(({ label, tags }) => label === 'xsuaa' || label === 'identity' || tags.includes('xsuaa'))
  );
}
