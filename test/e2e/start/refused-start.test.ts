import { describe, expect, test } from 'vitest';
import { workingDirectory } from '../../support/working-directory.ts';
import { runRouter } from '../support/spawn-router.ts';
import { expectTold, secret } from '../support/told-problems.ts';

/** A start that is refused tells everything that is wrong, one a line, with file, path and cure (design section 3). */
const variable = (name: string) => `\${env:${name}}`; // as destinations.json refers to the environment

describe('a directory in which much is wrong', () => {
  test('is refused with every problem of every file and variable, and no secret', async () => {
    const xsApp = {
      welcomFile: '/index.html',
      routes: [
        { source: '^/(quay', destination: 'quay' },
        { source: '^/both', destination: 'quay', localDir: 'pages' },
        { source: '^/pages', localDir: 'paegs' },
        { source: '^/lower', destination: 'quay', httpMethods: ['get'] },
        { source: '^/typo', destination: 'quey' },
        { source: '^/type', destination: 'quay', authenticationType: 'oicd' },
      ],
      responseHeaders: [{ name: 'Set-Cookie', value: 'a=b' }],
    };
    const destinations = [
      { Name: 'quay', URL: 'https://quay.example' },
      { Name: 'no-url', Authentication: 'NoAuthentication' },
      {
        Name: 'typo',
        URL: 'https://a.example',
        Authentication: 'OAuth2ClientCredential',
        clientSecret: secret,
      },
      {
        Name: 'unset',
        URL: 'https://a.example',
        Authentication: 'BasicAuthentication',
        User: 'u',
        Password: variable('UNSET_PW'),
      },
      {
        Name: 'no-store',
        URL: 'https://a.example',
        Authentication: 'OAuth2ClientCredentials',
        tokenServiceURL: 'https://t.example/token',
        clientId: 'c',
        'clientAssertion.KeyStoreLocation': 'none.p12',
        'clientAssertion.KeyStorePassword': secret,
      },
      {
        Name: 'plain',
        URL: 'https://a.example',
        Authentication: 'OAuth2ClientCredentials',
        clientId: 'c',
        clientSecret: secret,
        tokenServiceURL: 'http://t.example/token',
      },
    ];
    const env = {
      PORT: 'eighty',
      SESSION_TIMEOUT: 'soon',
      COOKIES: '{"SameSite":"Laxer"}',
      OIDC_ISSUER: 'http://login.example',
      OIDC_CLIENT_ID: 'c',
      OIDC_CLIENT_SECRET: secret,
    };
    const files = { 'xs-app.json': xsApp, 'destinations.json': destinations, 'pages/index.html': 'x' };
    const { status, stdout, stderr } = await runRouter(['start'], { cwd: workingDirectory(files), env });
    expect([status, stdout]).toEqual([1, '']);
    expectTold(stderr, [
      ['xs-app.json/welcomFile', /did you mean "welcomeFile"/],
      ['xs-app.json/routes/0/source', /regular expression/],
      ['xs-app.json/routes/1', /"destination" and "localDir"/, /keep one/],
      ['xs-app.json/routes/2/localDir', /"paegs"/, /create it or correct/],
      ['xs-app.json/routes/3/httpMethods/0', /GET/],
      ['xs-app.json/routes/4/destination', /"quey"/, /did you mean "quay"/],
      ['xs-app.json/routes/5/authenticationType', /oidc/],
      ['xs-app.json/responseHeaders/0/name', /set-cookie/i],
      ['destinations.json/1/URL', /is missing/],
      ['destinations.json/2/Authentication', /did you mean OAuth2ClientCredentials/],
      ['destinations.json/3/Password', /UNSET_PW is not set/],
      ['destinations.json/4/clientAssertion.KeyStoreLocation', /none\.p12/],
      ['destinations.json/5/tokenServiceURL', /https/],
      ['PORT', /number/],
      ['SESSION_TIMEOUT', /number/],
      ['COOKIES/SameSite', /Lax/],
      ['OIDC_ISSUER', /https/],
    ]);
  });
});
