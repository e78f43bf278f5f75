import { createPrivateKey, generateKeyPair, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { makeCertificate } from '../config/key-store-forge.ts';
import { parseSubject } from '../config/subject-name.ts';
import { certificateFacts, tellCertificate } from './certificate-facts.ts';
import { type Run, UsageError } from './command.ts';
import { keyStoreName, placeKeyStore } from './place-key-store.ts';
import { readPassword } from './read-password.ts';

const day = 86_400_000;
const generate = promisify(generateKeyPair);

/** RSA only: Entra ID and SuccessFactors are known to take no other signatures (token-flows.md A5, E2). */
const sizes = ['2048', '3072', '4096'];

/** `portunus cert new NAME`: a key pair with a self-signed certificate, as a key store, and what to register of it. */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: {
      subject: { type: 'string' },
      days: { type: 'string', default: '730' },
      bits: { type: 'string', default: '2048' },
      password: { type: 'string' },
      env: { type: 'string' },
      out: { type: 'string', default: 'keystores' },
      force: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [given, ...rest] = positionals;
  if (given === undefined || rest.length > 0) throw new UsageError('name one key store');
  const name = keyStoreName(given);
  const subject = parseSubject(values.subject ?? `CN=${name}`);
  if (typeof subject === 'string') throw new UsageError(`--subject: ${subject}`);
  const days = Number(values.days);
  if (!Number.isInteger(days) || days < 1 || days > 36_500)
    throw new UsageError('--days must be a whole number from 1 to 36500');
  if (!sizes.includes(values.bits)) throw new UsageError(`--bits must be one of ${sizes.join(', ')}`);
  const password = await readPassword(values.password, call);
  if (password === '') throw new UsageError('--password must not be empty');

  const { privateKey: key } = await generate('rsa', {
    modulusLength: Number(values.bits),
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const now = Date.now();
  const pem = await makeCertificate({
    privateKey: createPrivateKey(key),
    subject,
    // For clocks that differ.
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + days * day),
  });
  const folder = path.resolve(call.workingDirectory, values.out);
  const envFile = values.env === undefined ? undefined : path.resolve(call.workingDirectory, values.env);
  const placed = await placeKeyStore({
    name,
    folder,
    key,
    chain: [pem],
    password,
    envFile,
    withKeyFile: true,
    force: values.force,
  });
  const certificate = new X509Certificate(pem);
  const facts = certificateFacts(certificate, now);
  const told = placed.isMade && envFile === undefined ? placed.password : undefined;
  if (values.json) {
    const { files, variable } = placed;
    call.write(`${JSON.stringify({ folder, files, variable, password: told, certificate: facts }, null, 2)}\n`);
    return 0;
  }
  call.write(
    [
      `${folder}: ${placed.files.join(', ')}\n`,
      tellCertificate(certificate, now),
      '\nTo paste where a certificate is wanted without its BEGIN and END lines (SuccessFactors):\n',
      `${facts.oneLine}\n`,
      `\nTo upload to an app registration (Entra ID, Certificates & secrets): ${name}.crt\n`,
      `\nIn a destination: "KeyStoreLocation": "${name}.p12", "KeyStorePassword": "\${env:${placed.variable}}"\n`,
      '(with clientAssertion. in front for client assertions, tokenService. for mutual TLS)\n',
      told === undefined ? '' : `\nThe password, told this once:\n${placed.variable}=${told}\n`,
      placed.isMade && envFile !== undefined
        ? `\n${envFile}: ${placed.variable}; keep it out of version control.\n`
        : '',
    ].join(''),
  );
  return 0;
};
