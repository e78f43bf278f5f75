import { expect, test } from 'vitest';
import { run } from '../../../src/commands/explain.ts';
import { callCommand } from '../../support/call-command.ts';
import { workingDirectory } from '../../support/working-directory.ts';

/** The verdict about a user with these claims, on a route that wants `$XSAPPNAME.Sail`. */
async function verdict(claims: object, byClaim?: object): Promise<string> {
  const directory = workingDirectory({
    'xs-app.json': { routes: [{ source: '^/quay/', destination: 'quay', scope: '$XSAPPNAME.Sail' }] },
    'ada.json': { sub: 'ada', ...claims },
  });
  const { out } = await callCommand(run, directory, ['GET', '/quay/7', '--as=ada.json', '--format=json'], {
    OIDC_ISSUER: 'https://login.example',
    OIDC_CLIENT_ID: 'harbour',
    OIDC_CLIENT_SECRET: 'hush-hush',
    destinations: '[{"name":"quay","url":"https://quay.example"}]',
    ...(byClaim === undefined ? {} : { OIDC_SCOPES_OF_CLAIMS: JSON.stringify(byClaim) }),
  });
  return JSON.parse(out).caller.verdict;
}
const crew = { groups: { 'Harbour Crew': '$XSAPPNAME.Sail' } };

test('a group opens a route that asks for the scope it stands for', async () => {
  expect(await verdict({ groups: ['Harbour Crew'] }, crew)).toMatch(/^who is logged in at oidc may/);
});

test('not without the setting, and not for another group', async () => {
  const refused = '403: the user has none of the scopes $XSAPPNAME.Sail';
  expect(await verdict({ groups: ['Harbour Crew'] })).toBe(refused);
  expect(await verdict({ groups: ['Guests'] }, crew)).toBe(refused);
  expect(await verdict({ scope: 'Harbour Crew' }, crew)).toBe(refused);
});

test('tells the provider that the host has of its own, and that it is the host’s', async () => {
  const provider = { OIDC_CLIENT_ID: 'harbour', OIDC_CLIENT_SECRET: 'hush-hush' };
  const directory = workingDirectory({
    'xs-app.json': {
      routes: [
        { source: '^/staff/', destination: 'quay', identityProvider: 'staff' },
        { source: '^/', destination: 'quay' },
      ],
    },
    'identity-providers.json': ['staff', 'partners'].map((name) => ({
      name,
      OIDC_ISSUER: `https://${name}.example`,
      ...provider,
    })),
  });
  const told = async (url: string) => {
    const { out } = await callCommand(run, directory, ['GET', url, '--format=json'], {
      PORTUNUS_PROVIDER_OF_HOST: '{"pier.example":"partners"}',
      destinations: '[{"name":"quay","url":"https://quay.example"}]',
    });
    return JSON.parse(out).caller.verdict;
  };
  expect(await told('https://pier.example:8443/x')).toMatch(
    /^who is logged in at partners, the provider of this host, may;/,
  );
  expect(await told('https://pier.example/staff/x')).toMatch(/^who is logged in at staff may;/);
  expect(await told('https://harbour.example/x')).toMatch(/^who is logged in at staff may;/);
  expect(await told('/x')).toMatch(/^who is logged in at staff may;/);
});
