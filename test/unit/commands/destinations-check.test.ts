import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { run } from '../../../src/commands/destinations-check.ts';
import { run as exportAll } from '../../../src/commands/destinations-export.ts';
import { run as importAll } from '../../../src/commands/destinations-import.ts';
import { callCommand } from '../../support/call-command.ts';
import { startUpstream, type Upstream } from '../../support/echo-upstream.ts';
import { startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { workingDirectory } from '../../support/working-directory.ts';

let upstream: Upstream;
let issuer: TokenIssuer;
let directory: string;
beforeAll(async () => {
  [upstream, issuer] = await Promise.all([startUpstream(), startTokenIssuer()]);
  const oauth = {
    URL: `${upstream.origin}/api`,
    clientId: 'us',
    clientSecret: 'hush-99',
    tokenServiceURL: `${issuer.origin}/token`,
  };
  directory = workingDirectory({
    'destinations.json': [
      { Name: 'open', URL: upstream.origin, 'URL.queries.v': '1' },
      { Name: 'tech', ...oauth, Authentication: 'OAuth2ClientCredentials' },
      { Name: 'user', ...oauth, Authentication: 'OAuth2JWTBearer' },
      { Name: 'broken', URL: 'nowhere' },
      { Name: 'gone', URL: 'http://127.0.0.1:1' },
      { Name: 'abap', ...oauth, Authentication: 'OAuth2ClientCredentials', 'csrfToken.fetch': 'true' },
    ],
  });
});
beforeEach(() => {
  upstream.reset();
  issuer.answerWith(async () => ({ status: 200, body: { access_token: 'token-55', token_type: 'Bearer' } }));
});
const check = (...args: string[]) => callCommand(run, directory, args);

describe('portunus destinations check', () => {
  test('gets a token and calls the target with it; neither is printed', async () => {
    const { status, out } = await check('tech', '--path', 'users?top=1');
    expect(status).toBe(0);
    expect(out.split('\n').map((line) => line.slice(0, 22).trim())).toEqual([
      'ok      configuration:',
      'ok      credential: he',
      'ok      call: 200 from',
      '',
    ]);
    expect(upstream.last()).toMatchObject({ url: '/api/users?top=1', headers: { authorization: 'Bearer token-55' } });
    expect(out).not.toMatch(/token-55|hush-99/);
  });

  test('one that acts for a user is told how a user is given', async () => {
    const { status, out } = await check('user');
    expect(status).toBe(1);
    expect(out).toContain('is called in the name of a user');
    expect(out).toContain('--user-token @FILE');
    expect(out).not.toContain('route');
  });

  test('asks for a CSRF token where the router would; it is not printed', async () => {
    upstream.answerWith((request, response) => {
      const asked = request.headers['x-csrf-token'] === 'Fetch' && request.headers.authorization === 'Bearer token-55';
      if (request.method === 'HEAD') response.writeHead(405).end();
      else
        response
          .writeHead(200, asked ? { 'x-csrf-token': 'csrf-77', 'set-cookie': 'SID=secret-88; Path=/' } : {})
          .end();
    });
    const { status, out } = await check('abap', '--path', '/$batch');
    expect(status).toBe(0);
    expect(out).toContain(`ok      CSRF token: HEAD 405, GET 200 from ${upstream.origin}/api/, with SID\n`);
    expect(out).not.toMatch(/csrf-77|secret-88/);
  });

  test('says where there is no CSRF token, and what to do', async () => {
    const { status, out } = await check('abap', '--path', 'Orders');
    expect(status).toBe(1);
    expect(out).toContain(`FAILED  CSRF token: ${upstream.origin}/api/Orders gives no CSRF token (HEAD 200, GET 200).`);
    expect(out).toContain('csrfToken.fetchPath');
  });

  test('acts for the user of a token, which is handed on', async () => {
    expect((await check('user', '--user-token', 'eyJhIn0.e30.x')).status).toBe(0);
    expect(issuer.requests.at(-1)?.form.get('assertion')).toBe('eyJhIn0.e30.x');
  });

  test.each([
    [['nope'], 'configuration', /no destination nope.*\n.*There are: open, tech, user, gone, abap/],
    [['broken'], 'configuration', /destinations\.json\/3\/URL: must be an absolute URL/],
    [['user'], 'credential', /nobody is logged in/],
    [['gone'], 'call', /cannot be reached/],
  ])('%j fails at the step %s, with the reason', async (args, step, why) => {
    const { status, out } = await check(...args);
    expect(status).toBe(1);
    expect(out).toContain(`FAILED  ${step}`);
    expect(out).toMatch(why);
  });

  test('a token service that refuses is told with its cure, and the target is not called', async () => {
    issuer.answerWith(async () => ({
      status: 401,
      body: { error: 'invalid_client', error_description: 'Bad hush-99' },
    }));
    const { out } = await check('tech');
    expect(out).toMatch(/FAILED {2}credential: .*\n {8}It says: Bad \[…\]\n {8}\S/);
    expect(upstream.calls).toEqual([]);
  });

  test.each([
    [401, /does not take the credential/],
    [403, /may not do this/],
    [500, /out of order/],
  ])('a target that answers %i fails the call', async (status, why) => {
    upstream.answerWith((_, response) => void response.writeHead(status).end());
    const { out } = await check('open');
    expect(out).toMatch(/FAILED {2}call/);
    expect(out).toMatch(why);
  });
});

describe('portunus destinations export', () => {
  test('prints what can be imported again, all values texts, and no secret', async () => {
    const from = workingDirectory({
      'destinations.json': [
        { name: 'short', url: 'https://a.example', timeout: 100, forwardAuthToken: true },
        { Name: 'tech', URL: 'https://b.example', clientSecret: 'hush-99' },
      ],
    });
    const { out, err } = await callCommand(exportAll, from);
    const entries = JSON.parse(out) as Record<string, unknown>[];
    expect(entries[0]).toEqual({
      Name: 'short',
      Type: 'HTTP',
      URL: 'https://a.example',
      ProxyType: 'Internet',
      Authentication: 'NoAuthentication',
      'HTML5.Timeout': '100',
      'HTML5.ForwardAuthToken': 'true',
    });
    expect(out + err).not.toContain('hush-99');
    expect(err).toContain('TECH_CLIENT_SECRET');
    const to = workingDirectory({ 'x.json': out });
    expect((await callCommand(importAll, to, ['x.json'])).status).toBe(0);
  });

  test('of those that are named; one that is not there is told', async () => {
    expect(JSON.parse((await callCommand(exportAll, directory, ['open'])).out)).toHaveLength(1);
    await expect(callCommand(exportAll, directory, ['nope'])).rejects.toThrow(/no destination nope/);
  });
});
