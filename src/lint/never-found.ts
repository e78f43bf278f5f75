import { hasAlternatives } from '../routing/opening-of.ts';

/** A character that stands for itself, escaped or not, and stands there at least once. */
const plain = /^(?:\\(\W)|([^\\^$.*+?()[\]{}|]))(?![*?{])/u;

/**
 * Why no request target holds what a source begins with: targets begin with a slash and are printable ASCII without `#`,
 * everything else stands in them percent-encoded, and nothing is decoded before matching (xs-app.md 3.2 step 1).
 * @returns undefined where nothing is proven
 */
export function neverFound(source: string): string | undefined {
  const anchored = source.startsWith('^');
  let rest = anchored ? source.slice(1) : source;
  if (hasAlternatives(rest)) return undefined;
  for (let first = anchored; ; first = false) {
    const [all, escaped, bare] = plain.exec(rest) ?? [];
    const character = escaped ?? bare;
    if (all === undefined || character === undefined) return undefined;
    if (first && character !== '/') return `request targets begin with a slash; write ^/${rest}`;
    if (!/[\x21\x22\x24-\x7e]/.test(character))
      return `"${character}" stands percent-encoded in request targets; write ${encodeURIComponent(character.toWellFormed())}`;
    rest = rest.slice(all.length);
    if (rest.startsWith('+')) return undefined;
  }
}
