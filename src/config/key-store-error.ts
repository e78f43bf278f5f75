/** Why a key store gives no key: which property of the configuration is to blame follows from it. */
export type KeyStoreFault = 'not-found' | 'password' | 'format' | 'no-key' | 'no-certificate' | 'mismatch';

/** A key store that cannot be used; the message says what was found and what to do, never a password or key. */
export class KeyStoreError extends Error {
  readonly fault: KeyStoreFault;

  constructor(fault: KeyStoreFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'KeyStoreError';
    this.fault = fault;
  }
}
