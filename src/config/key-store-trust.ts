import { createPrivateKey, generateKeyPair, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { KeyStoreError } from './key-store-error.ts';
import { makeCertificate } from './key-store-forge.ts';
import type { KeyPair } from './key-store-pair.ts';
import { keyPairFromPem } from './key-store-pem.ts';
import { samlMetadata } from './key-store-trust-metadata.ts';
import { placeFile, replaceFile } from './key-store-write.ts';

/**
 * The house's own key pairs for signing SAML assertions where a destination names no key store (destination-service.md
 * 3.5). The active one signs. The passive one waits: make it, register it at the targets, rotate; so nobody is ever
 * shown a signature they cannot verify.
 */
export interface DefaultTrust {
  /** The pair that signs, made on first need. @throws KeyStoreError */
  active(): Promise<KeyPair>;
  /** What there is; nothing is made. @throws KeyStoreError */
  pairs(): Promise<TrustPairs>;
  /** Makes a new active pair, which takes effect at once: targets refuse it until they know it. */
  renew(): Promise<KeyPair>;
  /** Makes a new passive pair. */
  prepare(): Promise<KeyPair>;
  /** Deletes the passive pair, if there is one. */
  discard(): Promise<void>;
  /** Active and passive change places. @throws KeyStoreError not-found when there is no passive pair */
  rotate(): Promise<TrustPairs>;
  /** SAML metadata to register at targets, with the certificates of both. @throws KeyStoreError not-found when there is none */
  metadata(): Promise<string>;
}

export interface TrustPairs {
  readonly active: KeyPair | undefined;
  readonly passive: KeyPair | undefined;
}

/** Folder below the working directory for what the program keeps by itself; nothing in it is configuration. */
export const trustFolder = path.join('.portunus', 'trust');

const stored = z.strictObject({ active: z.string().optional(), passive: z.string().optional() });
/** PEM text, key and certificate, by role. */
type Stored = z.infer<typeof stored>;

const day = 86_400_000;
/** As the Destination service's pairs (3.5). */
const validity = 2 * 365 * day;
/** Bits; strength of 128 bits (NIST SP 800-57 part 1, 5.6.1). */
const modulusLength = 3072;

const generate = promisify(generateKeyPair);

/**
 * @param workingDirectory where `.portunus/trust/` is or will be
 * @param onMade told when a first pair has been made: it must be registered at the targets
 */
export function createDefaultTrust(workingDirectory: string, onMade: (certificateFile: string) => void): DefaultTrust {
  const directory = path.join(workingDirectory, trustFolder);
  const file = path.join(directory, 'key-pairs.json');
  let activePair: Promise<KeyPair> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  /** Changes come one after the other, each based on what the one before has left. */
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const result = last.then(change);
    last = result.catch(() => undefined);
    return result;
  };

  const read = async (): Promise<Stored> => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw new KeyStoreError('format', `${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
    }
    const parsed = stored.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new KeyStoreError('format', `${file} is damaged; restore it, or delete it and register the new certificate`);
  };

  const write = async (next: Stored): Promise<TrustPairs> => {
    const pairs = open(next);
    activePair = undefined;
    await replaceFile(file, JSON.stringify(next), 0o600);
    await publish(directory, pairs);
    return pairs;
  };

  const makeFirst = async (): Promise<KeyPair> => {
    const first = { active: await makePair(`portunus/${randomUUID()}`) };
    // Of several processes that begin together one makes the pair, the others take it.
    if (!(await placeFile(file, JSON.stringify(first), 0o600))) return existing(open(await read()));
    // Key pairs are no source code: not for a repository.
    await placeFile(path.join(directory, '..', '.gitignore'), '*\n', 0o644);
    await publish(directory, open(first));
    onMade(path.join(trustFolder, 'certificate.pem'));
    return existing(open(first));
  };

  const trust: DefaultTrust = {
    active() {
      activePair ??= read()
        .then((found) => (found.active === undefined ? makeFirst() : existing(open(found))))
        .catch((cause) => {
          activePair = undefined;
          throw cause;
        });
      return activePair;
    },
    pairs: async () => open(await read()),
    renew: () =>
      inTurn(async () => {
        const found = await read();
        return existing(await write({ ...found, active: await makePair(nameOf(found)) }));
      }),
    prepare: () =>
      inTurn(async () => {
        const found = await read();
        const passive = await makePair(nameOf(found));
        await write({ ...found, passive });
        return existing(open({ active: passive }));
      }),
    discard: () =>
      inTurn(async () => {
        const { passive, ...rest } = await read();
        if (passive !== undefined) await write(rest);
      }),
    rotate: () =>
      inTurn(async () => {
        const { active, passive } = await read();
        if (passive === undefined)
          throw new KeyStoreError('not-found', 'there is no passive key pair to rotate to; make one');
        return write({ active: passive, ...(active === undefined ? {} : { passive: active }) });
      }),
    metadata: async () => samlMetadata(open(await read())),
  };
  return Object.freeze(trust);
}

/** The name stays when keys change: targets know the issuer by it (destination-service.md 2.8, 3.1). */
function nameOf(found: Stored): string {
  const { active, passive } = open(found);
  return (active ?? passive)?.commonName ?? `portunus/${randomUUID()}`;
}

async function makePair(commonName: string): Promise<string> {
  const { privateKey: key } = await generate('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const now = Date.now();
  const certificate = await makeCertificate({
    privateKey: createPrivateKey(key),
    commonName,
    organization: 'Portunus',
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + validity),
  });
  return key + certificate;
}

function open({ active, passive }: Stored): TrustPairs {
  const pair = (role: string, pem: string | undefined) =>
    pem === undefined ? undefined : keyPairFromPem(`the ${role} pair of the default trust`, pem, undefined);
  return Object.freeze({ active: pair('active', active), passive: pair('passive', passive) });
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
