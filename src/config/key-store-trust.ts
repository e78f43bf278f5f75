import { createPrivateKey, generateKeyPair, randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { KeyStoreError } from './key-store-error.ts';
import { makeCertificate } from './key-store-forge.ts';
import type { KeyPair } from './key-store-pair.ts';
import { openPairs, readStored, type Seen, type Stored, type TrustPairs, versionOf } from './key-store-trust-file.ts';
import { samlMetadata } from './key-store-trust-metadata.ts';
import { placeFile, replaceFile } from './key-store-write.ts';
import { houseName } from './subject-name.ts';

/**
 * The house's own key pairs for signing SAML assertions where a destination names no key store (destination-service.md
 * 3.5). The active one signs. The passive one waits: make it, register it at the targets, rotate; so nobody is ever
 * shown a signature they cannot verify.
 */
export interface DefaultTrust {
  /**
   * The pair that signs, made on first need. A change by another process counts from the next call on; while the file
   * cannot be read, the pair known before goes on signing. @throws KeyStoreError
   */
  active(): Promise<KeyPair>;
  /** The active pair as last seen, undefined before it was first asked for: stands for it where nobody can wait. */
  latest(): KeyPair | undefined;
  /** What there is; nothing is made. @throws KeyStoreError */
  pairs(): Promise<TrustPairs>;
  /** Makes a new active pair, which takes effect at once: targets refuse it until they know it. */
  renew(): Promise<KeyPair>;
  /** Makes a new passive pair, and an active one where there is none. */
  prepare(): Promise<KeyPair>;
  /** Deletes the passive pair, if there is one. */
  discard(): Promise<void>;
  /** Active and passive change places. @throws KeyStoreError not-found when there is no passive pair */
  rotate(): Promise<TrustPairs>;
  /** SAML metadata to register at targets, with the certificates of both. @throws KeyStoreError not-found when there is none */
  metadata(): Promise<string>;
}

/** Folder below the working directory for what the program keeps by itself; nothing in it is configuration. */
export const trustFolder = path.join('.portunus', 'trust');

const day = 86_400_000;
/** As the Destination service's pairs (3.5). */
const validity = 2 * 365 * day;
/** Bits; strength of 128 bits (NIST SP 800-57 part 1, 5.6.1). */
const modulusLength = 3072;

const generate = promisify(generateKeyPair);

/**
 * @param workingDirectory where `.portunus/trust/` is or will be
 * @param onMade told when a first pair has been made: it must be registered at the targets
 * @param make key and certificate of that common name, PEM
 */
export function createDefaultTrust(
  workingDirectory: string,
  onMade: (certificateFile: string) => void,
  make: (commonName: string) => Promise<string> = makePair,
): DefaultTrust {
  const directory = path.join(workingDirectory, trustFolder);
  const file = path.join(directory, 'key-pairs.json');
  let seen: Seen = { version: undefined, content: {}, pairs: openPairs({}) };
  let making: Promise<KeyPair> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  /** Changes come one after the other, each based on what the one before has left. */
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const result = last.then(change);
    last = result.catch(() => undefined);
    return result;
  };

  /** What the file holds now; read again only when it is another than before. */
  const read = async (): Promise<Seen> => {
    const version = await versionOf(file);
    if (version !== seen.version) seen = version === undefined ? { ...seen, version } : await readStored(file);
    return version === undefined ? { version, content: {}, pairs: openPairs({}) } : seen;
  };

  const write = async (next: Stored): Promise<TrustPairs> => {
    const pairs = openPairs(next);
    await replaceFile(file, JSON.stringify(next), 0o600);
    seen = { version: await versionOf(file), content: next, pairs };
    await publish(directory, pairs);
    return pairs;
  };

  const makeFirst = async (): Promise<KeyPair> => {
    const first = { active: await make(`portunus/${randomUUID()}`) };
    // Of several processes that begin together one makes the pair, the others take it.
    if (!(await placeFile(file, JSON.stringify(first), 0o600))) return existing((await read()).pairs);
    // Key pairs are no source code: not for a repository.
    await placeFile(path.join(directory, '..', '.gitignore'), '*\n', 0o644);
    const { pairs } = await read();
    await publish(directory, pairs);
    onMade(path.join(trustFolder, 'certificate.pem'));
    return existing(pairs);
  };

  const makeOnce = (): Promise<KeyPair> => {
    making ??= makeFirst().finally(() => {
      making = undefined;
    });
    return making;
  };

  const trust: DefaultTrust = {
    async active() {
      const known = seen.pairs.active;
      const found = await read().catch((cause) => {
        if (known === undefined) throw cause;
        return seen;
      });
      return found.pairs.active ?? known ?? makeOnce();
    },
    latest: () => seen.pairs.active,
    pairs: async () => (await read()).pairs,
    renew: () =>
      inTurn(async () => {
        const active = await make(nameOf((await read()).pairs));
        // Making took a while, in which another process may have changed something.
        return existing(await write({ ...(await read()).content, active }));
      }),
    prepare: () =>
      inTurn(async () => {
        const { commonName } = await trust.active();
        const passive = await make(commonName);
        const { passive: made } = await write({ ...(await read()).content, passive });
        return existing({ active: made, passive: undefined });
      }),
    discard: () =>
      inTurn(async () => {
        const { passive, ...rest } = (await read()).content;
        if (passive !== undefined) await write(rest);
      }),
    rotate: () =>
      inTurn(async () => {
        const { active, passive } = (await read()).content;
        if (passive === undefined)
          throw new KeyStoreError('not-found', 'there is no passive key pair to rotate to; make one');
        return write({ active: passive, ...(active === undefined ? {} : { passive: active }) });
      }),
    metadata: async () => samlMetadata((await read()).pairs),
  };
  return Object.freeze(trust);
}

/** The name stays when keys change: targets know the issuer by it (destination-service.md 2.8, 3.1). */
function nameOf({ active, passive }: TrustPairs): string {
  return (active ?? passive)?.commonName ?? `portunus/${randomUUID()}`;
}

/** @returns key and certificate, PEM */
export async function makePair(commonName: string): Promise<string> {
  const { privateKey: key } = await generate('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const now = Date.now();
  const certificate = await makeCertificate({
    privateKey: createPrivateKey(key),
    subject: houseName(commonName),
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + validity),
  });
  return key + certificate;
}

function existing({ active }: TrustPairs): KeyPair {
  if (active === undefined) throw new KeyStoreError('no-key', 'the default trust has no active key pair');
  return active;
}

/** What may be handed out, beside what may not: the active certificate and the metadata. */
async function publish(directory: string, pairs: TrustPairs): Promise<void> {
  await replaceFile(path.join(directory, 'certificate.pem'), pairs.active?.chain[0] ?? '', 0o644);
  await replaceFile(path.join(directory, 'metadata.xml'), samlMetadata(pairs), 0o644);
}
