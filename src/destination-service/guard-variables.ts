import type { Flat } from './flat.ts';
import type { Edit } from './shelf.ts';

/**
 * `${env:NAME}` is for those who write the file. Who may only call the API must not read the variables of this process
 * with it: such a value is accepted where it stands already, as when an answer is changed and sent back.
 */
export function guardVariables(edit: Edit, all: readonly Flat[]): string | undefined {
  if (edit.kind === 'delete') return undefined;
  const before = all.find((one) => (one['Name'] ?? one['FragmentName']) === edit.name);
  const added = Object.entries(edit.content).find(
    ([key, value]) => typeof value === 'string' && value.includes('${env:') && before?.[key] !== value,
  );
  return (
    added &&
    `The value of ${added[0]} names an environment variable; such values are written into the file, not through the API`
  );
}
