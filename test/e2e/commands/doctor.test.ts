import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DOMParser } from '@xmldom/xmldom';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import { users } from '../../../demo/landscape/users.ts';
import { writeWorkingDirectory } from '../../../demo/landscape/write-working-directory.ts';
import { atEnd } from '../../support/at-end.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { startConnectProxy } from '../../unit/tokens/support/connect-proxy.ts';
import { redirectUri, signIn } from '../landscape/sign-in.ts';
import { openRedis } from '../sessions/support/open-redis.ts';
import { openBackend } from '../support/open-backend.ts';
import { openLandscape } from '../support/open-landscape.ts';
import { openTlsFront } from '../support/open-tls-front.ts';
import { runRouter } from '../support/spawn-router.ts';

interface Step {
  readonly name: string;
  readonly outcome: string;
  readonly told: string;
  readonly cure?: string;
}
interface Report {
  readonly ok: boolean;
  readonly examinations: readonly {
    readonly subject: string;
    readonly outcome: string;
    readonly steps: readonly Step[];
  }[];
}

let landscape: Landscape;
let directory: string;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  landscape = await openLandscape({ redirectUris: [redirectUri] });
  directory = workingDirectory();
  env = await writeWorkingDirectory(landscape, directory);
});

const doctor = (args: readonly string[], more: object = {}, cwd = directory) =>
  runRouter(['doctor', ...args], { cwd, env: { ...env, ...more } });

async function examine(args: readonly string[], more: object = {}, cwd = directory) {
  const { status, stdout, stderr } = await doctor(['--format', 'json', ...args], more, cwd);
  if (!stdout.startsWith('{')) throw new Error(`it says: ${stderr}`);
  const report = JSON.parse(stdout) as Report;
  const steps = (subject: string) => report.examinations.find((one) => one.subject === subject)?.steps ?? [];
  return {
    status,
    report,
    stderr,
    stdout,
    steps,
    step: (subject: string, name: string) => steps(subject).find((one) => one.name === name),
  };
}

describe('portunus doctor at a landscape that is well', () => {
  test('looks at everything, down to an answer of each target', async () => {
    const { status, report, step, steps, stderr, stdout } = await examine([]);
    expect([status, report.ok]).toEqual([0, true]);
    expect(report.examinations.map(({ subject }) => subject).toSorted()).toEqual([
      ...['graph-technical', 'graph-technical-secret', 'graph-user', 'graph-user-assertion'],
      ...['ias-api', 'ias-user', 'provider oidc', 'successfactors'],
    ]);
    expect(steps('graph-technical').map(({ name, outcome }) => `${outcome} ${name}`)).toEqual([
      ...['ok configuration', 'ok target DNS', 'ok target TCP'],
      ...['ok token service DNS', 'ok token service TCP', 'ok token service clock', 'ok credential', 'ok call'],
    ]);
    expect(step('graph-technical', 'call')?.told).toMatch(/^GET: 200 from /);
    expect(step('ias-api', 'token service TLS')?.told).toMatch(/^TLSv1\.3, localhost by Portunus demo CA, until 20/);
    expect(step('provider oidc', 'keys')).toMatchObject({
      outcome: 'ok',
      told: expect.stringContaining('1 to verify'),
    });
    expect(step('graph-user', 'credential')).toMatchObject({
      outcome: 'skipped',
      told: 'needs a user: give --user-token',
    });
    // What is under way is told beside.
    expect(stderr.match(/^\d of 8: /gm)).toHaveLength(8);
    for (const secret of Object.entries(env).flatMap(([name, value]) => (/SECRET|PASSWORD/.test(name) ? [value] : [])))
      expect(stdout + stderr).not.toContain(secret);
  });

  test('a user’s destination is called with the token of a user', async () => {
    const { id_token: token } = await signIn(landscape, users.everywhere, { scope: 'openid profile email' });
    writeFileSync(path.join(directory, 'token'), `${token}\n`);
    const { status, step, stdout } = await examine(['graph-user', '--user-token', '@token', '--path', 'me']);
    expect([status, step('graph-user', 'credential')?.outcome]).toEqual([0, 'ok']);
    expect(step('graph-user', 'call')?.told).toMatch(/^GET: 200 from .*\/v1\.0\/me$/);
    expect(stdout).not.toContain(token);
  });

  test('JUnit for build servers', async () => {
    const { status, stdout } = await doctor(['graph-technical', '--format', 'junit']);
    expect(status).toBe(0);
    const xml = new DOMParser().parseFromString(stdout, 'text/xml');
    const [suite] = Array.from(xml.getElementsByTagName('testsuite'));
    expect(['name', 'tests', 'failures', 'skipped'].map((name) => suite?.getAttribute(name))).toEqual([
      'graph-technical',
      '8',
      '0',
      '0',
    ]);
    expect(xml.getElementsByTagName('testcase')).toHaveLength(8);
  });

  test('colors only for a terminal', async () => {
    const plain = await doctor(['graph-technical']);
    expect(plain.stdout).toContain('All well: 1 looked at.');
    expect(plain.stdout + plain.stderr).not.toContain('\x1b');
    const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
    const onTerminal = async (more: object) => {
      const typed = ['-qec', `${process.execPath} ${main} doctor graph-technical`, '/dev/null'];
      return (await promisify(execFile)('script', typed, { cwd: directory, env: { ...env, ...more } })).stdout;
    };
    expect(await onTerminal({})).toContain('\x1b[32mok');
    expect(await onTerminal({ NO_COLOR: '1' })).not.toContain('\x1b[32m');
  });
});

