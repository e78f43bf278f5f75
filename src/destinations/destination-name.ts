/**
 * Whether a text can be a destination's name: letters, digits and `_ - .`, at most 200. The same rule for names in the
 * configuration and for names out of a path or host, so that neither can carry path characters (T-70).
 */
export function isDestinationName(text: string): boolean {
  return /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/.test(text);
}
