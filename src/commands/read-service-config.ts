import type { User } from '../authorization/principal.ts';
import { readBindings } from '../config/bindings.ts';
import { type Environment, readEnvironment } from '../config/environment.ts';
import { environmentProxy } from '../config/forward-proxy.ts';
import { createKeyStores } from '../config/key-store.ts';
import { createDefaultTrust, type DefaultTrust } from '../config/key-store-trust.ts';
import { readIdentityProviders } from '../config/read-identity-providers.ts';
import { Problems, tellProblem } from '../errors/config-error.ts';
import { openRelyingParty } from '../login/open-relying-party.ts';
import { createProviderFetch, type ProviderFetch } from '../login/provider-fetch.ts';
import { createVerifyCaller } from '../login/verify-caller.ts';

/** What the Destination service takes from a working directory and the environment. */
export interface ServiceConfig {
  readonly environment: Environment;
  readonly defaultTrust: DefaultTrust;
  /** Judges tokens of the configured identity providers. @throws AppError 401 */
  readonly verifyOfProviders: (token: string) => Promise<User>;
  /** Fetches keys of issuers that destinations name, by the environment's proxy. */
  readonly fetchKeys: ProviderFetch;
}

/** Milliseconds that a call to a provider may take. */
const timeouts = { xsuaa: 10_000, identity: 30_000 };

/** @throws ConfigError with every problem; there need be no provider and no xs-app.json */
export async function readServiceConfig(
  workingDirectory: string,
  variables: Readonly<Record<string, string | undefined>>,
  tell: (text: string) => void,
): Promise<ServiceConfig> {
  const problems = new Problems();
  const environment = readEnvironment(workingDirectory, problems, variables);
  const bindings = readBindings(environment, workingDirectory, problems);
  const keyStores = createKeyStores(workingDirectory);
  const providers = await readIdentityProviders(
    bindings,
    environment,
    workingDirectory,
    (name, password, at) =>
      keyStores.keyPair(name, password).catch((cause: Error) => {
        problems.add(at.file, at.path, cause.message);
        return undefined;
      }),
    problems,
  );
  problems.throwIfAny();
  for (const warning of problems.warnings) tell(`${tellProblem(warning)}\n`);
  const proxyOf = (url: URL) => environmentProxy(url, environment.get);
  const parties = new Map(
    providers.map((provider) => [provider.name, { party: openRelyingParty(provider, timeouts, proxyOf) }] as const),
  );
  const verifyCaller = createVerifyCaller(parties, Date.now, 'to who hands it on');
  return {
    environment,
    defaultTrust: createDefaultTrust(workingDirectory, (certificate) =>
      tell(`${certificate} belongs to the default trust, just made: register it where SAML assertions go\n`),
    ),
    verifyOfProviders: (token) => verifyCaller({ kind: 'bearer', token }),
    fetchKeys: createProviderFetch({ method: 'none' }, proxyOf),
  };
}
