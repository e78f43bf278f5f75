import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/config.ts';
import { misspeltVariables } from '../../../src/config/misspelt-variables.ts';
import { Problems, tellProblem } from '../../../src/errors/config-error.ts';
import { workingDirectory } from '../../support/working-directory.ts';

describe('a variable that nothing reads, and that is nearly one of ours', () => {
  test.each([
    ['PORTUNUS_INSPECTR', 'PORTUNUS_INSPECTOR'],
    ['PORTUNS_INSPECTOR', 'PORTUNUS_INSPECTOR'],
    ['OIDC_ISUER', 'OIDC_ISSUER'],
    ['OIDC_CLIENTID', 'OIDC_CLIENT_ID'],
    ['SESION_SECRET', 'SESSION_SECRET'],
    ['Session_Timeout', 'SESSION_TIMEOUT'],
    ['VCAP_SERVICE', 'VCAP_SERVICES'],
  ])('%s: %s was meant', (name, meant) => {
    expect(misspeltVariables([name])).toEqual([{ name, meant }]);
  });

  test.each([
    'PATH',
    'HOME',
    'HOST',
    'PORTS',
    'NODE_ENV',
    'SESSION_MANAGER',
    'SSH_CLIENT',
    'SESSION_SECRET_OLD',
    'PORTUNUS_KEYSTORE_PASSWORD',
    'OIDC_ISSUER',
    'PKCE_ENABLED',
  ])('%s is let alone', (name) => {
    expect(misspeltVariables([name])).toEqual([]);
  });
});

test('the start warns of it, wherever it is set, unless a destination names it', async () => {
  const directory = workingDirectory({
    'xs-app.json': { routes: [{ source: '^/', destination: 'quay', authenticationType: 'none' }] },
    'default-env.json': { SESION_TIMEOUT: '5' },
    'destinations.json': [
      {
        Name: 'quay',
        Type: 'HTTP',
        URL: 'https://quay.example',
        ProxyType: 'Internet',
        Authentication: 'BasicAuthentication',
        User: 'ada',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of destinations.json
        Password: '${env:REDIS_URL2}',
      },
    ],
  });
  const problems = new Problems();
  await readConfig(directory, problems, { PORTUNUS_INSPECTR: 'on', REDIS_URL2: 'secret', LANG: 'C' });
  expect(problems.list.map(tellProblem)).toEqual([]);
  expect(problems.warnings.map(tellProblem).sort()).toEqual([
    'PORTUNUS_INSPECTR: is set, and nothing reads it; did you mean PORTUNUS_INSPECTOR?',
    'SESION_TIMEOUT: is set, and nothing reads it; did you mean SESSION_TIMEOUT?',
  ]);
});
