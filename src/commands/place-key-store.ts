import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { makePkcs12 } from '../config/key-store-forge.ts';
import { placeFile, replaceFile } from '../config/key-store-write.ts';
import { UsageError } from './command.ts';

/** What is to be written, and where. */
export interface NewKeyStore {
  /** Without extension. */
  readonly name: string;
  readonly folder: string;
  /** PKCS#8, PEM. */
  readonly key: string;
  /** PEM, the leaf first. */
  readonly chain: readonly string[];
  /** undefined: one is made. */
  readonly password: string | undefined;
  /** Where a made password goes as NAME=value; undefined: the caller tells it. */
  readonly envFile: string | undefined;
  /** Writes the key as PEM beside the store, too. */
  readonly withKeyFile: boolean;
  readonly force: boolean;
}

/** What has been written. */
export interface PlacedKeyStore {
  /** File names in the folder; the store comes first. */
  readonly files: readonly string[];
  /** The variable that destinations find the password in. */
  readonly variable: string;
  readonly password: string;
  readonly isMade: boolean;
}

/**
 * Writes `NAME.p12`, `NAME.crt` and, if wanted, `NAME.key`, readable by their owner only. Nothing is replaced unless
 * forced, and nothing is written when something is in the way.
 * @throws Error that names what is in the way; KeyStoreError when the folder cannot be written to
 */
export async function placeKeyStore(store: NewKeyStore): Promise<PlacedKeyStore> {
  const { name, folder, key, chain, envFile, withKeyFile, force } = store;
  const password = store.password ?? randomBytes(24).toString('base64url');
  const files = new Map<string, string | Uint8Array>([
    [`${name}.p12`, await makePkcs12(key, chain, password)],
    [`${name}.crt`, chain.join('')],
    ...(withKeyFile ? [[`${name}.key`, key] as const] : []),
  ]);
  const variable = `${name
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase()
    .replace(/^(\d)/, '_$1')}_KEYSTORE_PASSWORD`;
  const variables = envFile === undefined ? undefined : await withVariable(envFile, variable, password, force);
  const inTheWay = force
    ? []
    : [...files.keys()].map((file) => path.join(folder, file)).filter((file) => existsSync(file));
  if (inTheWay.length > 0) throw new Error(`already there, and left alone: ${inTheWay.join(', ')} (--force replaces)`);
  for (const [file, content] of files) {
    const at = path.join(folder, file);
    if (force) await replaceFile(at, content, 0o600);
    else if (!(await placeFile(at, content, 0o600))) throw new Error(`already there, and left alone: ${at}`);
  }
  if (envFile !== undefined && variables !== undefined) await replaceFile(envFile, variables, 0o600);
  return { files: [...files.keys()], variable, password, isMade: store.password === undefined };
}

/** A file's name without its extension, as a key store can be called. @throws UsageError */
export function keyStoreName(given: string): string {
  const name = given.replace(/\.(p12|pfx|pem|crt)$/i, '');
  if (/^[\p{L}\p{N}_][\p{L}\p{N}_. -]*$/u.test(name) && name.length <= 100) return name;
  throw new UsageError(`"${given}" cannot be the name of a key store: letters, digits, "_", "-" and "."`);
}

/** The file with one variable more. Others in it stay. */
async function withVariable(file: string, variable: string, value: string, force: boolean): Promise<string> {
  const before = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw cause;
  });
  const lines = before.split(/(?<=\n)/);
  const others = lines.filter((line) => !line.startsWith(`${variable}=`));
  if (others.length < lines.length && !force)
    throw new Error(`${file} has ${variable} already, and was left alone (--force replaces it)`);
  const text = others.join('');
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${variable}=${quoted(value)}\n`;
}

/** As node --env-file and shells read it. */
function quoted(value: string): string {
  if (/^[\w./:@%+=,-]*$/.test(value)) return value;
  return value.includes("'") ? JSON.stringify(value) : `'${value}'`;
}
