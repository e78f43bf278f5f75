import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerTokenRequest } from '../../../src/destination-service/token-endpoint.ts';
import { AppError } from '../../../src/errors/app-error.ts';
import type { TokenFields } from '../../../src/tokens/build-token-request.ts';
import { requestToken } from '../../../src/tokens/request-token.ts';
import { destinationOf } from './support/destination-of.ts';
import { type Answer, json, startTokenServer, type TokenServer } from './support/token-server.ts';

/**
 * Section H of token-flows.md, the rows whose service has no stand-in here: what IAS and XSUAA answer is told for what it is,
 * without a second try, and nobody's secret in it. The others are in test/e2e/landscape, test/unit/login and test/e2e/login.
 */
const secret = 'quite-a-secret/+=';
let answer: Answer;
let server: TokenServer;
beforeAll(async () => {
  server = await startTokenServer((asked, response) => answer(asked, response));
});
afterAll(() => server.close());

const grants = {
  client: { grant_type: 'client_credentials' },
  exchange: {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: 'a.b.c',
    subject_token_type: 'urn:x',
  },
  code: { grant_type: 'authorization_code', code: 'c', redirect_uri: 'https://a/b', code_verifier: 'v' },
  refresh: { grant_type: 'refresh_token', refresh_token: 'r' },
  jwt: { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'a.b.c' },
  saml: { grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer', assertion: 'PHNhbWw' },
} satisfies Record<string, TokenFields>;

const said = (error: string, error_description?: string) => ({
  error,
  ...(error_description === undefined ? {} : { error_description }),
});

interface Case {
  readonly row: string;
  readonly defect: string;
  readonly grant: keyof typeof grants;
  readonly answer: readonly [status: number, body: object];
  readonly told: RegExp;
  /** The user can mend it. Default: 502. */
  readonly status?: number;
}

const cases: readonly Case[] = [
  {
    row: 'H47',
    defect: 'IAS: an unknown subject_token_type',
    grant: 'exchange',
    answer: [400, said('invalid_request')],
    told: /parameter|request/,
  },
  {
    row: 'H47',
    defect: 'IAS: an unknown resource',
    grant: 'exchange',
    answer: [400, said('invalid_target')],
    told: /resource|audience|target/,
  },
  {
    row: 'H48',
    defect: 'IAS: a code that is used, or older than two minutes',
    grant: 'code',
    answer: [400, said('invalid_grant')],
    told: /does not accept/,
  },
  {
    row: 'H48',
    defect: 'IAS: a refresh token that was rotated',
    grant: 'refresh',
    answer: [400, said('invalid_grant')],
    told: /does not accept/,
  },
  {
    row: 'H51',
    defect: 'XSUAA: a wrong secret',
    grant: 'client',
    answer: [401, said('unauthorized', 'Bad credentials')],
    told: /client id or secret is wrong/,
  },
  {
    row: 'H52',
    defect: 'XSUAA: a certificate client at the host for secrets',
    grant: 'client',
    answer: [401, said('unauthorized', 'Unsupported instance credential for sb-x')],
    told: /host for secrets/,
  },
  {
    row: 'H53',
    defect: 'XSUAA: no grant_type',
    grant: 'client',
    answer: [400, said('invalid_request', 'Missing grant type')],
    told: /did not arrive whole/,
  },
  {
    row: 'H53',
    defect: 'XSUAA: an unknown grant_type',
    grant: 'client',
    answer: [400, said('unsupported_grant_type')],
    told: /grant/,
  },
  {
    row: 'H53',
    defect: 'XSUAA: another method than POST',
    grant: 'client',
    answer: [405, said('method_not_allowed')],
    told: /does not take token requests/,
  },
  {
    row: 'H54',
    defect: 'XSUAA: client_id differs from the Basic user',
    grant: 'client',
    answer: [401, said('invalid_client', 'Given client ID does not match authenticated client')],
    told: /client/,
  },
  {
    row: 'H54',
    defect: 'XSUAA: a grant that the client has not',
    grant: 'jwt',
    answer: [401, said('invalid_client', 'Unauthorized grant type')],
    told: /grant/,
  },
  {
    row: 'H55',
    defect: 'XSUAA: jwt-bearer without assertion',
    grant: 'jwt',
    answer: [401, said('unauthorized', 'Assertion is missing')],
    told: /assertion/i,
  },
  {
    row: 'H55',
    defect: 'XSUAA: saml2-bearer without assertion',
    grant: 'saml',
    answer: [401, said('unauthorized', 'SAML Assertion is missing')],
    told: /assertion/i,
  },
  {
    row: 'H56',
    defect: 'XSUAA: PKCE',
    grant: 'code',
    answer: [400, said('invalid_grant', 'Invalid code verifier: v')],
    told: /verifier|PKCE|code/,
  },
  {
    row: 'H56',
    defect: 'XSUAA: another redirect URI',
    grant: 'code',
    answer: [400, said('invalid_grant', 'Redirect URI mismatch.')],
    told: /redirect|does not accept/i,
  },
  {
    row: 'H56',
    defect: 'XSUAA: an unknown code',
    grant: 'code',
    answer: [400, said('invalid_grant', 'Invalid authorization code: c')],
    status: 401,
    told: /code|does not accept/,
  },
];

describe('what a service says of a wrong request is told for what it is, and asked once', () => {
  test.each(cases)('$row $defect', async ({ grant, answer: [status, body], told, status: ours = 502 }) => {
    answer = (_, response) => json(response, status, body);
    const { name, tokenService } = await destinationOf({
      Authentication: 'OAuth2ClientCredentials',
      clientId: 'sb-x',
      clientSecret: secret,
      tokenServiceURL: server.url,
    });
    const before = server.received.length;
    const asked = { destination: name, tokenService, fields: grants[grant], now: Date.now() };
    const error = await requestToken(asked).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AppError);
    const { status: answered, detail, hint, members } = error as AppError;
    expect(answered).toBe(ours);
    expect(detail).toMatch(told);
    expect(hint).toBeTruthy();
    expect(members).toMatchObject({ tokenServiceStatus: status });
    expect(JSON.stringify(members) + detail).not.toContain(secret);
    expect(server.received).toHaveLength(before + 1);
  });
});

