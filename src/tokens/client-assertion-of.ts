import { anonymous, type Principal } from '../authorization/principal.ts';
import type { Destination } from '../destinations/destination.ts';
import type { Issued } from './credential.ts';
import type { FlowInput, TypedToken } from './flow-input.ts';
import { type Find, needsOf, provider } from './lineage.ts';

/** Gets what another destination gives. */
export type Issue = (destination: Destination, principal: Principal) => Issued | Promise<Issued>;

/**
 * The client assertion that comes from elsewhere (destination-service.md 2.6): handed in by the caller, or the token of
 * another destination, which acts for itself and for no user.
 * @returns undefined where the destination has its own way
 * @throws AppError what getting the other token throws
 */
export async function clientAssertionOf(
  destination: Destination,
  input: FlowInput,
  find: Find,
  issue: Issue,
): Promise<TypedToken | undefined> {
  if (input.clientAssertion !== undefined) return input.clientAssertion;
  const need = needsOf(destination, input).find(({ as }) => as === 'client assertion');
  if (need === undefined) return undefined;
  const from = provider(destination, need, find);
  const { answer } = await issue(from, anonymous);
  if (answer === undefined || from.authentication !== 'OAuth2ClientCredentials' || from.assertionType === undefined)
    return undefined; // The provider was checked for just that.
  return { token: answer.token, type: from.assertionType };
}
