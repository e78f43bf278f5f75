import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { keyStoreFolder } from '../config/configuration-files.ts';
import { readFileContent } from '../config/key-store-content.ts';
import { KeyStoreError } from '../config/key-store-error.ts';
import { certificateFacts, tellCertificate } from './certificate-facts.ts';
import { type CommandCall, type Run, UsageError } from './command.ts';
import { readPassword } from './read-password.ts';

/** `portunus cert show FILE`: what certificates and keys a file holds, in any form. Exit 1 when none fits its key. */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: { password: { type: 'string' }, json: { type: 'boolean' }, 'one-line': { type: 'boolean' } },
    allowPositionals: true,
  });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new UsageError('name one file');
  const password = await readPassword(values.password, call);
  const { format, keys, certificates, locked } = await readOpened(file, call, password);
  const now = Date.now();
  const shown = certificates.map((certificate) => ({
    certificate,
    hasKey: keys.some((key) => certificate.checkPrivateKey(key)),
  }));
  // The one that is ours comes first, wherever it stands in the file.
  shown.sort((a, b) => Number(b.hasKey) - Number(a.hasKey));
  const isTorn = keys.length > 0 && shown.length > 0 && !shown.some(({ hasKey }) => hasKey);
  if (values['one-line']) {
    const [first] = shown;
    if (first === undefined) throw new Error(`${file} holds no certificate`);
    call.write(`${certificateFacts(first.certificate, now).oneLine}\n`);
    return 0;
  }
  if (values.json) {
    const listed = shown.map(({ certificate, hasKey }) => ({ ...certificateFacts(certificate, now), hasKey }));
    call.write(`${JSON.stringify({ format, keys: keys.length, locked, certificates: listed }, null, 2)}\n`);
    return isTorn ? 1 : 0;
  }
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  call.write(
    `${file}: ${format}, ${count(certificates.length, 'certificate')}, ${count(keys.length + locked, 'private key')}\n`,
  );
  for (const { certificate, hasKey } of shown)
    call.write(
      `\n${hasKey ? 'certificate with its private key' : 'certificate'}\n${tellCertificate(certificate, now)}`,
    );
  if (locked > 0) call.write('\nThe private key is encrypted; --password opens it.\n');
  if (isTorn) call.write('\nNo certificate in it fits the private key: they were not made for each other.\n');
  return isTorn ? 1 : 0;
};

/** @throws KeyStoreError; one about the password says how to give it */
async function readOpened(file: string, call: CommandCall, password: string | undefined) {
  const content = await readNear(file, call);
  try {
    return await readFileContent(file, content, password);
  } catch (cause) {
    if (!(cause instanceof KeyStoreError && cause.fault === 'password')) throw cause;
    const cure = 'give it with --password @FILE or --password env:NAME, of an environment variable';
    throw new KeyStoreError('password', `${cause.message}; ${cure}`, cause);
  }
}

/** As typed; or by the name that a destination would use. */
async function readNear(file: string, { workingDirectory }: CommandCall): Promise<Uint8Array> {
  const places = [
    path.resolve(workingDirectory, file),
    path.join(workingDirectory, keyStoreFolder, path.basename(file)),
  ];
  for (const place of places) {
    try {
      return await readFile(place);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    }
  }
  throw new KeyStoreError('not-found', `there is no file ${places.join(', nor ')}`);
}
