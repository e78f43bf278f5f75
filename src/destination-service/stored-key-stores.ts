import { createHash } from 'node:crypto';
import { type KeyPair, type KeyStores, readKeyPair, readTrust } from '../config/key-store.ts';
import { KeyStoreError } from '../config/key-store-error.ts';
import type { Level } from './shelf.ts';
import type { Store } from './store.ts';

/** Opened key stores that are remembered: opening a PKCS#12 file takes tens of milliseconds by intent. */
const capacity = 500;

/**
 * Key stores that destinations of a level name: those of its level come first, then those of the other one
 * (destination-service.md section 5 leaves the fallback open). A certificate that is replaced holds at once.
 */
export function createStoredKeyStores(store: Store): (level: Level) => KeyStores {
  const opened = new Map<string, Promise<KeyPair>>();
  return (level) => ({
    async keyPair(location, password) {
      const content = await contentOf(store, level, location);
      const key = createHash('sha256')
        .update(JSON.stringify([location, password]))
        .update(content)
        .digest('base64');
      let loading = opened.get(key);
      if (loading === undefined) {
        loading = readKeyPair(location, content, password);
        loading.catch(() => opened.delete(key));
        opened.set(key, loading);
        const [oldest] = opened.keys();
        if (opened.size > capacity && oldest !== undefined) opened.delete(oldest);
      }
      return loading;
    },
    trust: async (location, password) => readTrust(location, await contentOf(store, level, location), password),
  });
}

async function contentOf({ Certificates }: Store, level: Level, location: string): Promise<Buffer> {
  const other: Level = level === 'instance' ? 'subaccount' : 'instance';
  const item = (await Certificates[level].find(location)) ?? (await Certificates[other].find(location));
  if (item === undefined)
    throw new KeyStoreError('not-found', `there is no certificate ${location} in the Destination service`);
  return Buffer.from(String(item.content['Content']), 'base64');
}
