import type { z } from 'zod';
import type { Problems } from '../errors/config-error.ts';
import { jsonFault } from './json-fault.ts';
import { nearest } from './nearest.ts';

/**
 * Parses text as JSON and checks it against a schema; everything wrong goes to `problems`, with file and JSON path.
 * @returns the typed value, or undefined when anything was wrong.
 */
export function parseJson<S extends z.ZodType>(
  file: string,
  text: string,
  schema: S,
  problems: Problems,
): z.infer<S> | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    problems.add(file, '', jsonFault(cause, text), 'invalid-json');
    return undefined;
  }
  return checkShape(file, raw, schema, problems);
}

/** Like parseJson for a value that is parsed already. */
export function checkShape<S extends z.ZodType>(
  file: string,
  raw: unknown,
  schema: S,
  problems: Problems,
): z.infer<S> | undefined {
  // Read once: compiling the schema (jit) would take longer than that.
  const result = schema.safeParse(raw, { error: tellIssue, jitless: true });
  if (result.success) return result.data;
  for (const issue of result.error.issues) reportIssue(file, issue, schema, problems);
  return undefined;
}

function reportIssue(file: string, issue: z.core.$ZodIssue, schema: z.ZodType, problems: Problems): void {
  const at = issue.path.map(String);
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The variant that got furthest says best what was meant.
    const deepest = issue.errors.reduce((best, next) => (depth(next) > depth(best) ? next : best));
    // None got anywhere: the union's own words say best what is wanted.
    if (depth(deepest) === 0) problems.add(file, at.join('/'), issue.message);
    else
      for (const inner of deepest) {
        reportIssue(file, { ...inner, path: [...issue.path, ...inner.path] }, schema, problems);
      }
    return;
  }
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      const known = knownKeys(schema, issue.path);
      const guess = nearest(key, known);
      const cure = guess ? `did you mean "${guess}"?` : `remove it; known properties: ${known.join(', ')}`;
      problems.add(file, [...at, key].join('/'), `unknown property; ${cure}`, 'unknown-property');
    }
    return;
  }
  problems.add(file, at.join('/'), issue.message);
}

/** Our words for what zod finds, where the schema has none of its own: what is wrong and what would be right. */
export const tellIssue: z.core.$ZodErrorMap = (issue) => {
  // The name of an entry is at fault: what its own rule says of it.
  if (issue.code === 'invalid_key') return issue.issues[0]?.message;
  if (issue.code === 'invalid_value' && issue.values.length > 1) return `must be one of ${issue.values.join(', ')}`;
  if (issue.code === 'too_small' && issue.minimum === 1 && issue.origin !== 'number') return 'must not be empty';
  if (issue.code === 'too_small') return `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}`;
  if (issue.code !== 'invalid_type') return undefined;
  const expected = plainWords[issue.expected] ?? issue.expected;
  const article = /^[aeiou]/.test(expected) ? 'an' : 'a';
  return issue.input === undefined ? `is missing; it must be ${article} ${expected}` : `must be ${article} ${expected}`;
};

/** What zod calls otherwise than JSON does. */
const plainWords: Readonly<Record<string, string>> = { record: 'object', int: 'whole number' };

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'invalid_type' ? 0 : 1)));
}

/** Property names a schema knows at a path, found by walking its definition. */
function knownKeys(schema: z.ZodType, at: readonly PropertyKey[]): string[] {
  const walk = (node: unknown, rest: readonly PropertyKey[]): string[] => {
    const def = (node as { def?: Record<string, unknown> }).def;
    if (!def) return [];
    if (def['innerType']) return walk(def['innerType'], rest);
    if (def['in']) return walk(def['in'], rest);
    if (Array.isArray(def['options'])) return def['options'].flatMap((option) => walk(option, rest));
    if (def['type'] === 'array') return walk(def['element'], rest.slice(1));
    if (def['type'] === 'record' && rest.length === 0) return walk(def['keyType'], []);
    if (def['type'] === 'enum') return Object.keys(def['entries'] as object);
    if (def['type'] === 'record') return walk(def['valueType'], rest.slice(1));
    if (def['type'] === 'object') {
      const shape = def['shape'] as Record<string, unknown>;
      const [head, ...tail] = rest;
      return head === undefined ? Object.keys(shape) : walk(shape[String(head)], tail);
    }
    return [];
  };
  return [...new Set(walk(schema, at))];
}
