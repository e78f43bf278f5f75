import { createTokens, type Tokens } from '../../../../src/tokens/obtain-credential.ts';
import type { TokenAnswer } from '../../../../src/tokens/parse-token-answer.ts';
import type { TokenInquiry } from '../../../../src/tokens/request-token.ts';

/** Tokens whose service numbers its answers and remembers what it was asked. */
export interface AskedTokens {
  readonly tokens: Tokens;
  readonly asked: readonly TokenInquiry[];
  /** Moved by hand: milliseconds since the epoch. */
  readonly clock: { now: number };
}

/**
 * @param answer further members of an answer, or an error thrown instead
 */
export function askedTokens(
  answer: (inquiry: TokenInquiry, count: number) => Partial<TokenAnswer> = () => ({}),
): AskedTokens {
  const asked: TokenInquiry[] = [];
  const clock = { now: 1_700_000_000_000 };
  const tokens = createTokens({
    now: () => clock.now,
    requestToken: async (inquiry) => {
      asked.push(inquiry);
      return { token: `${asked.length}`, expiresAt: clock.now + 3_600_000, ...answer(inquiry, asked.length) };
    },
  });
  return { tokens, asked, clock };
}

/** The header that shows a token. */
export const shown = (token: string) => ({ kind: 'header', name: 'authorization', value: `Bearer ${token}` });
