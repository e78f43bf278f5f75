import { describe, expect, test } from 'vitest';
import type { TokenService } from '../../../src/destinations/token-service.ts';
import { decodeTokenError } from '../../../src/tokens/decode-token-error.ts';
import { tokenErrorTable } from '../../../src/tokens/token-error-table.ts';
import { userWith } from './support/principal-of.ts';

const now = 1_700_000_000_000;
const tokenService = { url: new URL('https://login.example/tenant/token?secret=1') } as TokenService;

interface Circumstances {
  readonly status?: number;
  readonly retryAfter?: string;
  readonly secrets?: readonly string[];
  readonly userExpires?: number;
}

function decode(body: unknown, circumstances: Circumstances = {}) {
  const { status = 400, retryAfter, secrets = [], userExpires } = circumstances;
  const assertedUser = userExpires === undefined ? undefined : userWith('t', { exp: userExpires });
  return decodeTokenError(
    { status, retryAfter, body, fault: 'a refusal' },
    { destination: 'graph', tokenService, secrets, assertedUser, now },
  );
}

/** As Entra ID writes it (token-flows.md A8). */
function entra(code: number, error: string, more: object = {}) {
  return {
    error,
    error_description: `AADSTS${code}: Something about it. Trace ID: 1 Correlation ID: 2 Timestamp: 2024-01-01 00:00:00Z`,
    error_codes: [code],
    correlation_id: '7a1d3bb4-4a2f-4e0e-9a6d-0c1d2e3f4a5b',
    ...more,
  };
}

describe('Entra ID', () => {
  test.each([
    [7000215, 'invalid_client', 502, 'the client secret is wrong'],
    [7000222, 'invalid_client', 502, 'the client secret has expired'],
    [700027, 'invalid_client', 502, 'not signed with a registered key'],
    [700024, 'invalid_client', 502, 'not valid at this time'],
    [700016, 'unauthorized_client', 502, 'the client id is unknown'],
    [90002, 'invalid_request', 502, 'the tenant is unknown'],
    [1002012, 'invalid_scope', 502, '/.default'],
    [500131, 'invalid_grant', 502, 'issued for another application'],
    [500133, 'invalid_grant', 401, "the user's token has expired"],
    [65001, 'invalid_grant', 403, 'has not consented'],
    [50105, 'invalid_grant', 403, 'not assigned'],
    [50076, 'interaction_required', 401, 'must prove more'],
    [50079, 'invalid_grant', 401, 'must prove more'],
    [53003, 'interaction_required', 401, 'Conditional Access'],
    [999999, 'interaction_required', 401, 'must take part'],
    [999999, 'invalid_grant', 502, 'does not accept the assertion'],
  ])('AADSTS%i with %s: %i, %s', (code, error, status, cause) => {
    const decoded = decode(entra(code, error));
    expect(decoded.status).toBe(status);
    expect(decoded.detail).toContain(cause);
    expect(decoded.hint).toBeTruthy();
    expect(decoded.code).toBe('ERR_TOKEN_SERVICE');
    expect(decoded.members).toEqual({
      destination: 'graph',
      tokenService: 'https://login.example',
      tokenServiceStatus: 400,
      error,
      errorCode: `AADSTS${code}`,
      correlationId: '7a1d3bb4-4a2f-4e0e-9a6d-0c1d2e3f4a5b',
      description: `AADSTS${code}: Something about it.`,
    });
  });

  test('the suberror is told, and counts like an error', () => {
    const decoded = decode(entra(999999, 'invalid_grant', { suberror: 'consent_required' }));
    expect(decoded.members['suberror']).toBe('consent_required');
    expect(decoded.status).toBe(401);
  });

  test.each([
    'basic_action',
    'additional_action',
    'message_only',
    'user_password_expired',
    'bad_token',
    'consent_required',
  ])('with suberror %s the user must take part, whatever the code (token-flows.md A8)', (suberror) =>
    expect(decode(entra(999999, 'invalid_grant', { suberror })).status).toBe(401),
  );

  test('an unknown suberror changes nothing', () => {
    expect(decode(entra(999999, 'invalid_grant', { suberror: 'client_mismatch' })).status).toBe(502);
  });

  test('its challenge is handed on, in base64, to who can meet it (token-flows.md A10)', () => {
    const claims = '{"access_token":{"polids":{"essential":true,"values":["1"]}}}';
    const decoded = decode(entra(50079, 'interaction_required', { claims }));
    const encoded = Buffer.from(claims).toString('base64');
    expect(decoded.headers).toEqual({
      'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${encoded}"`,
    });
  });

  test('a code is found in the text as well as in error_codes', () => {
    expect(decode({ error: 'x', error_description: 'AADSTS65001: No consent.' }).status).toBe(403);
    expect(decode({ error: 'x', error_codes: [65001] }).status).toBe(403);
  });
});

