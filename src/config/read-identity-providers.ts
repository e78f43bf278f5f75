import path from 'node:path';
import { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import type { Binding } from './binding.ts';
import type { Environment } from './environment.ts';
import { iasProvider } from './ias-provider.ts';
import type { IdentityProvider, LoginClientAuthentication, OidcProvider } from './identity-provider.ts';
import type { KeyPair } from './key-store.ts';
import { endpointProblem } from './loopback.ts';
import { checkShape, parseJson } from './parse-json.ts';
import { readTextFile } from './read-text-file.ts';
import { scopesOfClaims, withXsappname } from './scopes-of-claims.ts';
import { xsuaaProvider } from './xsuaa-provider.ts';

const file = 'identity-providers.json';
const defaultScopes = 'openid profile email offline_access';

const oidcSettings = z.strictObject({
  name: z.string().min(1),
  OIDC_ISSUER: z.string(),
  OIDC_CLIENT_ID: z.string().min(1),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_CLIENT_KEYSTORE: z.string().min(1).optional(),
  OIDC_CLIENT_KEYSTORE_PASSWORD: z.string().optional(),
  OIDC_CLIENT_ASSERTION_ALGORITHM: z.enum(['PS256', 'RS256'], { error: 'must be PS256 or RS256' }).optional(),
  OIDC_CLIENT_ASSERTION_AUDIENCE: z.string().min(1).optional(),
  OIDC_SCOPES: z.string().min(1).optional(),
  OIDC_USER_TOKEN: z
    .enum(['auto', 'access_token', 'id_token'], { error: 'must be auto, access_token or id_token' })
    .optional(),
  OIDC_AUDIENCES: z.string().optional(),
  OIDC_TENANTS: z.string().optional(),
  OIDC_SCOPES_OF_CLAIMS: scopesOfClaims.optional(),
});
type OidcSettings = z.infer<typeof oidcSettings>;

/** Names of the variables that say what an entry of the file says. */
export const oidcVariables: readonly string[] = Object.keys(oidcSettings.shape).filter((key) =>
  key.startsWith('OIDC_'),
);

/** Settings, and where they stand: as variables, or in an entry of the file. */
interface Stated {
  readonly settings: OidcSettings;
  readonly at: (key: string) => { readonly file: string; readonly path: string };
}

/** Loads a key store of the working directory's `keystores/`; problems are reported by the loader. */
export type LoadKeyPair = (
  name: string,
  password: string | undefined,
  at: { file: string; path: string },
) => Promise<KeyPair | undefined>;

/**
 * The providers that can log people in, the default one first: bindings as the approuter takes them, then OIDC_*, then
 * `identity-providers.json` (design section 3).
 */
export async function readIdentityProviders(
  bindings: readonly Binding[],
  environment: Environment,
  workingDirectory: string,
  loadKeyPair: LoadKeyPair,
  problems: Problems,
): Promise<readonly IdentityProvider[]> {
  const providers: IdentityProvider[] = [];
  const xsuaa = xsuaaProvider(bindings, environment, problems);
  if (xsuaa) providers.push(xsuaa);
  const ias = iasProvider(bindings, environment, xsuaa?.xsappname, problems);
  if (ias) providers.push(ias);
  for (const stated of [
    ...fromEnvironment(environment, problems),
    ...fromFile(workingDirectory, environment, problems),
  ]) {
    const provider = await toProvider(stated, xsuaa?.xsappname, loadKeyPair, problems);
    if (provider === undefined) continue;
    if (providers.some(({ name }) => name === provider.name))
      problems.add(file, '', `two providers are named "${provider.name}"; rename one`);
    providers.push(provider);
  }
  return Object.freeze(providers);
}

function fromEnvironment(environment: Environment, problems: Problems): Stated[] {
  const given = Object.fromEntries(
    oidcVariables.flatMap((key) => [[key, environment.get(key)]]).filter(([, value]) => value),
  );
  if (Object.keys(given).length === 0) return [];
  for (const key of ['OIDC_ISSUER', 'OIDC_CLIENT_ID'])
    if (!(key in given)) problems.add(key, '', 'is missing; other OIDC_ variables are set');
  if (!given['OIDC_ISSUER'] || !given['OIDC_CLIENT_ID']) return [];
  const settings = checkShape('environment', { name: 'oidc', ...given }, oidcSettings, problems);
  return settings ? [{ settings, at: (key) => ({ file: key, path: '' }) }] : [];
}

function fromFile(workingDirectory: string, environment: Environment, problems: Problems): Stated[] {
  const text = readTextFile(path.join(workingDirectory, file), file, problems);
  if (text === undefined) return [];
  const replaced = text.replace(/\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = environment.get(name);
    if (value === undefined)
      problems.add(file, '', `refers to the environment variable ${name}, which is not set`, 'unset-variable');
    return JSON.stringify(value ?? '').slice(1, -1);
  });
  const entries = parseJson(file, replaced, z.array(oidcSettings), problems) ?? [];
  return entries.map((settings, index) => ({ settings, at: (key) => ({ file, path: `${index}/${key}` }) }));
}

