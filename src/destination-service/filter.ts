import { refusal } from './refusal.ts';

/** What a filter looks at. */
export interface Filtered {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
  readonly labels: readonly Label[];
}

/** Said about a thing to find it again; not secret (destination-service.md 4.1). */
export interface Label {
  readonly key: string;
  readonly values: readonly string[];
}

export interface Filter {
  readonly matches: (one: Filtered) => boolean;
  /** Of `Name in (…)`: exactly these. */
  readonly names: readonly string[] | undefined;
}

const text = "'((?:[^']|'')*)'";
const list = `\\(\\s*('(?:[^']|'')*'(?:\\s*,\\s*'(?:[^']|'')*')*)\\s*\\)`;

interface Clause {
  readonly form: RegExp;
  readonly read: (parts: readonly string[], now: number) => Filter;
}

/** The clauses there are (4.6). */
const clauses: readonly Clause[] = [
  {
    form: new RegExp(`^(?:Fragment)?Name\\s+in\\s*${list}`, 'i'),
    read([names = '']) {
      const wanted = textsOf(names).map(percentDecoded);
      return { names: wanted, matches: ({ name }) => wanted.includes(name) };
    },
  },
  {
    form: new RegExp(`^startswith\\s*\\(\\s*(?:Fragment)?Name\\s*,\\s*${text}\\s*\\)`, 'i'),
    read: ([start = '']) => ({ names: undefined, matches: ({ name }) => name.startsWith(unquoted(start)) }),
  },
  {
    form: new RegExp(`^endswith\\s*\\(\\s*(?:Fragment)?Name\\s*,\\s*${text}\\s*\\)`, 'i'),
    read: ([end = '']) => ({ names: undefined, matches: ({ name }) => name.endsWith(unquoted(end)) }),
  },
  {
    form: /^modifiedwithin\s*\(\s*'(\d{1,5})'\s*,\s*'minutes'\s*\)/i,
    read([minutes = ''], now) {
      const span = Number(minutes);
      if (span < 1 || span > 1_440) throw refusal(400, 'modifiedwithin takes 1 to 1440 minutes');
      return { names: undefined, matches: ({ changedAt }) => changedAt >= now - span * 60_000 };
    },
  },
  {
    form: new RegExp(`^Label\\[${text}\\]\\s+HAS\\s*${list}`, 'i'),
    read([key = '', values = '']) {
      const wanted = textsOf(values);
      const has = (label: Label) => label.key === unquoted(key) && wanted.every((one) => label.values.includes(one));
      return { names: undefined, matches: ({ labels }) => labels.some(has) };
    },
  },
];

/** Reads `$filter`. @throws AppError 400 */
export function readFilter(expression: string, now: number): Filter {
  const read: Filter[] = [];
  for (let rest = expression.trim(); ; ) {
    const found = clauses.flatMap((clause) => {
      const match = clause.form.exec(rest);
      return match === null ? [] : [{ clause, match }];
    })[0];
    if (found === undefined) throw refusal(400, 'The value of $filter is not understood');
    read.push(found.clause.read(found.match.slice(1), now));
    rest = rest.slice(found.match[0].length);
    if (rest.trim() === '') break;
    const and = /^\s+and\s+/i.exec(rest);
    if (and === null) throw refusal(400, 'The value of $filter is not understood');
    rest = rest.slice(and[0].length);
  }
  return {
    matches: (one) => read.every(({ matches }) => matches(one)),
    names: read.length === 1 ? read[0]?.names : undefined,
  };
}

function textsOf(quoted: string): string[] {
  return [...quoted.matchAll(/'((?:[^']|'')*)'/g)].map(([, inner = '']) => unquoted(inner));
}

/** A quote is doubled. */
function unquoted(inner: string): string {
  return inner.replaceAll("''", "'");
}

/** Each name of a list is percent-encoded of itself. */
function percentDecoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