describe('SuccessFactors', () => {
  test.each([
    ['Unable to authenticate the client (Login failed - invalid user)', 'does not know the user'],
    ['Unable to verify the signature of the SAML assertion. Make sure key pairs match', 'signed with another key'],
    ['Invalid useruuid', 'does not know the user_uuid'],
    ['Company acme not found', 'does not know the company'],
    ['Something else', 'SuccessFactors does not accept the client or the assertion'],
  ])('%s', (errorMessage, cause) => {
    const decoded = decode({ errorHttpCode: '401', errorMessage }, { status: 401 });
    expect(decoded.status).toBe(502);
    expect(decoded.detail).toContain(cause);
  });

  // Its texts for these are not known (token-flows.md E4): the form of the answer tells that it is SuccessFactors.
  test.each([400, 401, 403])('%i with words nobody has written down says what to look at', (status) => {
    const decoded = decode({ errorHttpCode: String(status), errorMessage: 'Nope' }, { status });
    expect(decoded.hint).toMatch(/apiKey.*audience.*assertionRecipient/);
  });

  test('being out of order or asked too much is no fault of the assertion', () => {
    expect(decode({ errorHttpCode: '500', errorMessage: 'Oops' }, { status: 500 }).detail).toContain('out of order');
    expect(decode({ errorHttpCode: '429', errorMessage: 'Oops' }, { status: 429 }).detail).toContain('too many');
  });
});

describe('XSUAA and any OAuth service', () => {
  test.each([
    [401, { error: 'unauthorized', error_description: 'Bad credentials' }, 'client id or secret is wrong'],
    [
      401,
      { error: 'unauthorized', error_description: 'Unsupported instance credential for x' },
      'used the host for secrets',
    ],
    [
      401,
      { error: 'unauthorized', error_description: 'SAML response: wrong audience' },
      'does not accept the assertion',
    ],
    [401, { error: 'unauthorized', error_description: 'Nope' }, 'does not accept our client authentication'],
    [401, { error: 'invalid_client' }, 'does not accept our client authentication'],
    [400, { error: 'unauthorized_client' }, 'may not use this grant'],
    [400, { error: 'invalid_target' }, 'resource asked for is unknown'],
    [400, { error: 'invalid_scope' }, 'scope is not valid'],
    [429, undefined, 'too many requests'],
    [302, undefined, 'redirect, which is not followed'],
    [401, undefined, 'does not accept us'],
    [404, '<html>', 'no token endpoint at this address'],
    [503, undefined, 'out of order'],
    [408, undefined, 'out of order'],
    [401, { error: 'invalid_token', error_description: 'The token expired, was revoked, or …' }, 'token handed on'],
    [418, undefined, 'gives no token'],
    [200, undefined, 'answers 200, but a refusal'],
  ])('%i %j', (status, body, cause) => {
    const decoded = decode(body, { status });
    expect(decoded.status).toBe(502);
    expect(decoded.detail).toContain(cause);
  });

  test.each(['interaction_required', 'login_required', 'consent_required'])('%s can be mended by the user', (error) => {
    expect(decode({ error }).status).toBe(401);
  });

  test.each(['invalid_grant', 'invalid_token'])("%s for a user's token that has run out is the user's", (error) => {
    const seconds = now / 1000;
    expect(decode({ error }, { userExpires: seconds - 1 }).status).toBe(401);
    expect(decode({ error }, { userExpires: seconds + 1 }).status).toBe(502);
  });

  test.each([
    ['120', '120'],
    [new Date(now + 30_000).toUTCString(), '30'],
    ['soon', undefined],
    ['-1', undefined],
    [new Date(now - 30_000).toUTCString(), undefined],
  ])('Retry-After %s is handed on as %s', (retryAfter, expected) => {
    expect(decode(undefined, { status: 429, retryAfter }).headers['retry-after']).toBe(expected);
  });
});

