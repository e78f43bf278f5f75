import { nearest } from '../config/nearest.ts';
import type { Problems, Rule } from '../errors/config-error.ts';

/**
 * The flat properties of one destination while it is parsed. Asking for a property also makes it known: what nobody
 * asked for is free text, or a misspelling of something that was asked for and is not there.
 */
export interface Properties {
  /** Value as text; undefined when absent or empty. */
  text(name: string): string | undefined;
  /** Value as text; a problem when absent. */
  required(name: string, why: string): string;
  /** `true` or `false` in any case. */
  flag(name: string, fallback: boolean): boolean;
  /** Whole number within bounds. */
  wholeNumber(name: string, min: number, max: number): number | undefined;
  /** One of some words, in any case; the first is the default. */
  oneOf<T extends string>(name: string, values: readonly [T, ...T[]]): T;
  /** All properties `<prefix><rest>`, by rest. */
  family(prefix: string): Readonly<Record<string, string>>;
  problem(name: string, message: string, rule?: Rule): void;
  warn(name: string, message: string, rule?: Rule): void;
  /** Something outside the properties that the destination depends on, such as the content of a key store. */
  dependsOn(fingerprint: string): void;
  /** Warns of misspelt names; call when everything has been asked for. */
  warnOfMisspellings(): void;
  readonly failed: boolean;
  /** All values and dependencies in a canonical form: equal exactly when the destination is. Holds secrets. */
  canonical(): string;
}

export interface PropertiesContext {
  readonly file: string;
  /** JSON path of the destination's object, e.g. `0`; empty for the whole file. */
  readonly path: string;
  /** Value of an environment variable, for `${env:NAME}`. */
  readonly env: (name: string) => string | undefined;
  readonly problems: Problems;
  /**
   * Set for destinations that somebody else wrote: where they come from, and for whom. Equal ones of different places get
   * different fingerprints, and `${env:…}` in them stays as it is: it would hand out the secrets of this machine.
   */
  readonly origin?: string;
}

/** What the Destination service's answers carry beside the properties; left in by who copies a whole answer. */
const leftovers = new Set(['owner', 'authTokens', 'certificates']);

