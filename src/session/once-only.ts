/** Remembers values for a while: the first use is told from later ones. Bounded by time, `lifetime` in milliseconds, one for all. */
export function onceOnly(): (value: string, lifetime: number) => boolean {
  const seen = new Map<string, number>();
  return (value, lifetime) => {
    const now = Date.now();
    for (const [old, until] of seen) {
      if (until > now) break;
      seen.delete(old);
    }
    if (seen.has(value)) return false;
    seen.set(value, now + lifetime);
    return true;
  };
}
