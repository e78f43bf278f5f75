import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One source file: its path below the project, and what it says. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
}

/** One import, static or dynamic. */
export interface Import {
  readonly from: string;
  /** Path below the project for our own files, else the name as written. */
  readonly to: string;
  /** Erased before the program runs. */
  readonly typeOnly: boolean;
}

/** All TypeScript files of these folders that run: declarations are erased. @param root the project */
export function readSources(root: string, folders: readonly string[]): readonly Source[] {
  return folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => {
        const file = path.posix.join(folder, name.split(path.sep).join('/'));
        const text = readFileSync(path.join(root, file), 'utf8');
        return { path: file, text, lines: text.split('\n').length - 1 };
      }),
  );
}

const statement = /^(?:import|export)\s(?:([^'";]*?)\sfrom\s)?'([^']+)';/gm;
// `import('x').Name` in the place of a type is erased; a call stays.
const call = /\bimport\(\s*'([^']+)'\s*\)(\.[A-Z]\w*)?/g;

/** What a file imports. Formatting is settled by biome: statements begin a line and end in `';`. */
export function importsOf({ path: from, text }: Source): readonly Import[] {
  const found: Import[] = [];
  for (const [, clause = '', name = ''] of text.matchAll(statement))
    found.push({ from, to: resolve(from, name), typeOnly: isTypeClause(clause) });
  for (const [, name = '', member] of text.matchAll(call))
    found.push({ from, to: resolve(from, name), typeOnly: member !== undefined });
  return found;
}

/** `type { A }`, or `{ type A, type B }` and nothing beside it. */
function isTypeClause(clause: string): boolean {
  if (/^type\b/.test(clause)) return true;
  const named = /^\{([^}]*)\}$/s.exec(clause.trim())?.[1];
  const names = named?.split(',').flatMap((name) => name.trim() || []) ?? [];
  return names.length > 0 && names.every((name) => name.startsWith('type '));
}

function resolve(from: string, name: string): string {
  return name.startsWith('.') ? path.posix.join(path.posix.dirname(from), name) : name;
}

/** Groups of files that import each other round about, whatever the length of the way. */
export function cyclesOf(files: readonly string[], imports: readonly Import[]): readonly (readonly string[])[] {
  const next = new Map(files.map((file) => [file, imports.filter(({ from, to }) => from === file && to !== file)]));
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.get(file) ?? 0);
    stack.push(file);
    for (const { to } of next.get(file) ?? []) {
      if (!next.has(to)) continue;
      if (!order.has(to)) visit(to);
      if (stack.includes(to)) lowest.set(file, Math.min(lowest.get(file) ?? 0, lowest.get(to) ?? 0));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const group = stack.splice(stack.indexOf(file));
    if (group.length > 1) cycles.push(group);
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return cycles;
}
