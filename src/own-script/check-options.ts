import { nearest } from '../config/nearest.ts';

/** What an option must be, as far as it is checked here: what could stand in files or variables is checked as those are. */
export type OptionKind = 'function' | 'list' | 'anything';

const fits = {
  function: (value: unknown) => typeof value === 'function',
  list: Array.isArray,
  anything: () => true,
} satisfies Record<OptionKind, (value: unknown) => boolean>;

/** @throws TypeError for an option that does not exist, with the one that was probably meant, and for a wrong kind of value */
export function checkOptions(options: object, kinds: Readonly<Record<string, OptionKind>>): void {
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) {
      const known = Object.keys(kinds);
      const guess = nearest(name, known);
      throw new TypeError(
        `there is no option "${name}"; ${guess ? `did you mean "${guess}"?` : `there are ${known.join(', ')}`}`,
      );
    }
    if (value !== undefined && !fits[kind](value)) throw new TypeError(`the option "${name}" must be a ${kind}`);
  }
}
