import { z } from 'zod';

const levels = ['subaccount', 'instance', 'provider_subaccount', 'provider_instance'] as const;

/** Becomes part of a request header; commas separate names there. */
const headerText = z.string().regex(/^[\x21-\x2b\x2d-\x7e]+$/, 'must be visible ASCII without blanks and commas');
const variableValue = z.string().regex(/^[\x20-\x7e]+$/, 'must be ASCII text');

const options = z.strictObject({
  name: z.string().min(1).optional(),
  level: z.enum(levels, { error: `must be one of ${levels.join(', ')}` }).optional(),
  fragments: z.array(headerText).min(1).optional(),
  fragmentOptional: z.boolean().optional(),
  chain: z
    .strictObject({
      name: headerText,
      variables: z.record(z.string().regex(/^\w+$/, 'must be a word'), variableValue).optional(),
    })
    .optional(),
});

/**
 * How single destinations are asked for at the Destination service, by the name that routes use (destination-service.md
 * 3.6, 4.2, 4.5, 4.7): by another name, on one level, with fragments, through a chain.
 */
export const destinationOptionsSchema = z
  .record(z.string().min(1), options)
  .refine(
    (all) => Object.values(all).every((one) => !(one.fragmentOptional && (one.fragments?.length ?? 0) > 1)),
    'fragmentOptional goes with one fragment only',
  );

export type DestinationOptions = Readonly<z.infer<typeof options>>;
