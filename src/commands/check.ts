import { statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { checkDirectory } from '../lint/check-directory.ts';
import type { Located } from '../lint/finding.ts';
import { tellJson } from '../lint/tell-json.ts';
import { tellSarif } from '../lint/tell-sarif.ts';
import { tellText } from '../lint/tell-text.ts';
import { type CommandCall, type Run, UsageError } from './command.ts';
import { ownVersion } from './own-version.ts';

type Format = (findings: readonly Located[], workingDirectory: string) => string;

const formats = {
  text: tellText,
  json: tellJson,
  sarif: (findings, workingDirectory) => tellSarif(findings, workingDirectory, ownVersion()),
} satisfies Readonly<Record<string, Format>>;

/**
 * `portunus check [DIR]`: reads all configuration as the start does, without listening, asking or writing anything.
 * Exit 0 when the router would start, 1 when not, or with --strict on a warning, 2 when the command line is wrong.
 */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: { format: { type: 'string', default: 'text' }, strict: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const { format } = values;
  if (!isFormat(format)) throw new UsageError(`--format is one of ${Object.keys(formats).join(', ')}, not "${format}"`);
  const directory = directoryOf(positionals, call);
  const findings = await checkDirectory(directory, call.variables);
  const tell: Format = formats[format];
  call.write(tell(findings, directory));
  const fails = findings.some(({ level }) => level === 'error' || (values.strict && level === 'warning'));
  return fails ? 1 : 0;
};

function isFormat(word: string): word is keyof typeof formats {
  return Object.hasOwn(formats, word);
}

/** @throws UsageError for what is no directory */
function directoryOf([named, ...rest]: readonly string[], { workingDirectory }: CommandCall): string {
  if (rest.length > 0) throw new UsageError('name one directory');
  const directory = path.resolve(workingDirectory, named ?? '.');
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`${directory} is no directory`);
  return directory;
}