describe('portunus doctor finds what is wrong', () => {
  const target = { ProxyType: 'Internet', Type: 'HTTP' };
  let found: Awaited<ReturnType<typeof examine>>;

  beforeAll(async () => {
    const { entra, graph, costCenters } = landscape;
    const slow = createServer(() => {});
    const late = await openBackend((_, response) => {
      response
        .setHeader('date', new Date(Date.now() - 400_000).toUTCString())
        .writeHead(401)
        .end();
    });
    const headOnly = await openBackend((request, response) =>
      response.writeHead(request.method === 'HEAD' ? 204 : 405).end(),
    );
    const front = await openTlsFront('quay.example', Number(new URL(late.origin).port));
    const own = workingDirectory({ 'keystores/front.pem': readFileSync(front.certificateFile, 'utf8') });
    const made = ['-keyout', 'soon.key', '-out', 'keystores/soon.pem'];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', ...names, ...made], {
      cwd: own,
      stdio: 'ignore',
    });
    const soon = createTlsServer(
      { key: readFileSync(path.join(own, 'soon.key')), cert: readFileSync(path.join(own, 'keystores/soon.pem')) },
      (_, response) => response.end('{}'),
    );
    for (const server of [slow, soon]) {
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      atEnd(() => server.close());
    }
    const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
    const oauth = {
      ...target,
      URL: graph.url,
      Authentication: 'OAuth2ClientCredentials',
      clientId: entra.client.id,
      scope: graph.defaultScope,
      tokenServiceURL: entra.tokenUrl,
    };
    const destinations = [
      { Name: 'unknown-host', ...target, URL: 'https://portunus.invalid/api' },
      { Name: 'nobody-there', ...target, URL: 'http://127.0.0.1:1' },
      { Name: 'untrusted', ...target, URL: costCenters.origin },
      { Name: 'trusting-all', ...target, URL: costCenters.origin, TrustAll: 'true' },
      {
        Name: 'wrong-name',
        ...target,
        URL: `https://localhost:${front.port}`,
        TrustStoreLocation: 'front.pem',
      },
      { Name: 'ends-soon', ...target, URL: `https://localhost:${portOf(soon)}`, TrustStoreLocation: 'soon.pem' },
      { Name: 'wrong-secret', ...oauth, clientSecret: 'guessed-77' },
      { Name: 'token-service-gone', ...oauth, clientSecret: 'x', tokenServiceURL: 'http://localhost:1/token' },
      { Name: 'other-time', ...oauth, clientSecret: 'x', tokenServiceURL: `${late.origin}/token` },
      { Name: 'refuses', ...target, URL: late.origin },
      { Name: 'head-only', ...target, URL: headOnly.origin },
      { Name: 'silent', ...target, URL: `http://127.0.0.1:${portOf(slow)}` },
      { Name: 'unreadable', ...target, URL: 'nowhere' },
      { Name: 'only-by-api', ...oauth, Authentication: 'OAuth2RefreshToken', clientSecret: 'x' },
    ];
    writeFileSync(path.join(own, 'destinations.json'), JSON.stringify(destinations));
    found = await examine(
      ['--timeout', '3'],
      {
        OIDC_ISSUER: `${entra.origin}/no-such-tenant/v2.0`,
        REDIS_URL: 'redis://127.0.0.1:1',
        SESSION_SECRET: 'x'.repeat(64),
      },
      own,
    );
  }, 60_000);

  test.each([
    ['unknown-host', 'target DNS', 'failed', /cannot be resolved \((ENOTFOUND|EAI_AGAIN)\)/, /host in URL/],
    ['nobody-there', 'target TCP', 'failed', /nothing listens there/, /host and port of URL/],
    ['untrusted', 'target TLS', 'failed', /issuer is not trusted/, /TrustStoreLocation/],
    ['trusting-all', 'target TLS', 'warning', /not verified/, /anybody could stand there/],
    ['wrong-name', 'target TLS', 'failed', /for another host name/, /name that the certificate is for/],
    ['ends-soon', 'target TLS', 'warning', /expires in 0 days/, undefined],
    ['wrong-secret', 'credential', 'failed', /client secret is wrong/, /Put the secret's value, not its id/],
    ['token-service-gone', 'token service TCP', 'failed', /nothing listens there/, /tokenServiceURL/],
    ['token-service-gone', 'credential', 'skipped', /see token service TCP/, undefined],
    ['other-time', 'token service clock', 'failed', /40\d s ahead|39\d s ahead/, /NTP/],
    ['refuses', 'call', 'failed', /answers 401: it does not take the credential/, /scope, audience and user/],
    ['head-only', 'call', 'ok', /^HEAD: 204/, undefined],
    ['silent', 'call', 'failed', /did not answer within 3000 ms|no answer within 3 s/, /./],
    ['only-by-api', 'credential', 'skipped', /needs a refresh token/, undefined],
    ['provider oidc', 'discovery', 'failed', /answers 4\d\d/, /OIDC_ISSUER/],
    ['Redis', 'connection', 'failed', /127\.0\.0\.1:1: ECONNREFUSED/, /REDIS_URL/],
    ['configuration', 'problem', 'failed', /destinations\.json\/12\/URL/, undefined],
  ])('%s: %s %s', (subject, name, outcome, told, cure) => {
    expect(found.step(subject, name)).toEqual({
      name,
      outcome,
      milliseconds: expect.any(Number),
      told: expect.stringMatching(told),
      ...(cure === undefined ? {} : { cure: expect.stringMatching(cure) }),
    });
  });

  test('the exit status is 1, and no secret is shown', () => {
    expect([found.status, found.report.ok]).toEqual([1, false]);
    expect(found.stdout + found.stderr).not.toContain('guessed-77');
  });

  test('one that cannot be read says where it is wrong', async () => {
    const { status, step } = await examine(
      ['broken'],
      {},
      workingDirectory({ 'destinations.json': [{ Name: 'broken', URL: 'nowhere' }] }),
    );
    expect([status, step('broken', 'configuration')]).toEqual([
      1,
      expect.objectContaining({
        outcome: 'failed',
        told: expect.stringMatching(/json\/0\/URL: must be an absolute URL/),
      }),
    ]);
  });

  test('a name that there is not is told with those that there are', async () => {
    const { status, stdout } = await doctor(['graph']);
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/FAILED +configuration.*no destination graph[\s\S]*There are: graph-user/),
    ]);
  });

  test.each([
    [['a', 'b'], 'name one destination, or none for all'],
    [['--format', 'pdf'], '--format must be one of table, json, junit'],
    [['--timeout', 'long'], '--timeout must be a number from 0.1 to 600'],
  ])('%j is answered with the usage', async (args, why) => {
    expect(await doctor(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(why) });
  });
});

