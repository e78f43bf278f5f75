import { describe, test } from 'vitest';
import { start } from '../../../src/commands/start.ts';
import { ConfigError, tellProblem } from '../../../src/errors/config-error.ts';
import { type Files, workingDirectory } from '../../support/working-directory.ts';
import { expectTold, secret, type Told } from '../support/told-problems.ts';

/** What the start of a router in this process says, as it would stand on the terminal. */
async function refusal(files: Files, env: Readonly<Record<string, string>>): Promise<string> {
  try {
    const running = await start(workingDirectory(files), { PORT: '0', ...env });
    await running.stop();
    return 'it started';
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems.map(tellProblem).join('\n');
    throw cause;
  }
}

describe('text that is no JSON', () => {
  const open = { authenticationMethod: 'none', routes: [] };
  // The fault is at the secret itself, where parsers quote what they choke on.
  const broken = `[{"credentials":{"clientsecret":${secret}}}]`;
  test.each<[string, Files, Readonly<Record<string, string>>]>([
    ['destinations.json', { 'xs-app.json': open, 'destinations.json': broken }, {}],
    ['default-env.json', { 'xs-app.json': open, 'default-env.json': `{"OIDC_CLIENT_SECRET":${broken}}` }, {}],
    ['identity-providers.json', { 'xs-app.json': open, 'identity-providers.json': broken }, {}],
    ['VCAP_SERVICES', { 'xs-app.json': open }, { VCAP_SERVICES: `{"xsuaa":${broken}}` }],
    ['destinations', { 'xs-app.json': open }, { destinations: broken }],
  ])('in %s is told without a word of it', async (where, files, env) => {
    expectTold(await refusal(files, env), [[where, /not valid JSON/]]);
  });
});

describe('one thing that is wrong', () => {
  test.each<[string, unknown, Readonly<Record<string, string>>, Told]>([
    ['no xs-app.json', undefined, {}, ['xs-app.json', /is missing/, /-w/]],
    [
      'a login and nobody to log in at',
      { routes: [{ source: '^/', destination: 'd' }] },
      {},
      ['xs-app.json/routes/0', /identity provider/, /OIDC_ISSUER/],
    ],
    [
      'a localDir that leads out',
      { authenticationMethod: 'none', routes: [{ source: '^/', localDir: '../..' }] },
      {},
      ['xs-app.json/routes/0/localDir', /outside/],
    ],
    [
      'two ways of one client to authenticate',
      { authenticationMethod: 'none' },
      {
        OIDC_ISSUER: 'https://login.example',
        OIDC_CLIENT_ID: 'c',
        OIDC_CLIENT_SECRET: secret,
        OIDC_CLIENT_KEYSTORE: 'k.p12',
      },
      ['OIDC_CLIENT_SECRET', /OIDC_CLIENT_KEYSTORE/, /remove/],
    ],
    [
      'certificate checks switched off',
      { authenticationMethod: 'none' },
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      ['NODE_TLS_REJECT_UNAUTHORIZED', /TrustStoreLocation/],
    ],
    [
      'trusted proxies that are no addresses',
      { authenticationMethod: 'none' },
      { PORTUNUS_TRUSTED_PROXIES: '10.0.0.0/99' },
      ['PORTUNUS_TRUSTED_PROXIES', /"10\.0\.0\.0\/99"/],
    ],
  ])('%s', async (_, xsApp, env, told) => {
    const destinations = JSON.stringify([{ name: 'd', url: 'https://d.example' }]);
    const files = xsApp === undefined ? {} : { 'xs-app.json': xsApp };
    expectTold(await refusal(files, { destinations, ...env }), [told]);
  });
});