describe('the token endpoint of the embedded Destination service refuses what XSUAA refuses', () => {
  const basic = (id: string, password: string) => `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`;
  const refusalOf = async (form: Record<string, string>, authorization?: string) => {
    const identity = { clientId: 'sb-x', clientSecret: secret };
    const options = { identity, verifyUser: async () => Promise.reject(new Error('nobody')), remember: () => {} };
    const asked = new URLSearchParams(form);
    const { status, body } = await answerTokenRequest(options as never, 'http://x', asked, authorization, undefined);
    return [status, body['error']];
  };
  const ours = { client_id: 'sb-x', client_secret: secret };

  test.each<[string, Record<string, string>, string | undefined, [number, string]]>([
    [
      'H51 a wrong secret',
      { ...ours, client_secret: 'x', grant_type: 'client_credentials' },
      undefined,
      [401, 'unauthorized'],
    ],
    [
      'H51 a wrong secret as Basic, though the form has the right one',
      { ...ours, grant_type: 'client_credentials' },
      basic('sb-x', 'x'),
      [401, 'unauthorized'],
    ],
    ['H53 no grant_type', ours, undefined, [400, 'invalid_request']],
    ['H53 an unknown grant_type', { ...ours, grant_type: 'foo' }, undefined, [400, 'unsupported_grant_type']],
    [
      'H54 a client_id that is not the Basic user',
      { client_id: 'sb-y', grant_type: 'client_credentials' },
      basic('sb-x', secret),
      [401, 'invalid_client'],
    ],
    [
      'H55 jwt-bearer without assertion',
      { ...ours, grant_type: grants.jwt.grant_type },
      undefined,
      [401, 'unauthorized'],
    ],
  ])('%s', async (_, form, authorization, refusal) => {
    expect(await refusalOf(form, authorization)).toEqual(refusal);
  });
});

test('every row of section H has a test that names it', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const lines = files.flatMap((name) => readFileSync(path.join(root, name), 'utf8').split('\n'));
  const text = lines.filter((line) => !/^\s*(\/?\*|\/\/)/.test(line)).join('\n');
  const named = new Set([...text.matchAll(/\bH(\d{1,2})\b/g)].map(([, number]) => Number(number)));
  const rows = Array.from({ length: 70 }, (_, index) => index + 1);
  expect(rows.filter((row) => !named.has(row))).toEqual([]);
});