async function toProvider(
  { settings, at }: Stated,
  xsappname: string | undefined,
  loadKeyPair: LoadKeyPair,
  problems: Problems,
): Promise<OidcProvider | undefined> {
  const wrong = endpointProblem(settings.OIDC_ISSUER);
  if (wrong !== undefined) {
    const { file: where, path: key } = at('OIDC_ISSUER');
    problems.add(where, key, wrong);
    return undefined;
  }
  const tenants = wordsIn(settings.OIDC_TENANTS);
  if (tenants.length === 0 && /\/(?:common|organizations|consumers)\/v2\.0\/?$/.test(settings.OIDC_ISSUER)) {
    const { file: where, path: key } = at('OIDC_ISSUER');
    problems.warn(where, key, 'lets people of every tenant of Entra ID log in; set OIDC_TENANTS to the ids of yours');
  }
  const clientAuthentication = await clientAuthenticationOf({ settings, at }, loadKeyPair, problems);
  if (clientAuthentication === undefined) return undefined;
  const { OIDC_CLIENT_ID: clientId, OIDC_SCOPES_OF_CLAIMS: byClaim } = settings;
  return Object.freeze({
    kind: 'oidc',
    name: settings.name,
    issuer: new URL(settings.OIDC_ISSUER),
    clientId,
    clientAuthentication,
    scopes: settings.OIDC_SCOPES ?? defaultScopes,
    userToken: settings.OIDC_USER_TOKEN ?? 'auto',
    audiences: [clientId, `api://${clientId}`, ...wordsIn(settings.OIDC_AUDIENCES)],
    ...(tenants.length === 0 ? {} : { tenants }),
    ...(byClaim === undefined ? {} : { scopesOfClaims: withXsappname(byClaim, xsappname) }),
  });
}

function wordsIn(list = ''): readonly string[] {
  return list.split(/[\s,]+/).filter(Boolean);
}

async function clientAuthenticationOf(
  { settings, at }: Stated,
  loadKeyPair: LoadKeyPair,
  problems: Problems,
): Promise<LoginClientAuthentication | undefined> {
  const { OIDC_CLIENT_SECRET: secret, OIDC_CLIENT_KEYSTORE: keyStore } = settings;
  const report = (message: string) => {
    const { file: where, path: key } = at('OIDC_CLIENT_SECRET');
    problems.add(where, key, message);
  };
  if (secret !== undefined && keyStore !== undefined) {
    report('is set together with OIDC_CLIENT_KEYSTORE; a client has one way to authenticate, remove one');
    return undefined;
  }
  if (secret !== undefined) return { method: 'client_secret', secret };
  if (keyStore !== undefined) {
    const keyPair = await loadKeyPair(keyStore, settings.OIDC_CLIENT_KEYSTORE_PASSWORD, at('OIDC_CLIENT_KEYSTORE'));
    if (keyPair === undefined) return undefined;
    const { asymmetricKeyType: type } = keyPair.privateKey;
    if (type !== 'rsa') {
      const { file: where, path: key } = at('OIDC_CLIENT_KEYSTORE');
      problems.add(where, key, `needs an RSA key; ${keyStore} has a key of type ${type}`);
      return undefined;
    }
    const algorithm = settings.OIDC_CLIENT_ASSERTION_ALGORITHM ?? 'PS256';
    return { method: 'private_key_jwt', keyPair, algorithm, audience: settings.OIDC_CLIENT_ASSERTION_AUDIENCE };
  }
  report('is missing; set it, or OIDC_CLIENT_KEYSTORE for a client that signs its assertions');
  return undefined;
}