describe('what is shown of the words of a service', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';

  test.each([
    ['A wrong secret: hunter2. More.', 'A wrong secret: […].'],
    [`Cannot use ${jwt} here`, 'Cannot use […] here'],
    [`Bad assertion ${'QUJD'.repeat(20)}==`, 'Bad assertion […]'],
    ['First line\r\nTrace ID: x', 'First line'],
    [
      `AADSTS700027: thumbprint '0D030E76BF484D9C6177A35823B97CCBA2C8753C'`,
      `AADSTS700027: thumbprint '0D030E76BF484D9C6177A35823B97CCBA2C8753C'`,
    ],
    ['x '.repeat(500), 'x '.repeat(100).trim()],
  ])('%s', (text, shown) => {
    const decoded = decode({ error: 'invalid_client', error_description: text }, { secrets: ['hunter2', 'a'] });
    expect(decoded.members['description']).toBe(shown);
  });

  test.each([
    ['in a form', 'No client_id=c&client_secret=quite-a-secret%2F%2B%3D%26+x'],
    ['in a URL', 'No quite-a-secret%2F%2B%3D%26%20x'],
    ['in base64', `No ${Buffer.from('quite-a-secret/+=& x').toString('base64')}`],
    ['in JSON', 'No "quite-a-secret/+=& x"'],
  ])('a secret that comes back %s is not shown', (_, text) => {
    const decoded = decode({ error: 'invalid_client', error_description: text }, { secrets: ['quite-a-secret/+=& x'] });
    expect(decoded.members['description']).toContain('[…]');
    expect(decoded.members['description']).not.toMatch(/quite|cXVpdGUt/);
  });

  test('nothing secret is anywhere in the error, whatever the service echoes and wherever', () => {
    const echo = `hunter2 ${jwt}`;
    const body = { error: echo, error_description: echo, suberror: echo, correlation_id: echo, errorMessage: echo };
    const decoded = decode(body, { secrets: ['hunter2'] });
    const everything = JSON.stringify([decoded, decoded.detail, decoded.hint, decoded.message, String(decoded.cause)]);
    expect(everything).not.toMatch(/hunter2|eyJ|secret=1|tenant/);
  });
});

