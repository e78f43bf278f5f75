import { readFileSync } from 'node:fs';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Problems } from '../errors/config-error.ts';
import { unreadable } from './read-text-file.ts';

/**
 * Trusts further CAs for every outgoing connection (XS_CACERT_PATH).
 * @param files separated as PATH is; undefined changes nothing
 */
export function trustCertificates(files: string | undefined, problems: Problems): void {
  if (files === undefined) return;
  const further: string[] = [];
  for (const file of files.split(path.delimiter).filter(Boolean)) {
    try {
      const text = readFileSync(file, 'utf8');
      if (text.includes('-----BEGIN CERTIFICATE-----')) further.push(text);
      else problems.add('XS_CACERT_PATH', '', `"${file}" holds no certificate; it must be PEM`);
    } catch (cause) {
      problems.add('XS_CACERT_PATH', '', `"${file}" ${unreadable(cause)}`);
    }
  }
  setDefaultCACertificates([...getCACertificates('default'), ...further]);
}
