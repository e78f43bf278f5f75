import type { Claims } from '../../authorization/principal.ts';
import type { SamlAssertionProfile } from '../../destinations/saml-profile.ts';
import { nameIdOf } from '../../tokens/saml/name-id.ts';
import { Complaint, type Finding, ok, skipped } from '../doctor/step.ts';
import type { SamlDestination } from './open-saml.ts';

/** One look at what a destination says; throws Complaint when the target would refuse it. */
export interface Judgment {
  readonly name: string;
  readonly judge: () => Finding;
}

/** What SuccessFactors is known to say (token-flows.md E4, E5). */
const refusals = {
  user: 'SuccessFactors answers "Unable to authenticate the client (Login failed - invalid user)"',
  client: 'SuccessFactors answers 401: it does not know the client',
  company: 'SuccessFactors answers that the company is not found',
  person: 'the token is then for a person, and the API answers LGN0022, or "Invalid useruuid"',
} as const;

const successFactorsAudience = 'www.successfactors.com';

/**
 * What is judged of any destination that makes assertions, and what SuccessFactors wants beyond that (token-flows.md E1,
 * E2; destination-service.md 2.7, 8).
 * @param claims of a user, for what depends on one
 */
export function judgments(found: SamlDestination, claims: Claims | undefined): readonly Judgment[] {
  const { destination, saml, says } = found;
  const common: readonly Judgment[] = [
    { name: 'audience', judge: () => judgeAudience(saml) },
    { name: 'recipient', judge: () => judgeRecipient(found) },
    { name: 'NameID', judge: () => judgeNameId(found, claims) },
  ];
  const { successFactors } = saml;
  if (successFactors === undefined) return common;
  const tokenService = 'tokenService' in destination ? destination.tokenService : undefined;
  return [
    ...common,
    { name: 'user_uuid', judge: () => judgeUserUuid(saml, claims) },
    {
      name: 'API key',
      judge: () => {
        const { apiKey } = successFactors;
        const { clientKey } = saml;
        if (apiKey === clientKey) return ok('apiKey and clientKey are the same');
        throw new Complaint(
          `clientKey and apiKey differ: ${refusals.client}`,
          'Both are the API key of the OAuth client application.',
        );
      },
    },
    {
      name: 'company',
      judge: () => {
        const inUrl = tokenService?.url.searchParams.get('company_id');
        const company = successFactors.companyId ?? inUrl;
        if (company) return ok(`${company}; SuccessFactors compares upper and lower case, too`);
        throw new Complaint(`no company is named: ${refusals.company}`, 'Set companyId.');
      },
    },
    ...(tokenService === undefined
      ? []
      : [
          {
            name: 'token service',
            judge: (): Finding => {
              const { clientAuthentication, url } = tokenService;
              if (clientAuthentication.method !== 'none')
                return {
                  outcome: 'warning',
                  told: `the client also proves itself (${clientAuthentication.method}); SuccessFactors wants the assertion only`,
                  cure: 'Leave tokenServiceUser, clientSecret and tokenService.KeyStoreLocation out.',
                };
              if (url.pathname !== '/oauth/token')
                return {
                  outcome: 'warning',
                  told: `${url.pathname} is not where SuccessFactors gives tokens`,
                  cure: 'tokenServiceURL ends in /oauth/token there.',
                };
              return ok(`${url.origin}${url.pathname}`);
            },
          },
        ]),
    { name: 'encoding', judge: () => ok(`${saml.encoding}${says('samlAssertionEncoding') ? '' : ' (default)'}`) },
  ];
}

function judgeAudience({ audience, successFactors }: SamlAssertionProfile): Finding {
  if (successFactors === undefined || audience === successFactorsAudience) return ok(audience);
  throw new Complaint(
    `it is ${audience}: SuccessFactors answers 401, for an assertion that is not meant for it`,
    `Set audience to ${successFactorsAudience}.`,
  );
}

function judgeRecipient({ destination, saml }: SamlDestination): Finding {
  const expected = 'tokenService' in destination ? destination.tokenService.endpoint : undefined;
  if (saml.recipient === undefined) return skipped('none is named; there is no token service');
  if (expected === undefined || saml.recipient === expected) return ok(saml.recipient);
  return {
    outcome: 'warning',
    told: `${saml.recipient} is not the token URL (${expected}); a strict service refuses that (RFC 7522 3 #5)`,
    cure: 'Leave assertionRecipient out: it is the tokenServiceURL then.',
  };
}

function judgeNameId({ destination, saml, says }: SamlDestination, claims: Claims | undefined): Finding {
  const { nameId, successFactors } = saml;
  if (nameId.systemUser !== undefined)
    return {
      outcome: 'warning',
      told: `${nameId.systemUser} (SystemUser), whoever is logged in`,
      cure: 'For trials only; the Destination service gives SystemUser up (destination-service.md 8 #4).',
    };
  const source = nameId.source.join('.');
  const why = says('userIdSource') ? 'userIdSource' : 'the default that goes with nameIdFormat';
  if (successFactors && source === 'user_id')
    return {
      outcome: 'warning',
      told: 'claim user_id, which is XSUAA’s own number for a user',
      cure: 'Name another claim in userIdSource, e.g. email or user_name.',
    };
  if (claims === undefined) return ok(`claim ${source} (${why}); --user FILE shows whether a user has it`);
  const value = nameIdOf(nameId, claims, destination.name);
  if (successFactors === undefined) return ok(`claim ${source} (${why}): ${value}`);
  const isAddress = /^[^\s@]+@[^\s@]+$/.test(value);
  if (successFactors.useEmail && !isAddress)
    throw new Complaint(
      `"${value}" is no e-mail address, and is looked up as one: ${refusals.user}`,
      'Set nameIdFormat to …:unspecified for user ids, or name the claim of the address in userIdSource.',
    );
  const asUserName = Object.hasOwn(saml.attributes, 'use_username');
  if (!successFactors.useEmail && isAddress && !asUserName)
    return {
      outcome: 'warning',
      told: `"${value}" is looked up as a user id. If it is an e-mail address, ${refusals.user}`,
      cure: 'Set nameIdFormat to …:emailAddress, or samlAttributes.use_username to true for user names.',
    };
  return ok(`claim ${source} (${why}): ${value}`);
}

function judgeUserUuid({ skipUserUuid }: SamlAssertionProfile, claims: Claims | undefined): Finding {
  const cure = 'Set skipUserUuidInSAMLAttributes to true.';
  if (skipUserUuid) return ok('left out (skipUserUuidInSAMLAttributes)');
  if (claims?.['user_uuid'] !== undefined)
    throw new Complaint(`the user has one, and it goes into the assertion: ${refusals.person}`, cure);
  if (claims !== undefined) return ok('the user has none');
  return { outcome: 'warning', told: `goes along where a user has one (tokens of IAS do): ${refusals.person}`, cure };
}
