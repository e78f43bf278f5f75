/**
 * Parses `userIdSource`: a plain name is a root claim, whatever characters it has; text beginning with `$` is a
 * JsonPath of names and indexes (`$.ext_attr.mail`, `$['xs.system.attributes'].groups[0]`). No wildcards and filters:
 * a user id has one place.
 * @returns the steps, or undefined when it is neither
 */
export function parseClaimPath(text: string): readonly string[] | undefined {
  if (!text.startsWith('$')) return [text];
  const steps = [...text.slice(1).matchAll(/\.([A-Za-z0-9_-]+)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d+)\]/g)];
  const complete = steps.map(([step]) => step).join('') === text.slice(1);
  if (!complete || steps.length === 0) return undefined;
  return steps.map(([, dotted, single, double, index]) => dotted ?? single ?? double ?? index ?? '');
}
