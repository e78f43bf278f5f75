import { createPrivateKey, generateKeyPair } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeCertificate } from '../config/key-store-forge.ts';
import type { KeyPair } from '../config/key-store-pair.ts';
import { keyPairFromPem } from '../config/key-store-pem.ts';
import { replaceFile } from '../config/key-store-write.ts';
import { houseName } from '../config/subject-name.ts';
import { ownFolder } from './store.ts';

const day = 86_400_000;
const validity = 2 * 365 * day;
/** Made anew when it would end sooner than this. */
const margin = 30 * day;

const generate = promisify(generateKeyPair);

/** Below the working directory: what clients trust, e.g. by NODE_EXTRA_CA_CERTS. */
export const certificateFile = path.join(ownFolder, 'tls.pem');

/**
 * Key and certificate with which the service speaks TLS on this machine. SAP's libraries ask for tokens of a user's tenant
 * at `https://` and the `uaadomain` of the binding, whatever its `url` says, so plain http is not enough.
 */
export async function openServerCertificate(workingDirectory: string): Promise<KeyPair> {
  const file = path.join(workingDirectory, ownFolder, 'tls-key-pair.pem');
  const kept = await readFile(file, 'utf8').then(
    (text) => keyPairFromPem(file, text, undefined),
    () => undefined,
  );
  if (kept !== undefined && kept.certificate.validToDate.getTime() > Date.now() + margin) return kept;
  const { privateKey: key } = await generate('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const now = Date.now();
  const certificate = await makeCertificate({
    privateKey: createPrivateKey(key),
    subject: houseName('localhost'),
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + validity),
    hosts: ['localhost', '127.0.0.1', '::1'],
  });
  await replaceFile(file, key + certificate, 0o600);
  await replaceFile(path.join(workingDirectory, certificateFile), certificate, 0o644);
  return keyPairFromPem(file, key + certificate, undefined);
}
