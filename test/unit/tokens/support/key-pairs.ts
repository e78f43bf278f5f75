import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { createKeyStores, type KeyStores } from '../../../../src/config/key-store.ts';
import { type KeyStoreMaker, makeKeyStores, type SelfSigned } from './openssl.ts';

/** Key pairs of a test file: `NAME.p12`, and beside it `NAME.key.pem` and `NAME.crt.pem`. */
export interface KeyPairs {
  /** Makes further ones. */
  readonly maker: KeyStoreMaker;
  readonly keyStores: KeyStores;
  /** The content of a file of `keystores/`. */
  read(file: string): Buffer;
}

/**
 * Has key pairs made before the tests of the file that calls this, ahead of its own `beforeAll`, and removed after them.
 * @param pairs by name; what is special about the certificate
 * @param password of all stores
 */
export function openKeyPairs(pairs: Readonly<Record<string, SelfSigned>>, password = 'x'): KeyPairs {
  const maker = makeKeyStores();
  beforeAll(() => {
    for (const [name, options] of Object.entries(pairs)) {
      maker.selfSigned(name, options);
      maker.pack(name, password);
    }
  });
  afterAll(() => maker.remove());
  return {
    maker,
    keyStores: createKeyStores(maker.workingDirectory),
    read: (file) => readFileSync(path.join(maker.directory, file)),
  };
}
