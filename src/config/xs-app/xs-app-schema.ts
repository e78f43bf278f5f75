import { z } from 'zod';
import { routeSchema } from './route-schema.ts';

/** A regular expression. */
export const expression = z.string().min(1).refine(isExpression, 'is not a valid regular expression');
const path = z.string().regex(/^\//, 'must be a path that begins with /');
/** Compared with the path of requests (xs-app.md 3.2 step 0). */
const endpoint = path.regex(/^[^?#]*$/, 'must be a path without a query');
// RFC 9110 5.1 and 5.5: a name is a token, a value holds no line breaks.
const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not a header name');
export const headerValue = z
  .string()
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'holds characters that no header value may have');
/** Names of headers that the router itself sets or must not give away. */
export const freeHeaderName = headerName.regex(
  /^(?!(authorization|cookie|set-cookie)$)/i,
  'authorization, cookie and set-cookie must not be set',
);
const header = z.strictObject({ name: freeHeaderName, value: headerValue });
const logoutMethod = z.enum(['POST', 'PUT', 'GET']).optional().describe('Default: POST.');

const logout = z
  .strictObject({
    logoutEndpoint: endpoint.describe('Central logout of the application.'),
    logoutPage: z
      .string()
      .min(1)
      .optional()
      .describe('Where the provider sends the browser after logout: a path of a public route, or an absolute URL.'),
    logoutMethod: z.enum(['GET', 'POST']).optional().describe('Method of the logout endpoint. Default: GET.'),
    csrfProtection: z.boolean().optional().describe('Only with POST. Default: true.'),
    backChannelLogoutEndpoint: endpoint
      .optional()
      .describe('Logout that the provider begins (OIDC back-channel logout).'),
  })
  .superRefine((value, context) => {
    if (value.csrfProtection !== undefined && value.logoutMethod !== 'POST')
      context.addIssue({
        code: 'custom',
        path: ['csrfProtection'],
        message: 'has a meaning only with "logoutMethod": "POST"; set that or remove this',
      });
  });

/** Entry of `cors` (and of the variable CORS). Source: xs-app.md 8.4. */
export const corsEntrySchema = z.strictObject({
  uriPattern: expression.describe('Regular expression: which request paths.'),
  hostPattern: expression.optional().describe('Regular expression on the host as the client sent it. Default: all.'),
  allowedOrigin: z
    .array(
      z.strictObject({
        host: z.string().min(1).describe('Exact, or *.domain.'),
        protocol: z.string().optional().describe('Default: any.'),
        port: z.union([z.string(), z.number()]).optional().describe('Default: any.'),
      }),
    )
    .min(1),
  allowedMethods: z.array(z.string().min(1)).optional().describe('Default: GET, POST, HEAD, OPTIONS.'),
  allowedHeaders: z.array(z.string().min(1)).optional(),
  exposeHeaders: z.array(z.string().min(1)).optional(),
  allowedCredentials: z.boolean().optional().describe('Default: true.'),
  maxAge: z
    .union([z.number(), z.string().regex(/^-?\d+$/, 'must be a number of seconds')])
    .optional()
    .describe('Seconds a preflight is cached. Default: 1800.'),
});

/** `compression` (and the variable COMPRESSION). Source: xs-app.md 8.3. */
export const compressionSchema = z.strictObject({
  enabled: z.boolean().optional().describe('Default: true.'),
  minSize: z.number().int().nonnegative().optional().describe('Bytes. Default: 1024.'),
  compressResponseMixedTypeContent: z.boolean().optional().describe('Compress multipart/mixed too. Default: false.'),
});

const inRange = 'must be a status between 400 and 599';
const errorStatus = z.int(inRange).min(400, inRange).max(599, inRange);
const errorPage = z
  .strictObject({
    status: z.union([errorStatus, z.array(errorStatus).min(1)], { error: `${inRange}, or an array of them` }),
    file: z.string().min(1).optional().describe('Relative to the working directory.'),
    path: path.optional().describe('URL path the browser is redirected to; its route must be public.'),
  })
  .refine((page) => (page.file === undefined) !== (page.path === undefined), 'needs exactly one of "file" and "path"');

/** Limits of own calls by service (xs-app.md section 2). */
export const outgoingRequestOptionsSchema = z.record(
  z.string(),
  z.strictObject({ timeout: z.number().nonnegative().describe('Milliseconds.') }),
);

/** The whole of xs-app.json, as written. Source: xs-app.md section 2; the single source of types, checks and editor schema. */
export const xsAppSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors.'),
  welcomeFile: z.string().optional().describe('GET / is redirected to it.'),
  authenticationMethod: z
    .enum(['none', 'route'])
    .optional()
    .describe('none: no login anywhere. route (default): each route decides by authenticationType.'),
  sessionTimeout: z
    .number()
    .positive()
    .max(2_147_483_647)
    .optional()
    .describe('Minutes of inactivity. Default: 15. SESSION_TIMEOUT overrides.'),
  stateProtection: z.boolean().optional().describe('Accepted; state and PKCE are always on.'),
  routes: z.array(routeSchema).optional().describe('First match wins.'),
  login: z
    .strictObject({ callbackEndpoint: endpoint.optional() })
    .optional()
    .describe('callbackEndpoint: default /login/callback.'),
  logout: logout.optional(),
  destinations: z
    .record(z.string(), z.strictObject({ logoutPath: z.string().min(1).optional(), logoutMethod }))
    .optional()
    .describe('Destinations to call at logout.'),
  services: z
    .record(
      z.string(),
      z.strictObject({ endpoint: z.string().optional(), logoutPath: z.string().optional(), logoutMethod }),
    )
    .optional(),
  responseHeaders: z.array(header).optional().describe('Added to answers; a backend that sends the same header wins.'),
  compression: compressionSchema.optional(),
  pluginMetadataEndpoint: endpoint.optional().describe('Answers the list of plugins as JSON.'),
  whitelistService: z.strictObject({ endpoint }).optional().describe('Allowlist service against framing.'),
  websockets: z
    .strictObject({ enabled: z.boolean().optional() })
    .optional()
    .describe('Upgrades are refused unless enabled is true.'),
  errorPage: z.array(errorPage).optional().describe("Own pages for the router's own errors."),
  cors: z.array(corsEntrySchema).optional(),
  outgoingRequestOptions: outgoingRequestOptionsSchema.optional(),
});

export type XsApp = z.infer<typeof xsAppSchema>;

/** Whether a text is a regular expression. */
export function isExpression(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
