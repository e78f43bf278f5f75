/** The oldest node that the program runs on: `engines` of package.json. */
const oldest = [22, 19] as const;

/**
 * What is wrong with the node that runs this, in a sentence; undefined: nothing. It is asked before anything is loaded
 * that an older one does not have, or the first thing it lacks would be told, and nobody would know what to do.
 * @param version as `process.versions.node` says it
 */
export function unfitNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return undefined;
  return `Portunus needs Node.js ${oldest.join('.')} or later; this is ${version}`;
}
