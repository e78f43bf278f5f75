import type { z } from 'zod';
import { type Problem, Problems } from '../errors/config-error.ts';
import { parseJson } from './parse-json.ts';

/** How one environment variable is read: its text → a typed value, or what is wrong with it. */
export interface Variable<T> {
  readonly name: string;
  readonly fallback: T;
  readonly doc: string;
  readonly parse: (text: string) => Parsed<T>;
}

/** A value, with a doubt perhaps; or what is wrong with the text, or with single places in it. */
export type Parsed<T> =
  | { readonly value: T; readonly warning?: string }
  | { readonly problem: string }
  | { readonly problems: readonly Problem[] };

/** Free text. */
export function text<F extends string | undefined>(name: string, fallback: F, doc: string): Variable<string | F> {
  return { name, fallback, doc, parse: (value) => ({ value }) };
}

/** Free text of a given form. */
export function word<F extends string>(name: string, fallback: F, form: RegExp, doc: string): Variable<string | F> {
  const parse = (value: string): Parsed<string> =>
    form.test(value) ? { value } : { problem: 'holds characters that it may not have' };
  return { name, fallback, doc, parse };
}

/** One of some words. */
export function choice<const W extends string>(
  name: string,
  fallback: W,
  words: readonly W[],
  doc: string,
): Variable<W> {
  const parse = (value: string): Parsed<W> => {
    const known = words.find((one) => one === value.trim().toLowerCase());
    return known === undefined ? { problem: `must be ${words.join(' or ')}` } : { value: known };
  };
  return { name, fallback, doc, parse };
}

/** One of some words, each of which has other spellings; one that nobody knows is doubtful, and the fallback stands. */
export function spelling<W extends string>(
  name: string,
  fallback: NoInfer<W>,
  words: Readonly<Record<W, readonly string[]>>,
  doc: string,
): Variable<W> {
  const known = Object.keys(words) as W[];
  const parse = (value: string): Parsed<W> => {
    const asked = value.trim().toLowerCase();
    const meant = known.find((word) => word === asked || words[word].includes(asked));
    if (meant !== undefined) return { value: meant };
    return { value: fallback, warning: `is none of ${known.join(', ')}; ${fallback} counts` };
  };
  return { name, fallback, doc, parse };
}

/** `true` or `false`. */
export function flag<F extends boolean | undefined>(name: string, fallback: F, doc: string): Variable<boolean | F> {
  const parse = (value: string): Parsed<boolean> =>
    /^(true|false)$/i.test(value) ? { value: /^true$/i.test(value) } : { problem: 'must be true or false' };
  return { name, fallback, doc, parse };
}

/** What timers can wait, in milliseconds: more makes them fire at once. No number that is set here need be larger. */
const largest = 2_147_483_647;

/** A number within bounds. */
export function number<F extends number | undefined>(
  name: string,
  fallback: F,
  bounds: { readonly min: number; readonly max?: number; readonly whole?: boolean; readonly above?: boolean },
  doc: string,
): Variable<number | F> {
  const { min, max = largest, whole = false, above = false } = bounds;
  const parse = (value: string): Parsed<number> => {
    const n = Number(value);
    const fits = Number.isFinite(n) && n <= max && (above ? n > min : n >= min) && (!whole || Number.isInteger(n));
    if (value.trim() !== '' && fits) return { value: n };
    const kind = whole ? 'a whole number' : 'a number';
    const most = bounds.max === undefined && !(n > max) ? '' : ` and at most ${max}`;
    return { problem: `must be ${kind} ${above ? `above ${min}` : `of at least ${min}`}${most}` };
  };
  return { name, fallback, doc, parse };
}

/** A regular expression with at least one group. */
export function pattern(name: string, doc: string): Variable<RegExp | undefined> {
  const parse = (value: string): Parsed<RegExp> => {
    try {
      const expression = new RegExp(value);
      const groups = (new RegExp(`${value}|`).exec('')?.length ?? 1) - 1;
      return groups > 0 ? { value: expression } : { problem: 'needs a group in parentheses' };
    } catch (cause) {
      return { problem: `is not a valid regular expression: ${(cause as Error).message}` };
    }
  };
  return { name, fallback: undefined, doc, parse };
}

/** JSON text of a given shape; each fault is told with its place. */
export function json<S extends z.ZodType, F>(
  name: string,
  fallback: F,
  schema: S,
  doc: string,
): Variable<z.infer<S> | F> {
  const parse = (value: string): Parsed<z.infer<S>> => {
    const problems = new Problems();
    const parsed = parseJson(name, value, schema, problems);
    return problems.count > 0 ? { problems: problems.list } : { value: parsed as z.infer<S> };
  };
  return { name, fallback, doc, parse };
}
