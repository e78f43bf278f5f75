import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { serviceLine } from '../bind-service.ts';
import { keyStoreFolder } from '../config/configuration-files.ts';
import { readServiceKey } from '../config/destination-service-binding.ts';
import { replaceFile } from '../config/key-store-write.ts';
import { destinationsFile, nameOf, readEntries, writeEntries } from '../destination-files/destinations-file.ts';
import { type HiddenSecret, hideSecrets } from '../destination-files/hide-secrets.ts';
import { type Entry, parseExport } from '../destination-files/parse-export.ts';
import { readService } from '../destination-files/read-service.ts';
import { lockOf } from '../destination-service/store.ts';
import { Problems } from '../errors/config-error.ts';
import { type CommandCall, type Run, UsageError } from './command.ts';
import { openDestinations } from './open-destinations.ts';

/** What is to be taken in. */
interface Cargo {
  readonly entries: readonly Entry[];
  readonly certificates: ReadonlyMap<string, Uint8Array>;
}

/**
 * `portunus destinations import`: from a cockpit's export, or from a Destination service by its key. Nothing is written
 * unless all can be; secrets go into variables, never into destinations.json.
 */
export const run: Run = async (call) => {
  const { values, positionals } = parseArgs({
    args: [...call.args],
    options: { force: { type: 'boolean' }, bound: { type: 'boolean' }, env: { type: 'string' } },
    allowPositionals: true,
  });
  if (positionals.length === 0 && !values.bound) throw new UsageError('name a file to import, or use --bound');
  const cargo = await gather(call, positionals, values.bound ?? false);
  // The embedded Destination service may be writing to the same files.
  return lockOf(call.workingDirectory)(() => store(call, cargo, values));
};

async function store(
  { workingDirectory, write, tell }: CommandCall,
  cargo: Cargo,
  values: { readonly env?: string | undefined; readonly force?: boolean | undefined },
): Promise<number> {
  const known = await readEntries(workingDirectory);
  const taken = new Set<string>();
  const hidden: HiddenSecret[] = [];
  const entries = cargo.entries.map((entry) => {
    const one = hideSecrets(entry, taken);
    hidden.push(...one.hidden);
    return one.entry;
  });
  const names = new Set(entries.map(nameOf));
  if (names.size < entries.length) throw new Error('two of the destinations to import have the same name; remove one');
  const envFile = values.env === undefined ? undefined : path.resolve(workingDirectory, values.env);
  if (!values.force) {
    const inTheWay = [
      ...known
        .map(nameOf)
        .flatMap((name) => (name !== undefined && names.has(name) ? [`${destinationsFile}: ${name}`] : [])),
      ...[...keyStoreFiles(workingDirectory, cargo), ...(envFile ? [envFile] : [])].filter((file) => existsSync(file)),
    ];
    if (inTheWay.length > 0) {
      tell(
        `Already there, and left alone:\n${inTheWay.map((one) => `  ${one}\n`).join('')}Nothing was imported. --force replaces them.\n`,
      );
      return 1;
    }
  }
  for (const [name, content] of cargo.certificates)
    await replaceFile(path.join(workingDirectory, keyStoreFolder, name), content, 0o600);
  if (envFile)
    await replaceFile(envFile, hidden.map(({ variable, value }) => `${variable}=${quoted(value)}\n`).join(''), 0o600);
  await writeEntries(workingDirectory, [...known.filter((entry) => !names.has(nameOf(entry))), ...entries]);
  write(`${destinationsFile}: ${entries.length} imported: ${[...names].join(', ')}\n`);
  if (cargo.certificates.size > 0) write(`keystores/: ${[...cargo.certificates.keys()].join(', ')}\n`);
  tellVariables(hidden, envFile && values.env, write);
  return 0;
}

async function gather(call: CommandCall, files: readonly string[], bound: boolean): Promise<Cargo> {
  const entries: Entry[] = [];
  const certificates = new Map<string, Uint8Array>();
  const open = await openDestinations(call);
  const fromService = async (binding: OpenBinding) => {
    const content = await readService(binding, serviceLine(open.connections), open.environment.get);
    const suspicious = content.destinations.find((entry) => JSON.stringify(entry).includes('${env:'));
    // Written by somebody else, and here it would be replaced by a value of this machine.
    if (suspicious)
      throw new Error(
        `destination ${nameOf(suspicious)} of the service holds a reference to a variable; mend it there`,
      );
    entries.push(...content.destinations);
    for (const [name, bytes] of content.certificates) certificates.set(safeName(name), bytes);
    for (const name of content.missing) call.tell(`warning: the service has no key store ${name}\n`);
  };
  try {
    if (bound) {
      if (open.binding === undefined)
        throw new Error('no Destination service is bound: VCAP_SERVICES has no entry "destination"');
      await fromService(open.binding);
    }
    for (const file of files) {
      const parsed = parseExport(file, await readFile(path.resolve(call.workingDirectory, file), 'utf8'));
      if (parsed.kind === 'destinations') {
        entries.push(...parsed.entries);
        continue;
      }
      const problems = new Problems();
      const binding = readServiceKey(file, parsed.credentials, problems);
      problems.throwIfAny();
      if (binding) await fromService(binding);
    }
  } finally {
    await open.close();
  }
  return { entries, certificates };
}

type OpenBinding = Parameters<typeof readService>[0];

/** A file's name and nothing else: it comes from somewhere else and is written here. */
function safeName(name: string): string {
  if (path.basename(name) === name && !name.startsWith('.') && !name.includes('\\')) return name;
  throw new Error(`the key store "${name}" of the service has a name that no file can have`);
}

function keyStoreFiles(workingDirectory: string, { certificates }: Cargo): string[] {
  return [...certificates.keys()].map((name) => path.join(workingDirectory, keyStoreFolder, name));
}

function tellVariables(hidden: readonly HiddenSecret[], file: string | undefined, write: (text: string) => void): void {
  if (hidden.length === 0) return;
  write(
    file
      ? `${file}: the secrets; keep it out of version control.\n`
      : 'Set these variables (or put them into default-env.json):\n',
  );
  for (const { variable, destination, property, value } of hidden)
    if (!file || value === '')
      write(`  ${variable}  ${property} of ${destination}${value === '' ? ' (not in the export)' : ''}\n`);
}

/** As node --env-file and shells read it. */
function quoted(value: string): string {
  if (/^[\w./:@%+=,-]*$/.test(value)) return value;
  return value.includes("'") ? JSON.stringify(value) : `'${value}'`;
}
