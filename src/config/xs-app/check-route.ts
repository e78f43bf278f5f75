import type { Problems, Rule } from '../../errors/config-error.ts';
import { cureOf, findInside, xsAppFile } from './find-inside.ts';
import type { RouteEntry } from './route-schema.ts';

/** Rules between the properties of one route (xs-app.md 1.2 and 3.1). */
export function checkRoute(route: RouteEntry, at: string, workingDirectory: string, problems: Problems): void {
  const add = (property: string, message: string, rule?: Rule) =>
    problems.add(xsAppFile, `${at}${property && `/${property}`}`, message, rule);
  const warn = (property: string, message: string) => problems.warn(xsAppFile, `${at}/${property}`, message);

  checkSource(route, add);
  const ends = (['destination', 'localDir', 'service'] as const).filter((end) => route[end] !== undefined);
  if (ends.length === 0) add('', 'leads nowhere; add one of "destination", "localDir" or "service"');
  if (ends.length > 1) add('', `has ${ends.map((end) => `"${end}"`).join(' and ')}; keep one of them`);

  if (route.localDir !== undefined) {
    const found = findInside(workingDirectory, route.localDir);
    if (found !== 'folder') add('localDir', cureOf(route.localDir, found, 'folder'), 'missing-file');
    if (route.httpMethods) add('httpMethods', 'does not go with localDir, which serves GET and HEAD; remove it');
  } else {
    if (route.replace) add('replace', 'has a meaning only with "localDir"; remove it');
    // Approuters start with it.
    if (route.cacheControl) warn('cacheControl', 'has no effect: it is for static files ("localDir")');
  }
  if (route.timeout !== undefined && route.destination === undefined && ends.length > 0)
    add('timeout', 'has a meaning only with "destination": nothing else is waited for; remove it');
  if (route.endpoint !== undefined && route.service === undefined)
    add('endpoint', 'has a meaning only with "service"; remove it');
  if (route.service !== undefined && route.service !== 'sap-approuter-userapi')
    add('service', `"${route.service}" is not supported; only "sap-approuter-userapi" is`);
  if (route.authenticationType === 'basic' && route.identityProvider !== undefined)
    warn('identityProvider', 'has no effect with "basic", where there is no page to choose');
  if (route.authenticationType === 'none') {
    if (route.csrfProtection === true) warn('csrfProtection', 'has no effect on a public route');
    if (route.scope !== undefined) warn('scope', 'has no effect on a public route');
    if (route.identityProvider !== undefined) warn('identityProvider', 'has no effect on a public route');
  }
}

/** @param add takes the property and what is wrong with it */
export function checkSource(route: Pick<RouteEntry, 'source'>, add: (property: string, message: string) => void): void {
  const pattern = typeof route.source === 'string' ? route.source : route.source.path;
  try {
    new RegExp(pattern);
  } catch (cause) {
    add('source', `is not a valid regular expression: ${(cause as Error).message}`);
  }
}
