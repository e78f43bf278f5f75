import { expect, test } from 'vitest';
import { startDemo } from '../../../demo/start-demo.ts';
import { atEnd } from '../../support/at-end.ts';

test('the demo serves its destinations to other applications, tokens included', async () => {
  const demo = await startDemo({ port: 0, logLevel: 'error', progress: () => undefined });
  atEnd(demo.stop);
  const { key } = demo.destinationService;
  const granted = await fetch(`${key['url']}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${key['clientid']}:${key['clientsecret']}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const find = async (name: string) => {
    const answer = await fetch(`${key['uri']}/destination-configuration/v1/destinations/${name}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return (await answer.json()) as {
      destinationConfiguration: { URL: string };
      authTokens: [{ http_header: { key: string; value: string } }];
    };
  };
  // A client assertion, a secret, and mutual TLS.
  for (const name of ['graph-technical', 'graph-technical-secret', 'ias-api'])
    expect((await find(name)).authTokens).toEqual([
      expect.objectContaining({ type: 'Bearer', http_header: { key: 'Authorization', value: expect.any(String) } }),
    ]);
  const { destinationConfiguration, authTokens } = await find('graph-technical');
  const called = await fetch(`${destinationConfiguration.URL}/users`, {
    headers: { authorization: authTokens[0].http_header.value },
  });
  expect([called.status, await called.text()]).toEqual([200, expect.stringContaining('Lindqvist')]);
});
