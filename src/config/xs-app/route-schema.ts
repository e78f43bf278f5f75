import { z } from 'zod';

/** The eight names of xs-app.md 3.1; without `httpMethods` a route takes any method, extension methods included, but TRACE. */
export const httpMethods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'] as const;

const scopeList = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: 'must be a scope or an array of scopes',
});
const scopeByMethod = z
  .partialRecord(z.enum([...httpMethods, 'CONNECT', 'default']), scopeList)
  .refine((scopes) => Object.keys(scopes).length > 0, 'must name at least one method or "default"');

const replacement = z
  .strictObject({
    pathSuffixes: z
      .array(z.string().min(1))
      .describe('Files whose path below localDir ends with one of these are processed.'),
    vars: z.array(z.string().min(1)).optional().describe('Environment variables that may be inserted.'),
    services: z
      .record(z.string(), z.union([z.string().min(1), z.record(z.string(), z.unknown())]))
      .optional()
      .describe('Bound services whose credentials may be inserted, by a free name.'),
  })
  .describe('Placeholders {{NAME}} (HTML-escaped) and {{{NAME}}} (as it is) in static text files.');

/** One entry of `routes`, as written. Source: xs-app.md section 3.1. */
export const routeSchema = z.strictObject({
  source: z
    .union(
      [
        z.string().min(1),
        z.strictObject({
          path: z.string().min(1).describe('The regular expression.'),
          matchCase: z.boolean().optional().describe('false ignores case. Default: true.'),
        }),
      ],
      { error: 'must be a regular expression in a string, or {"path": …, "matchCase": …}' },
    )
    .describe(
      'Regular expression, tested against path and query as they came; unanchored. The first route that matches wins.',
    ),
  httpMethods: z
    .array(z.enum(httpMethods, { error: `must be one of ${httpMethods.join(', ')} (upper case)` }))
    .min(1)
    .optional()
    .describe('Methods the route takes. Default: all but TRACE, extension methods included. Not with localDir.'),
  target: z
    .string()
    .optional()
    .describe('Replaces the matched part; $1…$n are the groups of source. Default: nothing is rewritten.'),
  destination: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the destination; may hold $n, or be * (name from the host).'),
  localDir: z.string().min(1).optional().describe('Folder with static files, inside the working directory.'),
  service: z.string().min(1).optional().describe('sap-approuter-userapi answers who the user is.'),
  endpoint: z.string().min(1).optional().describe('Entry of the endpoints of service.'),
  preferLocal: z
    .boolean()
    .optional()
    .describe('Destination from the provider subaccount instead of the subscriber (multitenancy).'),
  timeout: z
    .int()
    .min(1)
    .max(2_147_483_647)
    .optional()
    .describe(
      'Milliseconds until the backend must have begun to answer; counts before the timeout of the destination. Not known to approuters.',
    ),
  replace: replacement.optional(),
  authenticationType: z
    .enum(['xsuaa', 'ias', 'oidc', 'basic', 'none'], { error: 'must be one of xsuaa, ias, oidc, basic, none' })
    .optional()
    .describe('Which login the route needs; none makes it public. Default: the provider that is bound or configured.'),
  csrfProtection: z
    .boolean()
    .optional()
    .describe('false hands CSRF protection to the backend. Default: true; without effect on public routes.'),
  scope: z
    .union([scopeList, scopeByMethod], {
      error: 'must be a scope, an array of scopes, or an object of these by method',
    })
    .optional()
    .describe('Scopes of which the user needs one; by method with "default" for the rest. $XSAPPNAME is replaced.'),
  cacheControl: z.string().min(1).optional().describe('Value of Cache-Control; only with localDir.'),
  identityProvider: z.string().min(1).optional().describe('Identity provider of the redirect login.'),
  dynamicIdentityProvider: z
    .boolean()
    .optional()
    .describe('Query parameter sap_idp overrides identityProvider. Default: false.'),
  setBackendSessionCookies: z
    .boolean()
    .optional()
    .describe("Hand the backend's session cookies to the browser instead of keeping them. Default: false."),
});

export type RouteEntry = z.infer<typeof routeSchema>;
