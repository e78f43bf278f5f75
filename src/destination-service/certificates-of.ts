import type { Flat } from './flat.ts';
import { type Level, levels } from './shelf.ts';
import type { Store } from './store.ts';
import { authenticationOf } from './token-source.ts';

/** An element of `certificates` (destination-service.md 4.3). */
export type CertificateEntry = Readonly<Record<string, unknown>>;

/** Types whose KeyStoreLocation the client needs, or sees: the key for TLS, or the one that signs assertions. */
const withKeyStore = ['ClientCertificateAuthentication', 'OAuth2SAMLBearerAssertion', 'SAMLAssertion'];

/**
 * The certificates that an answer of Find carries. One that is not there is left out: clients tell then which they miss.
 * @param tokenKeys the key store for the token service, too: the client gets the token itself (`$skipTokenRetrieval`)
 */
export async function certificatesOf(
  { Certificates }: Store,
  level: Level,
  destination: Flat,
  tokenKeys: boolean,
): Promise<readonly CertificateEntry[]> {
  const provided = destination['KeyStore.Source'] === 'ClientProvided';
  const names = new Set<string>();
  const add = (property: string) => {
    const name = destination[property];
    if (name !== undefined && name !== '') names.add(name);
  };
  if (withKeyStore.includes(authenticationOf(destination)) && !provided) add('KeyStoreLocation');
  add('TrustStoreLocation');
  if (tokenKeys) add('tokenService.KeyStoreLocation');
  const inOrder = [level, ...levels.filter((other) => other !== level)];
  const found = await Promise.all(
    [...names].map(async (name) => {
      for (const at of inOrder) {
        const item = await Certificates[at].find(name);
        if (item !== undefined) return item.content;
      }
      return undefined;
    }),
  );
  return found.filter((content) => content !== undefined);
}
