import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Company } from './company.ts';
import type { Subject } from './find-subject.ts';

/** Exactly 24 hours (token-flows.md E3). Milliseconds. */
const lifetime = 86_400_000;

/** The inside of a token; times in milliseconds since 1970. */
export interface TokenContent {
  readonly apiKey: string;
  /** `<userId>#DIV#<companyId>`; the service itself spells it so. */
  readonly sfPrinciple: string;
  readonly issuedFor: string;
  readonly scope: '';
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly personOnly?: true;
  readonly personGUID?: string;
}

/** A token as its holder sees it, with what the service remembers of it. */
export interface AccessToken {
  readonly text: string;
  readonly content: TokenContent;
}

export function issueAccessToken(subject: Subject, company: Company): AccessToken {
  const issuedAt = company.clock.now();
  const content: TokenContent = {
    apiKey: company.client.apiKey,
    sfPrinciple: `${subject.userId}#DIV#${company.id}`,
    issuedFor: company.client.name,
    scope: '',
    issuedAt,
    expiresAt: issuedAt + lifetime,
    ...(subject.kind === 'person-only' ? { personOnly: true, personGUID: subject.personGuid } : {}),
  };
  const signature = sign(content, company.tokenKey).toString('base64');
  return { text: Buffer.from(JSON.stringify({ tokenContent: content, signature })).toString('base64'), content };
}

/** What a presented token turns out to be. */
export type ReadToken =
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'forged' }
  | { readonly kind: 'genuine'; readonly content: TokenContent };

export function readAccessToken(text: string, key: KeyObject): ReadToken {
  const value = decode(text) as { tokenContent?: TokenContent; signature?: unknown } | undefined;
  const { tokenContent: content, signature } = value ?? {};
  if (!content || typeof signature !== 'string') return { kind: 'unreadable' };
  const expected = sign(content, key);
  const presented = Buffer.from(signature, 'base64');
  const genuine = presented.length === expected.length && timingSafeEqual(presented, expected);
  return genuine ? { kind: 'genuine', content } : { kind: 'forged' };
}

function sign(content: TokenContent, key: KeyObject): Buffer {
  return createHmac('sha256', key).update(JSON.stringify(content)).digest();
}

function decode(text: string): unknown {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
