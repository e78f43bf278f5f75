import { type LandscapeUser, users } from '../landscape/users.ts';
import { type Body, bodyOf } from './body-of.ts';
import type { Answer } from './browser.ts';

/** One request through one route, and how to tell that it did what it should. */
export interface Flow {
  /** Name of the destination, or of the router's own door. */
  readonly name: string;
  /** The token flow. */
  readonly how: string;
  /** Who asks: the browser is logged in as this one. */
  readonly user: LandscapeUser;
  /** Path and query at the router. */
  readonly path: string;
  /** Posted, as JSON; undefined: it is a GET. */
  readonly posted: object | undefined;
  readonly status: number;
  /** Something that only the right answer holds; undefined when it is the right one, else what is wrong. */
  readonly fault: (answer: Answer) => string | undefined;
}

const { everywhere, withoutEmployeeRecord, withoutConsent } = users;
const onBehalfOf = 'On-Behalf-Of';
const clientCredentials = 'Client credentials';
const samlBearer = 'SAML bearer';

/** Every route of the demo by somebody whom all services know. */
export const workingFlows: readonly Flow[] = [
  flow('user-api', 'Session', '/user-api/currentUser', ({ email }) => email === everywhere.email),
  flow('graph-user', onBehalfOf, '/graph/me', isEverywhere),
  flow('graph-user-assertion', `${onBehalfOf}, client assertion`, '/graph-assertion/me', isEverywhere),
  flow('graph-technical', `${clientCredentials}, client assertion`, '/graph-technical/users', hasPeople),
  flow('graph-technical-secret', clientCredentials, '/graph-technical-secret/users', hasPeople),
  flow('successfactors', samlBearer, recordOf(everywhere), isEmployee),
  flow('ias-api', `${clientCredentials}, mutual TLS`, '/ias/cost-centers', isCalledBy('application')),
  flow('ias-user', 'JWT bearer, mutual TLS', '/ias-user/cost-centers', isCalledBy('user')),
  {
    ...flow('ias-user', "the backend's CSRF token", '/ias-user/cost-centers/4100/bookings', isBooked),
    posted: { amount: 1_250 },
    status: 201,
  },
];

/** What services refuse, and what the router makes of it. */
export const refusedFlows: readonly Flow[] = [
  refusal('successfactors', samlBearer, withoutEmployeeRecord, recordOf(withoutEmployeeRecord), 502),
  refusal('graph-user', onBehalfOf, withoutConsent, '/graph/me', 403),
];

function flow(name: string, how: string, path: string, isRight: (body: Body) => boolean): Flow {
  const fault = (answer: Answer) => (isRight(bodyOf(answer)) ? undefined : 'the answer is not the one expected');
  return { name, how, user: everywhere, path, posted: undefined, status: 200, fault };
}

/** A problem document that says what to do about it (RFC 9457). */
function refusal(name: string, how: string, user: LandscapeUser, path: string, status: number): Flow {
  const fault = (answer: Answer) => {
    const { code, detail, hint } = bodyOf(answer);
    return code === 'ERR_TOKEN_SERVICE' && detail && hint ? undefined : 'the refusal is not explained';
  };
  return { name, how, user, path, posted: undefined, status, fault };
}

/** SuccessFactors has no `/me`: people are found by what the login knows of them. */
function recordOf({ email }: LandscapeUser): string {
  return `/successfactors/User?$filter=${encodeURIComponent(`email eq '${email}'`)}&$format=json`;
}

function isEverywhere({ id }: Body): boolean {
  return id === everywhere.oid;
}

function hasPeople({ value }: Body): boolean {
  return Array.isArray(value) && value.some(isEverywhere);
}

function isEmployee({ d }: Body): boolean {
  const records = (d as { results?: readonly Body[] } | undefined)?.results;
  return records?.length === 1 && records[0]?.['userId'] === everywhere.employee?.userId;
}

function isCalledBy(kind: 'application' | 'user') {
  return ({ caller, value }: Body) =>
    Array.isArray(value) && value.length > 0 && (caller as { kind?: unknown } | undefined)?.kind === kind;
}

function isBooked({ caller, amount }: Body): boolean {
  return amount === 1_250 && (caller as { kind?: unknown } | undefined)?.kind === 'user';
}
