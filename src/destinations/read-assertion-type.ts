import type { Properties } from './properties.ts';
import { type ClientAssertionType, clientAssertionTypes } from './token-service.ts';

/** Reads `clientAssertion.type`, which makes a destination's token usable as another one's client assertion (section 2.6). */
export function readAssertionType(p: Properties): ClientAssertionType | undefined {
  const text = p.text('clientAssertion.type')?.trim();
  const type = clientAssertionTypes.find((known) => known === text);
  if (text !== undefined && type === undefined)
    p.problem('clientAssertion.type', `must be one of ${clientAssertionTypes.join(', ')}`);
  return type;
}
