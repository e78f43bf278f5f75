import type { Company } from './company.ts';
import type { Employee } from './employees.ts';
import type { Assertion } from './read-assertion.ts';
import { invalidUser, invalidUserUuid } from './token-error.ts';

/** Whom an assertion speaks of. */
export type Subject =
  | { readonly kind: 'user'; readonly userId: string }
  /** Made by the attribute `user_uuid`: the API will not serve it (token-flows.md E2, LGN0022). */
  | { readonly kind: 'person-only'; readonly userId: string; readonly personGuid: string };

/** What the NameID is compared with: the user id, unless an attribute says otherwise. */
const lookups = {
  userId: (employee: Employee) => employee.userId,
  username: (employee: Employee) => employee.username,
  email: (employee: Employee) => employee.email,
};

/**
 * Finds the employee an assertion names. An e-mail format alone does not make the NameID an e-mail: `use_email` does.
 * @throws TokenError 401 invalid user, or Invalid useruuid (token-flows.md E4, H59)
 */
export function findSubject({ nameId, attributes }: Assertion, { employees }: Company): Subject {
  const says = (name: string) => attributes.get(name) === 'true';
  if (says('use_email') && says('use_username')) throw invalidUser();
  // Learning-only users are kept elsewhere; the demo has none.
  if (says('external_user')) throw invalidUser();
  const lookup = lookups[says('use_email') ? 'email' : says('use_username') ? 'username' : 'userId'];
  const employee = employees.find((candidate) => lookup(candidate) === nameId?.value);
  if (employee?.status !== 'active') throw invalidUser();
  const uuid = attributes.get('user_uuid');
  if (uuid === undefined) return { kind: 'user', userId: employee.userId };
  const person = employees.find(({ personGuid }) => personGuid === uuid.replaceAll('-', '').toUpperCase());
  if (!person) throw invalidUserUuid();
  return { kind: 'person-only', userId: person.userId, personGuid: person.personGuid };
}