/** All that token-flows.md knows of: sections A9, D5, E4 and E5. */
describe('nothing that is known is only guessed at: it has a row of its own', () => {
  /** Whether the row that was taken is about a code, a text or one service, not about an OAuth error or a status only. */
  const isParticular = ({ detail, hint }: ReturnType<typeof decode>) => {
    const row = tokenErrorTable.find(({ cause, cure }) => cure === hint && detail?.includes(cause));
    return row?.aadsts !== undefined || row?.text !== undefined || row?.ofSuccessFactors === true;
  };

  test.each([
    7000215, 7000222, 7000218, 700025, 700027, 700024, 700023, 700021, 50048, 5002723, 5002741, 50027, 50012, 700030,
    700016, 7000112, 7000114, 90083, 90002, 900023, 90019, 50059, 900144, 90014, 900561, 70003, 9002313, 90023, 90013,
    90100, 70011, 28002, 28003, 1002012, 700022, 500011, 650057, 901002, 500131, 500133, 50013, 240002, 50107, 65001,
    50105, 50076, 50079, 50158, 53000, 53001, 53003, 530032, 50097, 54005, 70008, 700082, 700084, 70043, 70000, 50173,
    501481, 50147, 501491, 50011, 700005, 50194, 9001023, 90124, 90130, 50058, 50196, 90055, 90033, 90006, 90024,
  ])('AADSTS%i', (code) => {
    const row = tokenErrorTable.find(({ aadsts, text }) => aadsts?.includes(code) && !text);
    expect(row).toBeDefined();
    expect(decode(entra(code, 'invalid_request')).hint).toBe(row?.cure);
  });

  test.each([
    [401, 'unauthorized', 'Bad credentials'],
    [401, 'unauthorized', 'Client authentication failed'],
    [401, 'unauthorized', 'Client with requested ID does not exist'],
    [401, 'invalid_client', 'No client with requested id: sb-x'],
    [
      401,
      'invalid_request',
      'The origin provided in the login_hint is not an active IdP that supports the password grant',
    ],
    [401, 'unauthorized', 'Unsupported instance credential for sb-x'],
    [404, 'not_found', 'The subdomain does not map to a valid identity zone.'],
    [400, 'invalid_request', 'Missing grant type'],
    [401, 'invalid_client', 'Unauthorized grant type'],
    [401, 'invalid_client', 'Given client ID does not match authenticated client'],
    [403, 'insufficient_scope', 'Insufficient scope for this resource'],
    [400, 'invalid_grant', 'Redirect URI mismatch.'],
    [400, 'invalid_grant', 'Invalid authorization code: abc'],
    [400, 'invalid_grant', 'PKCE error: Code verifier must be provided'],
    [400, 'invalid_grant', 'Invalid code verifier: abc'],
    [400, 'invalid_request', 'refresh_token parameter not provided'],
    [401, 'invalid_client', 'Bad client_assertion algorithm'],
    [401, 'invalid_client', 'Untrusted client_assertion'],
    [401, 'invalid_request', 'Assertion is missing'],
    [401, 'invalid_request', 'SAML Assertion is missing'],
    [401, 'invalid_token', 'Token header claim [kid] references unknown signing key : [default-jwt-key-1]'],
    [403, 'access_denied', 'Could not verify the provided CSRF token because no token was found to compare.'],
  ])('XSUAA %i %s: %s', (status, error, error_description) => {
    expect(isParticular(decode({ error, error_description }, { status }))).toBe(true);
  });

  test.each([
    'Unable to authenticate the client (Login failed - invalid user)',
    'Unable to authenticate the client (Login failed - something else)',
    'Unable to verify the signature of the SAML assertion. Make sure the key pairs match the client ID',
    'Invalid useruuid',
    'Company ACME not found',
    '[AUTH0032]Invalid client certificate',
    'The user does not have the permission Manage OAuth2 Client Applications',
    ...['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '15', '22'].map((n) => `[LGN00${n}]something`),
  ])('SuccessFactors: %s', (errorMessage) => {
    const decoded = decode({ errorHttpCode: '401', errorMessage }, { status: 401 });
    expect(isParticular(decoded)).toBe(true);
    const code = /LGN\d{4}|AUTH\d{4}/.exec(errorMessage)?.[0];
    if (code) expect(decoded.members['errorCode']).toBe(code);
  });

  test('IAS, whose words nobody has written down, is told by its error codes (C7)', () => {
    for (const [error, cause] of [
      ['invalid_request', 'malformed'],
      ['invalid_client', 'client authentication'],
      ['invalid_grant', 'the assertion'],
      ['unauthorized_client', 'may not use this grant'],
      ['invalid_target', 'resource asked for is unknown'],
    ])
      expect(decode({ error, error_description: 'Client authentication failure 1' }).detail).toContain(cause);
  });
});

test.each(['no JSON', '[]', `{"a":"${'x'.repeat(5_000)}"}`])(
  'claims that are none, or too many, are no challenge: %.20s',
  (claims) => {
    expect(decode(entra(50079, 'interaction_required', { claims })).headers).toEqual({});
  },
);

test('every row of the table can be reached: none is hidden by an earlier one', () => {
  const hidden = tokenErrorTable.filter(({ aadsts, error }, index) => {
    const before = tokenErrorTable.slice(0, index).filter((row) => row.text === undefined);
    if (aadsts) return aadsts.every((code) => before.some((row) => row.aadsts?.includes(code)));
    return error?.every((name) => before.some((row) => row.error?.includes(name))) ?? false;
  });
  expect(hidden).toEqual([]);
});
