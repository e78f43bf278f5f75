import { ineffectiveVariables } from './ineffective-variables.ts';
import { nearest } from './nearest.ts';
import { oidcVariables } from './read-identity-providers.ts';
import { variables } from './settings.ts';

/** Variables that are read, beside those of the table. */
const further = [
  'EXT_SESSION_MGT',
  'IAS_PRIVATE_KEY',
  'IAS_SCOPES_OF_CLAIMS',
  'REDIS_URL',
  'SERVICE_BINDING_ROOT',
  'UAA_SERVICE_NAME',
  'VCAP_SERVICES',
];

const known = [
  ...Object.values(variables).map(({ name }) => name),
  ...Object.keys(ineffectiveVariables),
  ...oidcVariables,
  ...further,
].filter((name) => name.length >= 8);

/**
 * Variables that are set, that nothing reads, and that are one or two letters off from one that is: an environment is full
 * of what is for others, so no other name can be called wrong.
 * @param unread names of variables that are set and that nobody has asked for
 */
export function misspeltVariables(
  unread: readonly string[],
): readonly { readonly name: string; readonly meant: string }[] {
  return unread.flatMap((name) => {
    // Longer by a whole word is another one's name: SESSION_SECRET_OLD.
    const meant = known.includes(name) ? undefined : nearest(name, known, 2);
    return meant === undefined ? [] : [{ name, meant }];
  });
}
