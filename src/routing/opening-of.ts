/** What a regular expression surely begins with. */
export interface Opening {
  /** It is found at the beginning of a target only. */
  readonly anchored: boolean;
  /** Characters that stand there, in this order. */
  readonly literal: string;
  /** Whether anything may follow; else something is asked of it. */
  readonly open: boolean;
}

const nothing: Opening = { anchored: false, literal: '', open: false };
/** Something that is found whatever stands there: targets hold no line breaks. */
const anything = /^(?:\(?(?:\?:)?\.\*\??\)?\$?)?$/;

/** Reads as much of an expression as is plain text. What it does not understand, it says nothing of. */
export function openingOf(source: string): Opening {
  const anchored = source.startsWith('^');
  let rest = anchored ? source.slice(1) : source;
  if (hasAlternatives(rest)) return nothing;
  let literal = '';
  for (;;) {
    const found = /^(?:\\([/.\-_~!?=&%:@+,*^$|(){}[\]\\])|([\w/~!=&%:@,-]))(?![*?{])/.exec(rest);
    if (found === null) break;
    // What is repeated stands there once at least; after it, it may stand again.
    const repeated = rest[found[0].length] === '+';
    literal += found[1] ?? found[2] ?? '';
    rest = rest.slice(found[0].length);
    if (repeated) return { anchored, literal, open: false };
  }
  return { anchored, literal, open: anything.test(rest) };
}

/** Whether `|` stands outside of all groups and classes: then either side may be found. */
export function hasAlternatives(source: string): boolean {
  const bare = source.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  let depth = 0;
  for (const character of bare) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === '|' && depth === 0) return true;
  }
  return false;
}
