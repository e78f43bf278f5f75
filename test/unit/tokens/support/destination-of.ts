import type { IdentityProvider } from '../../../../src/config/identity-provider.ts';
import { createKeyStores, type KeyStores } from '../../../../src/config/key-store.ts';
import type { DefaultTrust } from '../../../../src/config/key-store-trust.ts';
import type { Authentication, Destination, DestinationOf } from '../../../../src/destinations/destination.ts';
import { parseDestination } from '../../../../src/destinations/parse-destination.ts';
import type { SamlAssertionProfile } from '../../../../src/destinations/saml-profile.ts';
import { Problems, tellProblem } from '../../../../src/errors/config-error.ts';

const noKeyStores = createKeyStores('/nowhere');

/** What parsing gave: the destination if it was good, and every problem and warning as one line. */
export interface Parsed {
  readonly destination: Destination | undefined;
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export interface ParseSettings {
  readonly keyStores?: KeyStores;
  readonly variables?: Readonly<Record<string, string>>;
  readonly now?: number;
  readonly defaultTrust?: Pick<DefaultTrust, 'active' | 'latest'>;
  /** Who logs people in. */
  readonly providers?: readonly IdentityProvider[];
}

export async function parse(raw: Readonly<Record<string, unknown>>, settings: ParseSettings = {}): Promise<Parsed> {
  const { keyStores = noKeyStores, variables = {}, now = Date.now(), defaultTrust, providers = [] } = settings;
  const problems = new Problems();
  const env = (name: string) => variables[name];
  const context = {
    file: 'd.json',
    path: '0',
    keyStores,
    env,
    problems,
    now,
    defaultTrust,
    login: async () => providers,
  };
  const destination = await parseDestination(raw, context);
  return { destination, problems: listed(problems), warnings: problems.warnings.map(tellProblem) };
}

/** A destination that must be good, of the type named in it; URL and name are filled in. */
export async function destinationOf<A extends Authentication>(
  raw: Readonly<Record<string, unknown>> & { readonly Authentication: A },
  settings: ParseSettings = {},
): Promise<DestinationOf<A>> {
  const { destination, problems } = await parse({ Name: 'orders', URL: 'https://orders.example', ...raw }, settings);
  if (destination === undefined) throw new Error(problems.join('\n'));
  return destination as unknown as DestinationOf<A>;
}

function listed(problems: Problems): string[] {
  try {
    problems.throwIfAny();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

/** What goes into the assertion of a destination that makes one. */
export function profileOf({ saml }: DestinationOf<'OAuth2SAMLBearerAssertion'>): SamlAssertionProfile {
  if (saml === undefined) throw new Error('the destination makes no assertion');
  return saml;
}
