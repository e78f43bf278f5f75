import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/commands/command.ts';
import { run } from '../../../src/commands/explain-key.ts';
import { variables } from '../../../src/config/settings.ts';

async function explained(...args: string[]) {
  const written: string[] = [];
  const said: string[] = [];
  const write = (text: string) => void written.push(text);
  const tell = (text: string) => void said.push(text);
  const status = await run({ workingDirectory: '/', args, variables: {}, write, tell });
  return { status, text: written.join(''), told: said.join('') };
}

describe('portunus explain key', () => {
  test('tells what the pages that come along say', async () => {
    const { status, text } = await explained('session_timeout');
    expect(status).toBe(0);
    expect(text).toBe(
      'SESSION_TIMEOUT  (docs/configuration.md, "Environment variables")\n' +
        '  Default  none\n  Meaning  Minutes of inactivity; overrides sessionTimeout.\n',
    );
  });

  test('tells programs', async () => {
    const { status, text } = await explained('csrfToken.fetch', '--format', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(text)).toMatchObject([{ page: 'docs/destination-properties.md', names: ['csrfToken.fetch'] }]);
  });

  test.each([
    ...Object.values(variables).map(({ name }) => name),
    ...['csrfProtection', 'localDir', 'welcomeFile', 'errorPage', 'cacheControl', 'OIDC_ISSUER', 'destinations'],
    ...['tokenServiceURLType', 'Authentication', 'OAuth2JWTBearer', 'nameIdFormat', 'portunus_requests_total'],
  ])('knows %s', async (key) => {
    expect((await explained(key)).status).toBe(0);
  });

  test('says that there is nothing, and what may be meant', async () => {
    expect(await explained('tokenServiceURLTpye')).toEqual({
      status: 1,
      text: '',
      told: 'the documentation has nothing called "tokenServiceURLTpye"; did you mean "tokenServiceURLType"?\n',
    });
  });

  test.each([[[]], [['a', 'b']], [['a', '--format', 'xml']]])('%j is answered with the usage', async (args) => {
    await expect(explained(...args)).rejects.toThrow(UsageError);
  });
});
