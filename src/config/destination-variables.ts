import { destinationOptionsSchema } from './destination-options.ts';
import { choice, json, number, type Variable } from './variable.ts';

/** What can be said of the bound Destination service. */
export const destinationVariables = {
  destinationTokens: choice(
    'PORTUNUS_DESTINATION_TOKENS',
    'service',
    ['service', 'own'],
    'Who gets the tokens for destinations of the bound Destination service: service (it does) or own (Portunus does, from what the service says of them).',
  ),
  destinationTenants: choice(
    'PORTUNUS_DESTINATION_TENANTS',
    'subscriber',
    ['subscriber', 'subscriber-first', 'provider'],
    "Whose destinations users of a subscriber get from the bound Destination service: the subscriber's, those and else the provider's (subscriber-first), or the provider's.",
  ),
  destinationCache: number(
    'PORTUNUS_DESTINATION_CACHE',
    300,
    { min: 1, max: 86_400 },
    'Seconds that a destination of the bound Destination service is kept before it is looked up again.',
  ),
  destinationOptions: json(
    'PORTUNUS_DESTINATION_OPTIONS',
    {},
    destinationOptionsSchema,
    'How single destinations are asked for at the bound Destination service, by name: name, level, fragments, fragmentOptional, chain.',
  ),
} as const satisfies Record<string, Variable<unknown>>;
