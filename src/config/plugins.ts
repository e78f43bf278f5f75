import { z } from 'zod';
import { checkSource } from './xs-app/check-route.ts';
import { routeSchema } from './xs-app/route-schema.ts';

/** Entry of the variable `plugins`: a route with a name, added without touching xs-app.json (xs-app.md 8.6). */
export const pluginSchema = routeSchema
  .omit({ localDir: true, replace: true, cacheControl: true, service: true, endpoint: true })
  .extend({ name: z.string().min(1), destination: z.string().min(1) })
  .superRefine((plugin, context) =>
    checkSource(plugin, (path, message) => context.addIssue({ code: 'custom', path: [path], message })),
  );

export type Plugin = z.infer<typeof pluginSchema>;
