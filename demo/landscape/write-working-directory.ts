import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { destinationsOf, keyStoreFiles, secretVariables } from './destinations.ts';
import type { Landscape } from './landscape.ts';

/** Environment variables for the router's process. */
export type WorkingEnvironment = Readonly<Record<string, string>>;

/**
 * Writes what a router needs to use the landscape: `destinations.json` and `keystores/`, readable by the owner only.
 * @returns the environment to start the router with; it holds the secrets that the files only name
 */
export async function writeWorkingDirectory(landscape: Landscape, directory: string): Promise<WorkingEnvironment> {
  const { entra, successFactors, ias } = landscape;
  const keyStores = path.join(directory, 'keystores');
  await mkdir(keyStores, { recursive: true, mode: 0o700 });
  const files: readonly (readonly [string, string | Buffer])[] = [
    [path.join(directory, 'destinations.json'), `${JSON.stringify(destinationsOf(landscape), null, 2)}\n`],
    [path.join(keyStores, keyStoreFiles.entraClient), entra.client.certificate.p12],
    [path.join(keyStores, keyStoreFiles.successFactorsSigning), successFactors.signing.p12],
    [path.join(keyStores, keyStoreFiles.iasClient), ias.client.certificate.p12],
    [path.join(keyStores, keyStoreFiles.authority), ias.certificateAuthority],
  ];
  await Promise.all(files.map(([file, content]) => writeFile(file, content, { mode: 0o600 })));
  return Object.freeze({
    OIDC_ISSUER: entra.issuer,
    OIDC_CLIENT_ID: entra.client.id,
    OIDC_CLIENT_SECRET: entra.client.secret,
    ...secretVariables(landscape),
  });
}
