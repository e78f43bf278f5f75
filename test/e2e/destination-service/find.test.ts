import { beforeAll, describe, expect, test } from 'vitest';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { type DestinationService, openDestinationService } from '../support/open-destination-service.ts';

let issuer: TokenIssuer;
let service: DestinationService;
const plain = { Type: 'HTTP', URL: 'https://backend.example/api', ProxyType: 'Internet' };

beforeAll(async () => {
  issuer = await startTokenIssuer();
  const oauth = { ...plain, tokenServiceURL: `${issuer.origin}/token`, clientId: 'us', clientSecret: 'hush' };
  service = await openDestinationService({
    files: {
      'destinations.json': [
        { Name: 'open', ...plain, Authentication: 'NoAuthentication', 'URL.headers.apikey': '1' },
        { Name: 'basic', ...plain, Authentication: 'BasicAuthentication', User: 'u', Password: 'p:ü' },
        { Name: 'technical', ...oauth, Authentication: 'OAuth2ClientCredentials' },
        { Name: 'forwarding', ...oauth, Authentication: 'OAuth2ClientCredentials', forwardAuthToken: 'true' },
        { name: 'of-the-router', url: 'https://backend.example', timeout: 100, forwardAuthToken: false },
      ],
    },
  });
});

const find = (name: string, headers: Record<string, string> = {}, query = '') =>
  service.call(`/v1/destinations/${name}${query}`, { headers });

describe('Find', () => {
  test('gives the properties, the owner, and no key authTokens where there is no token', async () => {
    const { status, body } = await find('open');
    expect(status).toBe(200);
    expect(body).toEqual({
      owner: { SubaccountId: service.key['tenantid'], InstanceId: null },
      destinationConfiguration: {
        Name: 'open',
        ...plain,
        Authentication: 'NoAuthentication',
        'URL.headers.apikey': '1',
      },
    });
  });

  test('gives what the Basic header is made of, and the header', async () => {
    const { body } = await find('basic');
    const value = Buffer.from('u:p:ü').toString('base64');
    expect(body.authTokens).toEqual([
      { type: 'Basic', value, http_header: { key: 'Authorization', value: `Basic ${value}` } },
    ]);
  });

  test('gets a token for the client, and the same one again with the time that is left', async () => {
    let count = 0;
    issuer.answerWith(async () => ({
      body: { access_token: `t-${++count}`, token_type: 'bearer', expires_in: 3600, scope: 'read' },
    }));
    const [entry] = (await find('technical')).body.authTokens;
    expect(entry).toMatchObject({
      type: 'Bearer',
      value: 't-1',
      http_header: { key: 'Authorization', value: 'Bearer t-1' },
      scope: 'read',
    });
    expect(entry).not.toHaveProperty('error');
    expect(Number(entry.expires_in)).toBeGreaterThan(3590);
    expect(typeof entry.expires_in).toBe('string');
    expect((await find('technical')).body.authTokens[0].value).toBe('t-1');
    expect(count).toBe(1);
  });

  test('leaves to the client what is the client’s business, in either spelling (section 7)', async () => {
    issuer.answerWith(async () => ({ body: { access_token: 't', token_type: 'bearer', expires_in: 3600 } }));
    expect((await find('forwarding')).body.authTokens).toMatchObject([{ value: 't' }]);
  });

  test('reads what was written for the router, all values as texts', async () => {
    expect((await find('of-the-router')).body.destinationConfiguration).toEqual({
      Name: 'of-the-router',
      URL: 'https://backend.example',
      timeout: '100',
      forwardAuthToken: 'false',
      Type: 'HTTP',
    });
  });

  test('of a name that there is not is 404 with the text that clients compare', async () => {
    const { status, body } = await find('nobody');
    expect([status, body]).toEqual([404, { ErrorMessage: 'Configuration with the specified name was not found' }]);
  });

  test('without a token of the service is 401', async () => {
    const { status, body } = await find('open', { authorization: 'Bearer nonsense' });
    expect([status, body]).toEqual([401, { ErrorMessage: 'Unable to parse the JWT in Authorization Header.' }]);
  });
});
