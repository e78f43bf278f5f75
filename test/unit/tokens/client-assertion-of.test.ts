import { afterEach, describe, expect, test } from 'vitest';
import { anonymous } from '../../../src/authorization/principal.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import type { FlowInput } from '../../../src/tokens/flow-input.ts';
import { createTokens } from '../../../src/tokens/obtain-credential.ts';
import { destinationOf } from './support/destination-of.ts';
import { userWith } from './support/principal-of.ts';
import { type Answer, countingTokens, json, startTokenServer, type TokenServer } from './support/token-server.ts';

/** The four ways of destination-service.md 2.6, without the minted one, which has its own test. */
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const saml2Bearer = 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer';
const alice = userWith('token-of-alice');

const servers: TokenServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(answer: Answer = countingTokens()): Promise<TokenServer> {
  const server = await startTokenServer(answer);
  servers.push(server);
  return server;
}

const provider = (tokenServiceURL: string, more: object = {}) =>
  destinationOf({
    Name: 'provider',
    Authentication: 'OAuth2ClientCredentials' as const,
    clientId: 'p',
    clientSecret: 'provider-secret',
    tokenServiceURL,
    'clientAssertion.type': jwtBearer,
    ...more,
  });

const consumer = (tokenServiceURL: string, more: object = {}) =>
  destinationOf({
    Authentication: 'OAuth2ClientCredentials' as const,
    clientId: 'c',
    tokenServiceURL,
    'clientAssertion.destinationName': 'provider',
    ...more,
  });

const tokensWith = (...destinations: Destination[]) =>
  createTokens({ find: (name) => destinations.find((destination) => destination.name === name) });

const formOf = (server: TokenServer, at = 0) => Object.fromEntries(server.received.at(at)?.form ?? []);

describe("another destination's token is the client assertion", () => {
  test('with the type the provider says, and no secret', async () => {
    const [theirs, ours] = [await serve(countingTokens()), await serve(countingTokens({ scope: 's' }))];
    const tokens = tokensWith(await provider(theirs.url, { 'clientAssertion.type': saml2Bearer }));
    expect(await tokens.obtain(await consumer(ours.url, { clientSecret: 'unused' }), anonymous)).toMatchObject({
      value: 'Bearer token-1',
    });
    expect(formOf(ours)).toEqual({
      grant_type: 'client_credentials',
      client_id: 'c',
      client_assertion_type: saml2Bearer,
      client_assertion: 'token-1',
    });
  });

  test('it is fetched once and kept, whoever needs it', async () => {
    const [theirs, ours] = [await serve(), await serve()];
    const tokens = tokensWith(await provider(theirs.url));
    const destinations = await Promise.all(['a', 'b', 'c'].map((clientId) => consumer(ours.url, { clientId })));
    await Promise.all(destinations.map((destination) => tokens.obtain(destination, anonymous)));
    expect(theirs.received).toHaveLength(1);
    expect(ours.received.map(({ form }) => form.get('client_assertion'))).toEqual(new Array(3).fill('token-1'));
  });

  test('another provider under the same name is another token', async () => {
    const [theirs, ours] = [await serve(), await serve()];
    const destination = await consumer(ours.url);
    let current = await provider(theirs.url);
    const tokens = createTokens({ find: () => current });
    await tokens.obtain(destination, anonymous);
    await tokens.obtain(destination, anonymous);
    expect(ours.received).toHaveLength(1);
    current = await provider(theirs.url, { clientId: 'other' });
    await tokens.obtain(destination, anonymous);
    expect(ours.received).toHaveLength(2);
    expect(formOf(ours, 1)['client_assertion']).toBe('token-2');
  });

  test("that cannot be had is the provider's failure, told under its name", async () => {
    const [theirs, ours] = [
      await serve((_, response) => void response.writeHead(503, { 'retry-after': '9' }).end()),
      await serve(),
    ];
    const tokens = tokensWith(await provider(theirs.url));
    await expect(tokens.obtain(await consumer(ours.url), anonymous)).rejects.toMatchObject({
      status: 502,
      members: { destination: 'provider' },
    });
    expect(ours.received).toHaveLength(0);
  });
});

