import { serviceLine } from '../../bind-service.ts';
import type { DestinationServiceBinding } from '../../config/destination-service-binding.ts';
import { readService } from '../../destination-files/read-service.ts';
import type { OpenDestinations } from '../open-destinations.ts';
import { type Examination, ok, take } from './step.ts';

/** Looks whether the bound Destination service takes our client, by listing what it has. */
export async function examineService(
  open: OpenDestinations,
  binding: DestinationServiceBinding,
  limit: number,
): Promise<Examination> {
  const step = await take('list', limit, async () => {
    const { destinations } = await readService(binding, serviceLine(open.connections), open.environment.get);
    return ok(`${destinations.length} destinations at ${binding.uri.origin}; name one to have it looked at`);
  });
  return { subject: 'Destination service', steps: [step] };
}
