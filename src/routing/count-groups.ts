/** How many groups an expression has: together with nothing, it matches nothing, and tells them all. */
export function countGroups({ source, flags }: RegExp): number {
  return (new RegExp(`${source}|`, flags).exec('')?.length ?? 1) - 1;
}
