import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import type { Landscape } from '../../../../demo/landscape/landscape.ts';
import { startLandscape } from '../../../../demo/landscape/start-landscape.ts';
import type { LandscapeUser } from '../../../../demo/landscape/users.ts';
import { writeWorkingDirectory } from '../../../../demo/landscape/write-working-directory.ts';
import type { User } from '../../../../src/authorization/principal.ts';
import { createKeyStores } from '../../../../src/config/key-store.ts';
import { createDefaultTrust } from '../../../../src/config/key-store-trust.ts';
import type { Destination } from '../../../../src/destinations/destination.ts';
import { type Destinations, readDestinations } from '../../../../src/destinations/read-destinations.ts';
import { type ConfigError, Problems, tellProblem } from '../../../../src/errors/config-error.ts';
import { createPools, type Pools } from '../../../../src/forwarding/pools.ts';
import { userOf } from '../../../../src/login/user-of.ts';
import type { Credential } from '../../../../src/tokens/credential.ts';
import { signIn } from '../../landscape/sign-in.ts';

/** A landscape with a working directory that fits it. */
export interface Quay {
  readonly landscape: Landscape;
  /** Where `keystores/` is. */
  readonly workingDirectory: string;
  /** Reads destinations as a start does. @throws with every problem; warnings are returned */
  read(destinations: unknown, variables?: Readonly<Record<string, string>>): Promise<ReadAsAtStart>;
  /** A user as after a login: the ID token is handed on (design section 3). */
  logIn(user: LandscapeUser, scope?: string): Promise<User>;
  /** Calls the target of a destination with a credential. */
  call(destination: Destination, credential: Credential, pathBehind?: string): Promise<Called>;
  close(): Promise<void>;
}

export interface ReadAsAtStart {
  readonly destinations: Destinations;
  readonly warnings: readonly string[];
  /** @throws when there is none of that name */
  get(name: string): Destination;
}

export interface Called {
  readonly status: number;
  readonly challenge: string | undefined;
  readonly text: string;
}

export async function openQuay(): Promise<Quay> {
  const [landscape, workingDirectory] = await Promise.all([
    startLandscape(),
    mkdtemp(path.join(tmpdir(), 'portunus-quay-')),
  ]);
  const environment = await writeWorkingDirectory(landscape, workingDirectory);
  const pools: Pools = createPools(4, true);
  return {
    landscape,
    workingDirectory,
    async read(given, variables = {}) {
      const problems = new Problems();
      const known: Readonly<Record<string, string>> = { ...environment, ...variables };
      const destinations = await readDestinations({
        environment: undefined,
        file: { name: 'destinations.json', text: JSON.stringify(given) },
        env: (name) => known[name],
        keyStores: createKeyStores(workingDirectory),
        defaultTrust: createDefaultTrust(workingDirectory, () => undefined),
        problems,
      });
      try {
        problems.throwIfAny();
      } catch (error) {
        throw new Error((error as ConfigError).message);
      }
      const get = (name: string) => {
        const found = destinations.get(name);
        if (found === undefined) throw new Error(`there is no destination ${name}`);
        return found;
      };
      return { destinations, get, warnings: problems.warnings.map(tellProblem) };
    },
    async logIn(user, scope = 'openid profile email offline_access') {
      const { id_token: token } = await signIn(landscape, user, { scope });
      return userOf('oidc', token, decodeJwt(token), []);
    },
    async call(destination, credential, pathBehind = '') {
      const { url } = destination;
      const headers = credential.kind === 'header' ? { [credential.name]: credential.value } : {};
      const answer = await pools
        .of(destination)
        .request({ origin: url.origin, path: url.pathname + pathBehind, method: 'GET', headers });
      const challenge = answer.headers['www-authenticate'];
      return { status: answer.statusCode, challenge: challenge?.toString(), text: await answer.body.text() };
    },
    async close() {
      await pools.close();
      await landscape.stop();
      await rm(workingDirectory, { recursive: true, force: true });
    },
  };
}

/** The landscape's own destinations, as its working directory has them. */
export async function ownDestinations({
  workingDirectory,
}: Quay): Promise<readonly Readonly<Record<string, string>>[]> {
  return JSON.parse(await readFile(path.join(workingDirectory, 'destinations.json'), 'utf8')) as never;
}
