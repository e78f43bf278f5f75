import { openingOf } from './opening-of.ts';
import type { Route } from './route.ts';

/** Routes by what their sources surely begin with. */
interface Index {
  /** Positions of the routes whose sources begin with a text, by that text. */
  readonly byOpening: ReadonlyMap<string, readonly number[]>;
  /** Lengths of those texts. */
  readonly lengths: readonly number[];
  /** Positions of the routes of which nothing is known. */
  readonly others: readonly number[];
}

/** So few are tried one after the other in no time. */
const few = 16;

const indexes = new WeakMap<readonly Route[], Index>();

/**
 * The routes that may take a request, in their order: those left out cannot, because their source begins with another
 * text. A thousand expressions tried in turn cost more than all the rest of a request.
 * @param url path and query as they came
 */
export function routesFor(routes: readonly Route[], url: string): readonly Route[] {
  if (routes.length <= few) return routes;
  let index = indexes.get(routes);
  if (index === undefined) {
    index = indexOf(routes);
    indexes.set(routes, index);
  }
  const { byOpening, lengths, others } = index;
  const found = [...others];
  for (const length of lengths) {
    if (length > url.length) break;
    const known = byOpening.get(url.slice(0, length));
    if (known !== undefined) found.push(...known);
  }
  return found.sort((a, b) => a - b).map((position) => routes[position] as Route);
}

function indexOf(routes: readonly Route[]): Index {
  const byOpening = new Map<string, number[]>();
  const others: number[] = [];
  for (const [position, { source }] of routes.entries()) {
    const { anchored, literal } = openingOf(source.source);
    if (!anchored || literal === '' || source.flags !== '') others.push(position);
    else byOpening.set(literal, [...(byOpening.get(literal) ?? []), position]);
  }
  const lengths = [...new Set([...byOpening.keys()].map(({ length }) => length))].sort((a, b) => a - b);
  return { byOpening, lengths, others };
}