describe('a reference that leads nowhere is refused, though no start has seen it', () => {
  test.each<[string, () => Promise<Destination[]>, string]>([
    ['nothing of that name', async () => [], 'which does not exist'],
    [
      'another type',
      async () => [await destinationOf({ Name: 'provider', Authentication: 'NoAuthentication' })],
      'which must be of type OAuth2ClientCredentials',
    ],
    [
      'one that does not say what its token is',
      async () => [await provider('https://login.example/t', { 'clientAssertion.type': '' })],
      'which must say in clientAssertion.type what its token is',
    ],
    [
      'a circle',
      async () => [await provider('https://login.example/t', { 'clientAssertion.destinationName': 'provider' })],
      'which leads back to where it began',
    ],
  ])('%s', async (_, destinations, expected) => {
    const tokens = tokensWith(...(await destinations()));
    const destination = await consumer('https://login.example/t');
    expect(() => tokens.obtain(destination, anonymous)).toThrow(
      expect.objectContaining({ code: 'ERR_CREDENTIAL', status: 502, message: expect.stringContaining(expected) }),
    );
  });
});

describe('an assertion handed in wins over everything', () => {
  const clientAssertion = { token: 'h.a.nded', type: jwtBearer };
  const input: FlowInput = {
    clientAssertion,
    refreshToken: 'r',
    authorizationCode: { code: 'c' },
    subjectToken: { token: 's', type: 'urn:ietf:params:oauth:token-type:jwt' },
    samlAssertion: 'saml',
  };

  test.each([
    ['OAuth2ClientCredentials', {}],
    ['OAuth2Password', { User: 'u', Password: 'p' }],
    ['OAuth2JWTBearer', {}],
    ['OAuth2RefreshToken', {}],
    ['OAuth2AuthorizationCode', {}],
    ['OAuth2TokenExchange', {}],
    ['OAuth2SAMLBearerAssertion', { clientKey: 'c', SAMLAssertionProvider: 'ClientProvided' }],
  ] as const)('for %s', async (Authentication, more) => {
    const server = await serve();
    const destination = await destinationOf({
      Authentication,
      clientId: 'c',
      clientSecret: 'very secret',
      'tokenService.addClientCredentialsInBody': 'false',
      tokenServiceURL: server.url,
      ...more,
    });
    await createTokens().issue(destination as Destination, alice, { input });
    expect(formOf(server)).toMatchObject({
      client_id: 'c',
      client_assertion: 'h.a.nded',
      client_assertion_type: jwtBearer,
    });
    expect(server.received[0]?.headers.authorization).toBeUndefined();
    expect(server.received[0]?.rawBody).not.toContain('secret');
  });

  test('for the second step of OAuth2UserTokenExchange; the first goes without any', async () => {
    const server = await serve(countingTokens({ refresh_token: 'r' }));
    const destination = await destinationOf({
      Authentication: 'OAuth2UserTokenExchange',
      clientId: 'c',
      tokenServiceURL: server.url,
    });
    await createTokens().issue(destination, alice, { input: { clientAssertion } });
    expect(server.received.map(({ form }) => form.get('client_assertion'))).toEqual([null, 'h.a.nded']);
  });

  test('and so does a provider named with the call', async () => {
    const [theirs, ours] = [await serve(countingTokens()), await serve()];
    const tokens = tokensWith(await provider(theirs.url, { Name: 'other' }));
    const destination = await consumer(ours.url);
    await tokens.issue(destination, anonymous, { input: { clientAssertionDestination: 'other' } });
    expect(formOf(ours)['client_assertion']).toBe('token-1');
  });

  test('it is not repeated when the service echoes it', async () => {
    const refusal = { error: 'invalid_client', error_description: 'Bad assertion h.a.nded here' };
    const server = await serve((_, response) => json(response, 401, refusal));
    const destination = await destinationOf({
      Authentication: 'OAuth2ClientCredentials',
      clientId: 'c',
      tokenServiceURL: server.url,
    });
    const issuing = createTokens().issue(destination, anonymous, { input: { clientAssertion } });
    await expect(issuing).rejects.toMatchObject({ members: { description: 'Bad assertion […] here' } });
  });
});
