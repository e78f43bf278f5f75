import { readBearer } from '../http/bearer.ts';
import { readAccessToken, type TokenContent } from './access-token.ts';
import type { Company } from './company.ts';
import { LoginError } from './login-error.ts';

/**
 * Checks the token of an API call.
 * @throws LoginError LGN0003 none, LGN0010 another scheme, LGN0005 unreadable, LGN0007 forged, LGN0022 expired, rejected
 * or for a person only (token-flows.md E5, H62, H63)
 */
export function authenticate(authorization: string | undefined, company: Company): TokenContent {
  const bearer = readBearer(authorization);
  if (bearer.kind === 'none') throw new LoginError('LGN0003');
  if (bearer.kind === 'other') throw new LoginError('LGN0010');
  const token = readAccessToken(bearer.token, company.tokenKey);
  if (token.kind === 'unreadable') throw new LoginError('LGN0005');
  if (token.kind === 'forged') throw new LoginError('LGN0007');
  const { content } = token;
  const { rejectTokensIssuedBefore } = company.state;
  if (content.expiresAt <= company.clock.now() || content.issuedAt < rejectTokensIssuedBefore)
    throw new LoginError('LGN0022');
  if (content.personOnly) throw new LoginError('LGN0022', 'Person-only not supported when gace flag is off');
  return content;
}
