import type { DestinationOf } from '../../destinations/destination.ts';
import { issueBearer } from '../bearer.ts';
import type { AskingFlow } from '../flow.ts';
import { subjectTokenType } from '../subject-token-type.ts';

/**
 * RFC 8693: the user's token, or the one handed in, is exchanged for another. `requested_token_type`, `resource` and
 * `audience` come from `tokenService.body.*` or `tokenServiceURL.queries.*` (destination-service.md 2.5); so may a fixed
 * subject token, which then names its own user.
 */
export const tokenExchange: AskingFlow<DestinationOf<'OAuth2TokenExchange'>> = {
  kind: 'token',
  actsFor: ({ tokenService }, input) =>
    input.subjectToken !== undefined || 'subject_token' in tokenService.body ? 'client' : 'user',
  async obtain({ name, tokenService }, { user, input, claims, now }, requestToken) {
    const subject = input.subjectToken ?? (user && { token: user.token, type: subjectTokenType(user) });
    const fields = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subject?.token,
      subject_token_type: subject?.type,
      actor_token: input.actorToken?.token,
      actor_token_type: input.actorToken?.type,
    };
    return issueBearer(
      await requestToken({ destination: name, tokenService, fields, assertedUser: user, claims, now }),
    );
  },
};
