import { readFileSync } from 'node:fs';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Problems } from '../errors/config-error.ts';
import { readCertificates } from './certificate-pem.ts';
import { unreadable } from './read-text-file.ts';

/**
 * Trusts further CAs for every outgoing connection (XS_CACERT_PATH).
 * @param files separated as PATH is, relative to the working directory; undefined changes nothing
 */
export function trustCertificates(files: string | undefined, workingDirectory: string, problems: Problems): void {
  if (files === undefined) return;
  const further = files
    .split(path.delimiter)
    .filter(Boolean)
    .flatMap((file) => certificatesOf(file, path.resolve(workingDirectory, file), problems));
  setDefaultCACertificates([...getCACertificates('default'), ...further]);
}

function certificatesOf(name: string, file: string, problems: Problems): string[] {
  let content: Uint8Array;
  try {
    content = readFileSync(file);
  } catch (cause) {
    problems.add('XS_CACERT_PATH', '', `"${name}" ${unreadable(cause)}`);
    return [];
  }
  try {
    const found = readCertificates(content);
    if (found.length > 0) return found.map((certificate) => certificate.toString());
    problems.add('XS_CACERT_PATH', '', `"${name}" holds no certificate; it must be PEM`);
  } catch {
    problems.add('XS_CACERT_PATH', '', `"${name}" holds something that is no certificate; it must be PEM`);
  }
  return [];
}
