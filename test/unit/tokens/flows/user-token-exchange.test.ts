import { afterEach, describe, expect, test } from 'vitest';
import { createTokens } from '../../../../src/tokens/obtain-credential.ts';
import { destinationOf } from '../support/destination-of.ts';
import { userWith } from '../support/principal-of.ts';
import { type Answer, json, startTokenServer, type TokenServer } from '../support/token-server.ts';

let server: TokenServer;
afterEach(() => server.close());

/** UAA as its documentation describes it: the grant user_token gives a refresh token and no access token. */
const uaa: Answer = ({ form, headers }, response) => {
  if (form.get('grant_type') === 'user_token') {
    if (headers.authorization !== 'Bearer token-of-alice')
      return json(response, 401, { error: 'unauthorized', error_description: 'Bad credentials' });
    return json(response, 200, { access_token: null, token_type: 'bearer', refresh_token: 'r-1', expires_in: 43199 });
  }
  return json(response, 200, { access_token: 'for-orders', token_type: 'bearer', expires_in: 43199 });
};

async function obtain(answer: Answer, more: object = {}) {
  server = await startTokenServer(answer);
  const destination = await destinationOf({
    Authentication: 'OAuth2UserTokenExchange' as const,
    clientId: 'sb-orders!t1',
    clientSecret: 's',
    tokenServiceURL: `${server.origin}/oauth/token`,
    ...more,
  });
  return await createTokens().obtain(destination, userWith('token-of-alice'));
}

describe('the two steps of UAA (destination-service.md 2.5)', () => {
  test("the user's token gets a refresh token for our client, which gets the access token", async () => {
    expect(await obtain(uaa, { scope: 'orders.read' })).toMatchObject({ value: 'Bearer for-orders' });
    const [first, second] = server.received;
    expect(Object.fromEntries(first?.form ?? [])).toEqual({
      grant_type: 'user_token',
      response_type: 'token',
      client_id: 'sb-orders!t1',
      scope: 'orders.read',
    });
    expect(Object.fromEntries(second?.form ?? [])).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'r-1',
      scope: 'orders.read',
      client_id: 'sb-orders!t1',
      client_secret: 's',
    });
    expect(second?.headers.authorization).toBeUndefined();
  });

  test('the secret never goes where the user token goes, not even as Basic', async () => {
    await obtain(uaa, { 'tokenService.addClientCredentialsInBody': 'false' });
    expect(server.received.map(({ headers }) => headers.authorization?.split(' ')[0])).toEqual(['Bearer', 'Basic']);
    expect(server.received[0]?.rawBody).not.toContain('client_secret');
  });

  test('a user token without the scope is explained', async () => {
    const refusing: Answer = (_, response) =>
      json(response, 403, { error: 'insufficient_scope', error_description: 'Insufficient scope for this resource' });
    await expect(obtain(refusing)).rejects.toMatchObject({ hint: expect.stringContaining('uaa.user') });
  });

  test('an answer without a refresh token is none', async () => {
    const silent: Answer = (_, response) => json(response, 200, { access_token: 'x', token_type: 'bearer' });
    await expect(obtain(silent)).rejects.toMatchObject({
      detail: expect.stringContaining('answers 200, but without a usable refresh_token'),
    });
  });

  test('the echoed user token is not repeated', async () => {
    const echoing: Answer = ({ headers }, response) =>
      json(response, 401, { error: 'invalid_token', error_description: `Bad ${headers.authorization}` });
    const error = await obtain(echoing).catch((caught: unknown) => caught);
    expect(JSON.stringify(error)).not.toContain('token-of-alice');
  });
});
