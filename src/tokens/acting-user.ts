import { createHash } from 'node:crypto';
import type { User } from '../authorization/principal.ts';
import type { Destination } from '../destinations/destination.ts';
import { jwtPart } from '../session/jwt-part.ts';
import type { Issue } from './client-assertion-of.ts';
import type { FlowInput } from './flow-input.ts';
import { type Find, needsOf, provider } from './lineage.ts';

/**
 * The user as a destination sees them: as logged in, or with the token that another destination gets for them
 * (`userToken.destinationName`). Such a token comes from its issuer over TLS, which stands for its signature (OpenID
 * Connect Core 3.1.3.7 #6); an opaque one has no claims.
 * @throws AppError what getting the other token throws
 */
export async function actingUser(
  destination: Destination,
  user: User,
  input: FlowInput,
  find: Find,
  issue: Issue,
): Promise<User> {
  const need = needsOf(destination, input).find(({ as }) => as === 'user token');
  if (need === undefined) return user;
  const { answer } = await issue(provider(destination, need, find), user);
  if (answer === undefined) throw new TypeError(`destination ${need.name} got no token from a token service`);
  const { token } = answer;
  return Object.freeze({
    kind: 'user',
    provider: user.provider,
    claims: Object.freeze(jwtPart(token, 'claims') ?? {}),
    scopes: [],
    token,
    tokenHash: createHash('sha256').update(token).digest('base64url'),
  });
}
