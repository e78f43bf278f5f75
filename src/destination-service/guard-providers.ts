import type { Flat } from './flat.ts';
import type { Edit } from './shelf.ts';

/** A destination whose token is another one's client assertion is not deleted (destination-service.md 2.6). */
export function guardProviders(edit: Edit, all: readonly Flat[]): string | undefined {
  if (edit.kind !== 'delete') return undefined;
  const user = all.find((one) => one['clientAssertion.destinationName'] === edit.name && one['Name'] !== edit.name);
  return (
    user &&
    `Cannot perform operation on the destination '${edit.name}' because it is used as an assertion provider for destination '${user['Name']}'`
  );
}
