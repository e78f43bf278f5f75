import type { Company } from './company.ts';
import type { Assertion } from './read-assertion.ts';
import { unauthenticated } from './token-error.ts';

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const audience = 'www.successfactors.com';

interface Context {
  readonly company: Company;
  /** `client_id` of the request, when sent. */
  readonly clientId: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What must hold for a genuine assertion (token-flows.md E2, F3, H58, H61); the first rule that fails is the reason given. */
const rules: readonly {
  readonly reason: string;
  readonly holds: (assertion: Assertion, context: Context) => boolean;
}[] = [
  { reason: 'the SAML version is not 2.0', holds: ({ version }) => version === '2.0' },
  {
    reason: 'the assertion has no IssueInstant',
    holds: ({ issueInstant }) => issueInstant !== undefined && !Number.isNaN(issueInstant),
  },
  {
    reason: 'the issuer is not trusted',
    holds: ({ issuer }, { company }) => Boolean(issuer) && (company.strictness.issuer ?? issuer) === issuer,
  },
  { reason: 'the assertion names no user', holds: ({ nameId }) => Boolean(nameId?.value) },
  {
    reason: 'the API key is not valid',
    holds: ({ attributes }, { company, clientId }) => {
      const named = [clientId, attributes.get('api_key')].filter((key) => key !== undefined);
      return named.length > 0 && named.every((key) => key === company.client.apiKey);
    },
  },
  { reason: 'the audience is wrong', holds: ({ audiences }) => audiences.includes(audience) },
  {
    reason: 'the assertion is not yet valid',
    holds: ({ notBefore }, { now }) => notBefore === undefined || notBefore <= now,
  },
  {
    reason: 'the assertion has expired',
    holds: ({ notOnOrAfter }, { now }) => notOnOrAfter === undefined || now < notOnOrAfter,
  },
  { reason: 'the subject is not confirmed for this recipient', holds: isConfirmed },
];

/** @throws TokenError 401 with the reason */
export function checkAssertion(assertion: Assertion, company: Company, clientId: string | undefined): void {
  const context = { company, clientId, now: company.clock.now() };
  const broken = rules.find(({ holds }) => !holds(assertion, context));
  if (broken) throw unauthenticated(broken.reason);
}

/** RFC 7522 3: one bearer confirmation, in time, for the token URL. */
function isConfirmed({ confirmations, notOnOrAfter: conditionsEnd }: Assertion, { company, now }: Context): boolean {
  return confirmations.some(({ method, recipient, notBefore, notOnOrAfter }) => {
    const end = notOnOrAfter ?? conditionsEnd;
    const inTime = end !== undefined && now < end && (notBefore === undefined || notBefore <= now);
    return method === bearer && inTime && (!company.strictness.recipient || recipient === company.tokenUrl);
  });
}