/** Opens the properties of one destination; values are made text, and `${env:NAME}` is replaced in them. */
export function openProperties(raw: Readonly<Record<string, unknown>>, context: PropertiesContext): Properties {
  const { file, path, env, problems, origin } = context;
  const values = new Map<string, string>();
  const unusable = new Set<string>();
  const asked = new Set<string>();
  const families = new Set<string>();
  const dependencies: string[] = origin === undefined ? [] : [origin];
  let failed = false;

  const at = (name: string) => (path === '' ? name : `${path}/${name}`);
  const report = (name: string, message: string, rule?: Rule) => {
    failed = true;
    problems.add(file, at(name), message, rule);
  };

  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined || value === null || value === '' || leftovers.has(name) || name.startsWith('$')) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      values.set(name, origin === undefined ? expand(name, String(value)) : String(value));
    } else {
      unusable.add(name);
      report(name, 'must be text, a number or a boolean');
    }
  }

  function expand(name: string, value: string): string {
    return value.replace(/\$\{env:([^}]*)\}/g, (_, variable: string) => {
      const found = env(variable);
      if (found !== undefined) return found;
      unusable.add(name);
      report(
        name,
        `the environment variable ${variable} is not set; set it, or write the value here`,
        'unset-variable',
      );
      return '';
    });
  }

  /** The name as written: exactly, or as the approuter's environment destinations spell it (xs-app.md 5.1). */
  function written(name: string): string {
    asked.add(name);
    const spellings = spellingsOf(name).filter((spelling) => values.has(spelling) || unusable.has(spelling));
    const [first = absentAs(name), ...others] = spellings;
    for (const other of others) {
      if (values.get(other) === values.get(first) || unusable.has(other)) continue;
      unusable.add(other);
      report(other, `says something else than ${first}; remove one of the two`);
    }
    return first;
  }

  /** How to name a missing property to somebody who writes the approuter's format. */
  function absentAs(name: string): string {
    const approuter = 'name' in raw || 'url' in raw;
    return approuter && (name === 'Name' || name === 'URL') ? name.toLowerCase() : name;
  }

  const text = (name: string) => {
    const key = written(name);
    return unusable.has(key) ? undefined : values.get(key) || undefined;
  };

  /** Reads a value by a rule; an unusable one has been reported and needs no second complaint. */
  function read<T>(name: string, fallback: T, rule: (value: string) => T | undefined, complaint: string): T {
    const value = text(name);
    if (value === undefined) return fallback;
    const result = rule(value.trim());
    if (result === undefined) report(written(name), complaint);
    return result ?? fallback;
  }

  return {
    text,
    required(name, why) {
      const value = text(name);
      if (value === undefined && !unusable.has(written(name))) {
        const slip = [...values.keys()].find((key) => !asked.has(key) && nearest(key, [name], 1) !== undefined);
        const cure = slip === undefined ? why : `write "${slip}", which nothing reads, as ${absentAs(name)}`;
        report(written(name), `is missing; ${cure}`);
      }
      return value ?? '';
    },
    flag(name, fallback) {
      const rule = (value: string) => (/^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : undefined);
      return read(name, fallback, rule, 'must be true or false');
    },
    wholeNumber(name, min, max) {
      const rule = (value: string) => {
        const number = /^\d{1,15}$/.test(value) ? Number(value) : -1;
        return number >= min && number <= max ? number : undefined;
      };
      return read<number | undefined>(name, undefined, rule, `must be a whole number from ${min} to ${max}`);
    },
    oneOf(name, choices) {
      const rule = (value: string) => choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
      return read(name, choices[0], rule, `must be one of ${choices.join(', ')}`);
    },
    family(prefix) {
      families.add(prefix);
      const members: Record<string, string> = Object.create(null);
      for (const [name, value] of values) {
        if (!name.startsWith(prefix) || unusable.has(name)) continue;
        asked.add(name);
        if (name === prefix) report(name, 'lacks a name after the last dot');
        else members[name.slice(prefix.length)] = value;
      }
      return members;
    },
    problem: (name, message, rule) => report(written(name), message, rule),
    warn: (name, message, rule) => problems.warn(file, at(written(name)), message, rule),
    dependsOn: (fingerprint) => void dependencies.push(fingerprint),
    warnOfMisspellings() {
      const known = [...asked].flatMap(spellingsOf);
      const absent = known.filter((name) => !values.has(name));
      for (const name of values.keys()) {
        if (known.includes(name)) continue;
        const stem = name.slice(0, name.lastIndexOf('.') + 1);
        // Of two spellings the one that begins alike: HTML5.Timeout or timeout.
        const alike = absent.toSorted((a, b) => Number(b[0] === name[0]) - Number(a[0] === name[0]));
        const guess = nearest(name, alike) ?? (stem && nearest(stem, [...families]));
        if (guess) problems.warn(file, at(name), `has no effect; did you mean ${guess}?`, 'unknown-property');
      }
    },
    get failed() {
      return failed;
    },
    canonical: () => JSON.stringify([[...values].sort(([a], [b]) => (a < b ? -1 : 1)), dependencies]),
  };
}

/**
 * Destination-service spelling first, then the approuter's: prefix `HTML5.` dropped, first letter lower case
 * (destination-service.md section 7).
 */
function spellingsOf(name: string): string[] {
  const short = name.startsWith('HTML5.') ? name.slice('HTML5.'.length) : name;
  if (short.includes('.')) return [name];
  const lowered = short === 'URL' ? 'url' : short.charAt(0).toLowerCase() + short.slice(1);
  return [...new Set([name, short, lowered])];
}
