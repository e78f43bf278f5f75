import type { Employee } from './employees.ts';
import { propertyNotFound } from './odata-error.ts';

export type Value = string | Date | null;

/** The properties of the entity type User, with their EDM types; the order is the one they are sent in. */
export const userProperties = {
  userId: { type: 'Edm.String', of: (employee) => employee.userId },
  username: { type: 'Edm.String', of: (employee) => employee.username },
  email: { type: 'Edm.String', of: (employee) => employee.email },
  firstName: { type: 'Edm.String', of: (employee) => employee.firstName },
  lastName: { type: 'Edm.String', of: (employee) => employee.lastName },
  displayName: { type: 'Edm.String', of: ({ firstName, lastName }) => `${firstName} ${lastName}` },
  title: { type: 'Edm.String', of: (employee) => employee.title },
  department: { type: 'Edm.String', of: (employee) => employee.department },
  status: { type: 'Edm.String', of: ({ status }) => (status === 'active' ? 't' : 'f') },
  hireDate: { type: 'Edm.DateTime', of: (employee) => employee.hireDate },
} satisfies Record<string, { readonly type: string; readonly of: (employee: Employee) => Value }>;

export type PropertyName = keyof typeof userProperties;

export const allProperties = Object.keys(userProperties) as readonly PropertyName[];

/** @throws ODataError 400 COE_PROPERTY_NOT_FOUND (H65) */
export function propertyNamed(name: string): PropertyName {
  if (!Object.hasOwn(userProperties, name)) throw propertyNotFound(name, 'User');
  return name as PropertyName;
}

export function propertyValue(employee: Employee, name: PropertyName): Value {
  return userProperties[name].of(employee);
}
