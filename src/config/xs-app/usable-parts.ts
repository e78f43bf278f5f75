import { type RouteEntry, routeSchema } from './route-schema.ts';
import { type XsApp, xsAppSchema } from './xs-app-schema.ts';

/**
 * What can be used of an xs-app.json in which something is wrong: the rest is checked too, so that one fault does not
 * hide the others (design section 3). What was reported stands in for itself: it is there, and nothing else is wrong with
 * it. Entries of arrays keep their numbers.
 */
export function usableParts(text: string): XsApp {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isObject(raw)) return {};
  const shape: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (xsAppSchema.safeParse({ [name]: value }).success) shape[name] = value;
    // Whether anything needs a login is not known then, and no route is complained of.
    else if (name === 'authenticationMethod') shape[name] = 'none';
  }
  const { routes, errorPage } = raw;
  if (Array.isArray(errorPage)) shape['errorPage'] = errorPage.map(usablePage);
  return { ...(shape as XsApp), routes: Array.isArray(routes) ? routes.map(usableRoute) : [] };
}

/** It matches nothing; who matters to the rules between properties is there. */
const reported: Partial<Record<keyof RouteEntry, unknown>> = {
  source: '(?!)',
  httpMethods: ['GET'],
  replace: { pathSuffixes: [] },
  authenticationType: 'none',
  endpoint: 'reported',
  timeout: 1,
};

/** Where a route leads whose own end was reported. */
const anywhere = 'sap-approuter-userapi';

function usableRoute(route: unknown): RouteEntry {
  if (!isObject(route)) return { source: '(?!)', service: anywhere, authenticationType: 'none' };
  const parts: Record<string, unknown> = { source: reported.source };
  for (const [name, schema] of Object.entries(routeSchema.shape)) {
    if (!Object.hasOwn(route, name)) continue;
    const parsed = schema.safeParse(route[name]);
    const part = parsed.success ? parsed.data : reported[name as keyof RouteEntry];
    if (part !== undefined) parts[name] = part;
  }
  const ends = ['destination', 'localDir', 'service'] as const;
  if (ends.some((end) => end in route) && !ends.some((end) => end in parts)) parts['service'] = anywhere;
  return parts as RouteEntry;
}

function usablePage(page: unknown): NonNullable<XsApp['errorPage']>[number] {
  const file = isObject(page) ? page['file'] : undefined;
  return typeof file === 'string' && file !== '' ? { status: 404, file } : { status: 404, path: '/' };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
