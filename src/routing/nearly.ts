import { nearest } from '../config/nearest.ts';
import type { RoutedRequest } from './match-route.ts';
import { openingOf } from './opening-of.ts';

/** How a source that is not found in a request would be. */
export interface Nearly {
  /** `close`: but for case, query or slashes; `alike`: another beginning, which may well be meant so. */
  readonly nearness: 'close' | 'alike';
  /** Ends a sentence: "in another case it would be". */
  readonly hint: string;
}

/** Letters of a beginning that say enough to be taken for a misspelt one. */
const fewest = 3;

/** What little would have to be otherwise for a source to be found; undefined: more than that. Pure. */
export function nearly(source: RegExp, { url, path }: RoutedRequest): Nearly | undefined {
  const query = url.slice(path.length);
  const found = (target: string) => target !== url && source.test(target);
  if (new RegExp(source.source, 'i').test(url)) return { nearness: 'close', hint: 'in another case it would be' };
  const close = [
    [path, 'without the query'],
    [`${path}/${query}`, 'with a slash at the end of the path'],
    [path.replace(/\/$/, '') + query, 'without the slash at the end of the path'],
    [path.replace(/\/{2,}/g, '/') + query, 'with one slash where there are several'],
    [decoded(path) + query, 'with what is escaped written out'],
  ].find(([target = '']) => found(target));
  if (close !== undefined) return { nearness: 'close', hint: `${close[1]} it would be` };
  const { anchored, literal } = openingOf(source.source);
  if (!anchored || literal.replaceAll('/', '').length < fewest) return undefined;
  const at = path.indexOf(literal);
  if (at > 0 && found(url.slice(at)))
    return { nearness: 'alike', hint: `without "${path.slice(0, at)}" before "${literal}" it would be` };
  const begun = beginningLike(literal, path);
  // No misspelling is half as long again, and comparing long texts letter by letter takes time.
  if (begun.length > literal.length * 1.5) return undefined;
  if (nearest(begun, [literal]) === undefined || !found(literal + url.slice(begun.length))) return undefined;
  return { nearness: 'alike', hint: `with "${literal}" in place of "${begun}" it would be` };
}

/** Of a path as many segments as a text has: `/grpah/` of `/grpah/me` for `/graph/`. */
function beginningLike(literal: string, path: string): string {
  const segments = literal.split('/').length;
  const begun = path.split('/').slice(0, segments);
  if (!literal.endsWith('/')) return begun.join('/');
  return begun.length < segments ? path : `${begun.slice(0, -1).join('/')}/`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
