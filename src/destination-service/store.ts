import path from 'node:path';
import { openCertificateShelf } from './certificate-shelf.ts';
import { type Guard, openFileShelf } from './file-shelf.ts';
import type { Flat } from './flat.ts';
import { guardProviders } from './guard-providers.ts';
import { guardVariables } from './guard-variables.ts';
import { type Notes, openNotes } from './notes.ts';
import type { Level, Shelf } from './shelf.ts';
import { createLock, type Lock } from './take-lock.ts';

/** What can be kept, in the words of the API's paths. */
export type Kind = 'Destinations' | 'DestinationFragments' | 'Certificates';

/** Everything that the service keeps. */
export type Store = { readonly [K in Kind]: { readonly [L in Level]: Shelf } } & { readonly notes: Notes };

/** Below the working directory: what the service keeps for itself. */
export const ownFolder = path.join('.portunus', 'destination-service');

/**
 * Opens the store in a working directory. The subaccount level is what the router reads: `destinations.json` and
 * `keystores/`. Beside them lie `destinations.instance.json`, `keystores/instance/`, and fragments.
 */
export function openStore(workingDirectory: string): Store {
  const file = (name: string) => path.join(workingDirectory, name);
  const [keyStores, instanceKeyStores] = [file('keystores'), path.join(workingDirectory, 'keystores', 'instance')];
  const lock = lockOf(workingDirectory);
  const guard: Guard = (edit, all) => guardProviders(edit, all) ?? guardVariables(edit, all);
  const destinations = (name: string) =>
    openFileShelf({ file: file(name), lock, nameKey: 'Name', shape: withType, guard });
  const fragments = (name: string) =>
    openFileShelf({
      file: file(name),
      lock,
      nameKey: 'FragmentName',
      shape: (flat) => flat,
      guard: guardVariables,
    });
  return Object.freeze({
    Destinations: {
      subaccount: destinations('destinations.json'),
      instance: destinations('destinations.instance.json'),
    },
    DestinationFragments: {
      subaccount: fragments('fragments.json'),
      instance: fragments('fragments.instance.json'),
    },
    notes: openNotes(path.join(workingDirectory, ownFolder, 'notes.json'), lock),
    Certificates: {
      subaccount: openCertificateShelf(keyStores, lock),
      instance: openCertificateShelf(instanceKeyStores, lock),
    },
  });
}

/** A file written for the router may leave the type out. */
function withType(flat: Flat): Flat {
  return Object.hasOwn(flat, 'Type') ? flat : { ...flat, Type: 'HTTP' };
}

/** Held by whoever changes what is kept in a working directory, commands included. */
export function lockOf(workingDirectory: string): Lock {
  const keyStores = path.join(workingDirectory, 'keystores');
  const drafts = [workingDirectory, keyStores, path.join(keyStores, 'instance')];
  return createLock(path.join(workingDirectory, ownFolder, 'lock'), drafts);
}