describe('portunus doctor by way of others', () => {
  test('a proxy is told, and what it refuses', async () => {
    const behind = await openBackend();
    const front = await openTlsFront('quay.example', Number(new URL(behind.origin).port));
    const proxy = await startConnectProxy({
      hosts: { 'quay.example': front.port },
      authorization: `Basic ${Buffer.from('me:word-5').toString('base64')}`,
    });
    atEnd(proxy.close);
    const own = workingDirectory({
      'destinations.json': [{ Name: 'far', URL: 'https://quay.example/api' }],
      'keystores/front.pem': readFileSync(front.certificateFile, 'utf8'),
    });
    const through = (user: string) => ({
      HTTPS_PROXY: proxy.url.replace('//', `//${user}`),
      XS_CACERT_PATH: front.certificateFile,
    });
    const refused = await examine(['far'], through(''), own);
    expect(refused.step('far', 'target TLS')).toMatchObject({
      outcome: 'failed',
      told: 'the proxy wants a user and password (PROXY_407)',
    });
    const { status, step, stdout } = await examine(['far'], through('me:word-5@'), own);
    expect([status, step('far', 'call')?.told]).toEqual([0, 'GET: 200 from https://quay.example/api/']);
    expect(step('far', 'target TCP')?.told).toBe(`127.0.0.1:${proxy.port}, a proxy on the way to quay.example`);
    expect(stdout).not.toContain('word-5');
  });

  test('Redis is asked as sessions ask it', async () => {
    const redis = await openRedis({ options: ['--requirepass', 'anchor-7'] });
    const at = (password: string) => ({
      REDIS_URL: redis.url.replace('//', `//:${password}@`),
      SESSION_SECRET: 'x'.repeat(64),
    });
    const right = await examine([], at('anchor-7'), workingDirectory());
    expect(right.step('Redis', 'connection')).toMatchObject({ outcome: 'ok', told: `single, 127.0.0.1:${redis.port}` });
    const wrong = await examine([], at('guess'), workingDirectory());
    expect(wrong.step('Redis', 'connection')).toMatchObject({
      outcome: 'failed',
      told: `127.0.0.1:${redis.port}: WRONGPASS`,
      cure: expect.stringContaining('user and password'),
    });
  });
});
