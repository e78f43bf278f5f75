import { AppError } from '../errors/app-error.ts';
import { issueBearer } from './bearer.ts';
import type { Issued } from './credential.ts';
import type { Caller } from './flow.ts';
import type { RequestToken, TokenInquiry } from './request-token.ts';

/**
 * Renews with the refresh token that came with the token before, where there is one (RFC 6749 6); whatever is wrong with
 * it, `anew` gets the token as the first time.
 */
export async function renewOr(
  inquiry: Omit<TokenInquiry, 'fields'>,
  { refreshToken }: Caller,
  requestToken: RequestToken,
  anew: () => Promise<Issued>,
): Promise<Issued> {
  if (refreshToken === undefined) return anew();
  try {
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const answer = await requestToken({ ...inquiry, fields });
    // One that does not rotate comes with no new one.
    return issueBearer({ ...answer, refreshToken: answer.refreshToken ?? refreshToken });
  } catch (error) {
    if (error instanceof AppError && error.members['error'] !== undefined) return anew();
    throw error;
  }
}
