import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

const chart = path.resolve(import.meta.dirname, '../../../deploy/kyma');

type Scope = Readonly<Record<string, unknown>>;
/** What a template is made of, as far as ours use it. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly of: string }
  | { readonly kind: 'if' | 'range'; readonly of: string; readonly body: readonly Part[] };

/**
 * Renders the chart as Helm does, for the part of its language that our templates keep to: if, range, and pipelines of
 * toJson, trimPrefix, trimSuffix, printf and required. Anything else is an error: a template that is not understood is not
 * tested. toString is left out on purpose: Go writes a number of seven digits as 5.24288e+06.
 * @param values laid over values.yaml
 */
export function renderChart(values: object): readonly Readonly<Record<string, never>>[] {
  const defaults = parse(readFileSync(path.join(chart, 'values.yaml'), 'utf8')) as Scope;
  const scope: Scope = { Values: over(defaults, values as Scope), Release: { Name: 'harbour' } };
  return readdirSync(path.join(chart, 'templates')).flatMap((name) => {
    const tokens = tokensOf(readFileSync(path.join(chart, 'templates', name), 'utf8'));
    const text = write(readParts(tokens), { dot: scope, named: {} });
    if (tokens.length > 0) throw new Error(`${name}: an end too many`);
    return parseAllDocuments(text, { strict: true, uniqueKeys: true }).flatMap((document) => {
      if (document.errors.length > 0) throw new Error(`${name}: ${document.errors.map(String).join('\n')}`);
      return document.contents === null ? [] : [document.toJS() as Readonly<Record<string, never>>];
    });
  });
}

function over(base: Scope, top: Scope): Scope {
  const unknown = Object.keys(top).filter((name) => !(name in base));
  if (unknown.length > 0) throw new Error(`values.yaml has no ${unknown.join(', ')}`);
  const isMap = (value: unknown): value is Scope =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
  return Object.fromEntries(
    Object.entries(base).map(([name, value]) => {
      const one = top[name];
      return [name, one === undefined ? value : isMap(value) && isMap(one) ? over(value, one) : one];
    }),
  );
}

function tokensOf(text: string): string[] {
  return text.split(/(?=\{\{)|(?<=\}\})/).reduce<string[]>((all, token) => {
    if (token.startsWith('{{-')) all.push(all.pop()?.replace(/\s+$/, '') ?? '');
    all.push(token);
    return all;
  }, []);
}

function readParts(tokens: string[]): Part[] {
  const parts: Part[] = [];
  for (let token = tokens.shift(); token !== undefined; token = tokens.shift()) {
    const [, code] = /^\{\{-?\s*([\s\S]*?)\s*\}\}$/.exec(token) ?? [];
    const [, kind, of = ''] = /^(if|range) (.+)$/.exec(code ?? '') ?? [];
    if (code === undefined) parts.push({ kind: 'text', text: token });
    else if (code === 'end') return parts;
    else if (kind === 'if' || kind === 'range') parts.push({ kind, of, body: readParts(tokens) });
    else parts.push({ kind: 'value', of: code });
  }
  return parts;
}

interface Place {
  readonly dot: unknown;
  readonly named: Scope;
}

function write(parts: readonly Part[], place: Place): string {
  return parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      if (part.kind === 'value') return String(evaluate(part.of, place));
      if (part.kind === 'if') {
        const [, not, of = ''] = /^(not )?(.+)$/.exec(part.of) ?? [];
        return Boolean(evaluate(of, place)) !== Boolean(not) ? write(part.body, place) : '';
      }
      const [, key, item, of = part.of] = /^\$(\w+), \$(\w+) := (.+)$/.exec(part.of) ?? [];
      return Object.entries(evaluate(of, place) as Scope)
        .map(([name, dot]) => write(part.body, { dot, named: key && item ? { [key]: name, [item]: dot } : {} }))
        .join('');
    })
    .join('');
}

const functions: Readonly<Record<string, (...given: never[]) => unknown>> = {
  toJson: (value: unknown) => JSON.stringify(value),
  trimPrefix: (prefix: string, text: string) => (text.startsWith(prefix) ? text.slice(prefix.length) : text),
  trimSuffix: (suffix: string, text: string) => (text.endsWith(suffix) ? text.slice(0, -suffix.length) : text),
  printf: (format: string, value: unknown) => format.replace('%s', () => String(value)),
  required: (message: string, value: unknown) => {
    if (value === undefined || value === '') throw new Error(message);
    return value;
  },
};

function evaluate(code: string, place: Place): unknown {
  let piped: unknown[] = [];
  for (const stage of code.split(' | ')) {
    const words = stage.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
    const [first = '', ...rest] = words;
    const call = functions[first];
    const given = (call === undefined ? words : rest).map((word) => look(word, place));
    piped = [call === undefined ? given[0] : call(...([...given, ...piped] as never[]))];
  }
  return piped[0];
}

function look(word: string, { dot, named }: Place): unknown {
  if (word.startsWith('"')) return JSON.parse(word);
  if (word === '.') return dot;
  const [, from, rest = ''] = /^(\$\w+)?((?:\.\w+)*)$/.exec(word) ?? [];
  if (from === undefined && rest === '') throw new Error(`"${word}" is beyond what these templates may use`);
  const start = from === undefined ? dot : named[from.slice(1)];
  const value = rest
    .split('.')
    .filter(Boolean)
    .reduce<unknown>((at, name) => (at as Scope | undefined)?.[name], start);
  if (value === undefined) throw new Error(`${word} is nowhere`);
  return value;
}
