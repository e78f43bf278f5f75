import { routeSchema } from './route-schema.ts';
import { type XsApp, xsAppSchema } from './xs-app-schema.ts';

/** Stands for a route that was reported, so that the others keep their numbers; nothing is wrong with it and it matches nothing. */
const placeholder = { source: '(?!)', service: 'sap-approuter-userapi', authenticationType: 'none' } as const;

/**
 * What can be used of an xs-app.json in which something is wrong: the rest is checked too, so that one fault does not
 * hide the others (design section 3).
 */
export function usableParts(text: string): XsApp {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return {};
  }
  if (typeof raw !== 'object' || raw === null) return {};
  const { routes, ...rest } = raw as Record<string, unknown>;
  const shape: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest))
    if (xsAppSchema.safeParse({ [name]: value }).success) shape[name] = value;
  const entries = Array.isArray(routes) ? routes.map((route) => routeSchema.safeParse(route).data ?? placeholder) : [];
  return { ...(shape as XsApp), routes: entries };
}
