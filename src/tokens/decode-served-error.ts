import type { User } from '../authorization/principal.ts';
import type { DestinationOf } from '../destinations/destination.ts';
import { AppError } from '../errors/app-error.ts';
import { redact } from '../errors/redact.ts';
import { challengeHeaders } from './claims-challenge.ts';
import { tokenErrorTable } from './token-error-table.ts';

interface Row {
  readonly text: RegExp;
  /** 401: the user can mend it by logging in again. Default: 502. */
  readonly answer?: 401;
  /** Ends "…: ". */
  readonly cause: string;
  readonly cure: string;
}

/** What the Destination service writes into `authTokens[].error` (destination-service.md 4.9, section 8). First match wins. */
const rows: readonly Row[] = [
  {
    text: /cannot determine user to propagate/i,
    cause: 'it was told no user',
    cure: 'The route must require a login, and the login must give a token of the user.',
  },
  {
    text: /user id\b.*could not be determined/i,
    cause: "it finds no user id in the user's token",
    cure: 'Set userIdSource to a claim the token has, e.g. email or sub; the service sees one token, not the id_token beside it.',
  },
  {
    text: /X-tenant header/i,
    cause: 'the token service has an address for each tenant, and none was named',
    cure: 'Set tokenServiceURLType to Dedicated, or see that the binding has identityzone.',
  },
  {
    text: /\bkid\b.*unknown signing key|references unknown signing key/i,
    cause: "the token service does not know who signed the user's token",
    cure: 'Use OAuth2SAMLBearerAssertion with trust between the subaccounts.',
  },
  {
    text: /insufficient scope/i,
    cause: "the user's token lacks a scope, mostly uaa.user",
    cure: 'Ask for it in xs-security.json, or use OAuth2JWTBearer.',
  },
  {
    text: /\/userinfo endpoint.*403/i,
    cause: "it may not read the user's attributes",
    cure: 'The login needs the scopes openid and user_attributes.',
  },
  {
    text: /client[ _]assertion/i,
    cause: 'the token service does not accept the client assertion',
    cure: 'A fixed one expires: use clientAssertion.KeyStoreLocation or clientAssertion.destinationName.',
  },
  {
    text: /(token|jwt|assertion)\b[^.]*\b(has )?expired/i,
    answer: 401,
    cause: "the user's token has expired",
    cure: 'Log in again.',
  },
  {
    text: /unable to verify the signature of the saml assertion/i,
    cause: 'the target knows another certificate than the one the assertion is signed with',
    cure: "Register the signing certificate there: the key store's, or the subaccount's trust.",
  },
  {
    text: /invalid useruuid/i,
    cause: 'SuccessFactors takes user_uuid for the user',
    cure: 'Set skipUserUuidInSAMLAttributes to true.',
  },
  {
    text: /login failed - invalid user/i,
    cause: 'SuccessFactors does not know the user, or the user may not use the API',
    cure: 'Check nameIdFormat and userIdSource, and the user there.',
  },
  {
    text: /bad credentials|invalid_client|unauthorized/i,
    cause: 'the token service does not accept the client',
    cure: 'Check clientId and clientSecret, or the certificate.',
  },
  {
    text: /CSRF token because no token was found/i,
    cause: 'the address is no token endpoint',
    cure: 'Give the whole URL in tokenServiceURL, e.g. https://…/oauth/token.',
  },
  {
    text: /SSL|TLS|PKIX/,
    cause: 'the TLS connection to the token service fails',
    cure: 'Check tokenServiceURL, the key store and TrustStoreLocation.',
  },
  {
    text: /^unexpected error$|x_user_token|no JKU|token was not accepted/i,
    cause: "it cannot verify the user's token",
    cure: 'Set x_user_token.jwks_uri to the keys of the login’s issuer.',
  },
];

const otherwise = {
  cause: 'the Destination service gets no token',
  cure: 'Look at the destination in the cockpit: Check Connection.',
};

/** What stands in front of the reason, old and new. */
const prefix = /^Retriev(?:al|ing) of OAuthToken failed due to(?: the following reason)?:\s*/i;

/**
 * Tells what the Destination service means by an `error` in the place of a token: 502, or 401 when logging in again helps.
 * Its text is shown without the user's token and anything that looks like one.
 * @param now milliseconds since the epoch
 */
export function decodeServedError(
  { name, type }: Pick<DestinationOf<'ServedToken'>, 'name' | 'type'>,
  reason: string,
  user: User | undefined,
  now: number,
): AppError {
  const text = reason.trim().replace(prefix, '');
  const aadsts = Number(/AADSTS(\d{4,9})/.exec(text)?.[1]);
  const said = jsonIn(text);
  const entra = tokenErrorTable.find((row) => row.aadsts?.includes(aadsts)) ?? wantsUser(said);
  const row = entra ?? rows.find((candidate) => candidate.text.test(text)) ?? otherwise;
  const claims = typeof said['claims'] === 'string' ? said['claims'] : undefined;
  const expiry = user?.claims['exp'];
  const expired = typeof expiry === 'number' && expiry * 1000 <= now;
  const { cause, cure } = expired ? { cause: "the user's token has expired", cure: 'Log in again.' } : row;
  const answer = 'answer' in row ? row.answer : undefined;
  const status = expired ? 401 : (answer ?? (claims === undefined ? 502 : 401));
  const shown = redact(describedIn(said) ?? text, user === undefined ? [] : [user.token]);
  return new AppError({
    code: 'ERR_TOKEN_SERVICE',
    status,
    detail: `The Destination service gets no token for destination ${name} (${type}): ${cause}.`,
    hint: cure,
    members: {
      destination: name,
      serviceStatus: 200,
      ...(Number.isNaN(aadsts) ? {} : { errorCode: `AADSTS${aadsts}` }),
      ...(shown === '' ? {} : { description: shown }),
    },
    headers: status === 401 ? challengeHeaders(claims) : {},
  });
}

type Json = Readonly<Record<string, unknown>>;

/** What the token service answered the Destination service, where that is quoted; else nothing. */
function jsonIn(text: string): Json {
  try {
    const said: unknown = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
    return typeof said === 'object' && said !== null ? (said as Json) : {};
  } catch {
    return {};
  }
}

/** The row of an error that the user can help with, whatever its code (token-flows.md A8). */
function wantsUser({ error, suberror }: Json) {
  return tokenErrorTable.find(
    (row) => row.answer === 401 && [error, suberror].some((word) => row.error?.includes(String(word))),
  );
}

function describedIn({ error_description: description, errorMessage, message, error }: Json): string | undefined {
  return [description, errorMessage, message, error].find((one): one is string => typeof one === 'string');
}
