import type { LandscapeUser } from '../users.ts';

/** A row of the User entity. */
export interface Employee {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly title: string;
  readonly department: string;
  readonly status: 'active' | 'inactive';
  readonly hireDate: Date;
  readonly managerId: string | undefined;
  /** Person GUID: what `user_uuid` in an assertion refers to. */
  readonly personGuid: string;
}

const director: Employee = {
  userId: '100001',
  username: 'pstavros',
  email: 'petra.stavros@example.com',
  firstName: 'Petra',
  lastName: 'Stavros',
  title: 'Harbour Master',
  department: 'Harbour Office',
  status: 'active',
  hireDate: new Date('2009-03-01T00:00:00Z'),
  managerId: undefined,
  personGuid: '41D9C7A2E0B84F7C9B1E5A60C3F2D801',
};

const retired: Employee = {
  userId: '100417',
  username: 'hvogel',
  email: 'henrik.vogel@example.com',
  firstName: 'Henrik',
  lastName: 'Vogel',
  title: 'Crane Operator',
  department: 'Container Terminal',
  status: 'inactive',
  hireDate: new Date('1998-09-15T00:00:00Z'),
  managerId: '100001',
  personGuid: '8C05B7F1A3D24E96B2C4D7E8F9A0B102',
};

/** Colleagues who cannot sign in at the directory; one of them has left the company. */
export const colleagues = Object.freeze({ director, retired });

/** Everyone in the employee file: the colleagues, and those of the demo's people who have a record. */
export function employeesOf(users: readonly LandscapeUser[]): readonly Employee[] {
  const known = users.flatMap((user): Employee[] => (user.employee ? [toEmployee(user, user.employee)] : []));
  return Object.freeze([director, retired, ...known].map((employee) => Object.freeze(employee)));
}

function toEmployee(user: LandscapeUser, { userId, username }: NonNullable<LandscapeUser['employee']>): Employee {
  return {
    userId,
    username,
    email: user.email,
    firstName: user.givenName,
    lastName: user.surname,
    title: user.jobTitle,
    department: user.officeLocation,
    status: 'active',
    hireDate: new Date('2019-06-01T00:00:00Z'),
    managerId: director.userId,
    personGuid: user.oid.replaceAll('-', '').toUpperCase(),
  };
}
