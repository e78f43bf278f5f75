import { compileConfig } from '../compile-config.ts';
import { readConfig } from '../config/config.ts';
import { lookAtDefaultTrust } from '../config/key-store-trust-unwritten.ts';
import { trustCertificates } from '../config/trust-certificates.ts';
import { type Problem, Problems } from '../errors/config-error.ts';
import { findDuplicates } from './find-duplicates.ts';
import type { Finding, Level, Located } from './finding.ts';
import { lint } from './lint.ts';
import { createLocate } from './locate.ts';
import { readDocuments } from './read-documents.ts';

/**
 * Everything there is to say about the configuration of a working directory: what the start itself finds, by the very same
 * checks, then what only a second look shows. Nothing is opened, asked or written.
 * @param variables the environment
 * @returns in the order of files, lines and columns
 */
export async function checkDirectory(
  workingDirectory: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<readonly Located[]> {
  const problems = new Problems();
  const config = await readConfig(
    workingDirectory,
    problems,
    variables,
    undefined,
    lookAtDefaultTrust(workingDirectory),
  );
  trustCertificates(config.settings.caCertPath, workingDirectory, problems);
  const compiled = compileConfig(config, problems);
  const findings = [...problems.list.map(found('error')), ...problems.warnings.map(found('warning'))];
  const documents = readDocuments(workingDirectory);
  return [...findings, ...findDuplicates(documents), ...lint(config, compiled)]
    .map(createLocate(documents, variables))
    .sort(byPlace);
}

function found(level: Level): (problem: Problem) => Finding {
  return ({ rule, file, path, message }) => ({ rule, level, at: path === '' ? file : `${file}/${path}`, message });
}

/** Without a file first: the environment stands above all files. */
function byPlace(a: Located, b: Located): number {
  const file = (a.file ?? '') < (b.file ?? '') ? -1 : (a.file ?? '') > (b.file ?? '') ? 1 : 0;
  return file || (a.region?.line ?? 0) - (b.region?.line ?? 0) || (a.region?.column ?? 0) - (b.region?.column ?? 0);
}
