import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type DocumentNode, type MemberNode, parse } from '@humanwhocodes/momoa';
import { configurationFiles } from '../config/configuration-files.ts';
import type { Region } from './finding.ts';

/** What configuration is read from, and what stands beside it for the platform; findings name these. */
const names = [...configurationFiles, 'xs-security.json'] as const;

/** A JSON file with the places of everything in it, or the place where it is none; undefined: there is no such file. */
export type Document = DocumentNode | { readonly fault: Region } | undefined;
export type Documents = ReadonlyMap<string, Document>;

/** Reads the configuration's files once more, for the places. */
export function readDocuments(workingDirectory: string): Documents {
  return new Map(names.map((name) => [name, read(path.join(workingDirectory, name))]));
}

function read(file: string): Document {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return parse(text, { mode: 'json' });
  } catch (cause) {
    const { line = 1, column = 1 } = cause as { line?: number; column?: number };
    return { fault: { line, column, endLine: line, endColumn: column } };
  }
}

/** Name of a property. */
export function nameOf({ name }: MemberNode): string {
  return name.type === 'String' ? name.value : name.name;
}
