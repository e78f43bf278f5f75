import { IasError } from './ias-error.ts';
import type { Dependency, IasApplication } from './tenant.ts';

const byName = 'urn:sap:identity:application:provider:name:';
const byClientId = 'urn:sap:identity:application:provider:clientid:';

/**
 * What `resource` names among the application's dependencies; undefined when the parameter is absent (token-flows.md C5).
 * @throws IasError invalid_target for a dependency the application does not have
 */
export function readResource(resource: string | undefined, { dependencies }: IasApplication): Dependency | undefined {
  if (resource === undefined) return undefined;
  const found = resource.startsWith(byName)
    ? Object.entries(dependencies).find(([name]) => name === resource.slice(byName.length))?.[1]
    : Object.values(dependencies).find(({ providerClientId }) => `${byClientId}${providerClientId}` === resource);
  if (!found) throw new IasError('invalid_target', 'The resource is not a dependency of the application.');
  return found;
}
