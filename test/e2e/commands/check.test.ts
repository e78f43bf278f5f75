import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Files, workingDirectory } from '../../support/working-directory.ts';
import { runRouter } from '../support/spawn-router.ts';
import { sarifProblems } from './sarif-schema.ts';

/** `portunus check`, as it is typed. */
const check = (files: Files, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  runRouter(['check', workingDirectory(files), ...args], { cwd: '/', env });

const sound: Files = {
  'xs-app.json': { routes: [{ source: '^/berths/(.*)$', target: '$1', destination: 'quay' }] },
  'destinations.json': [{ Name: 'quay', URL: 'https://quay.example' }],
  'default-env.json': {
    OIDC_ISSUER: 'https://login.example',
    OIDC_CLIENT_ID: 'harbour',
    OIDC_CLIENT_SECRET: 'a-secret-of-some-length',
  },
};

const faulty: Files = {
  ...sound,
  'xs-app.json': `{
  "welcomFile": "index.html",
  "routes": [
    { "source": "^/berths/", "destination": "quey" }
  ]
}
`,
};

describe('check', () => {
  test('has nothing to say about a sound configuration: status 0', async () => {
    expect(await check(sound)).toEqual({ status: 0, stdout: 'Nothing to complain about.\n', stderr: '' });
  });

  test('names file, line and column of everything wrong, with the cure: status 1', async () => {
    const { status, stdout, stderr } = await check(faulty);
    expect(stdout).toBe(
      [
        'xs-app.json:2:3: error: welcomFile: unknown property; did you mean "welcomeFile"? [unknown-property]',
        'xs-app.json:4:30: error: routes/0/destination: there is no destination "quey"; did you mean "quay"? [unknown-destination]',
        '2 errors.',
        '',
      ].join('\n'),
    );
    expect([status, stderr]).toEqual([1, '']);
  });

  test('finds the fault of a file that is no JSON, and quotes none of it', async () => {
    const { status, stdout } = await check({
      ...sound,
      'destinations.json': '[\n  { "Name": "quay",\n    "Password" "hush-hush" }\n]\n',
    });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^destinations\.json:3:16: error: is not valid JSON: .*\[invalid-json\]$/m);
    expect(stdout).not.toContain('hush');
  });

  test('finds a variable in default-env.json, down to the property, and names one of the shell by itself', async () => {
    const defaults = {
      ...(sound['default-env.json'] as object),
      PORT: 'high',
      destinations: [{ name: 'a', url: 'b' }],
    };
    const files = { ...sound, 'default-env.json': JSON.stringify(defaults, null, 2) };
    const inFile = await check(files);
    expect(inFile.stdout).toMatch(/^default-env\.json:5:3: error: PORT: must be a whole number/m);
    expect(inFile.stdout).toMatch(/^default-env\.json:9:7: error: destinations\/0\/url: must be an absolute URL/m);
    const inShell = await check(files, [], { PORT: 'low' });
    expect(inShell.stdout).toMatch(/^error: PORT: must be a whole number/m);
  });

  test('finds a binding by its name', async () => {
    const credentials = { clientid: 'harbour', clientsecret: 'hush', xsappname: 'harbour!t7', url: 'no url' };
    const VCAP_SERVICES = { xsuaa: [{ name: 'other' }, { name: 'uaa', label: 'xsuaa', tags: ['xsuaa'], credentials }] };
    const text = JSON.stringify({ UAA_SERVICE_NAME: 'uaa', VCAP_SERVICES }, null, 2);
    const { stdout } = await check({ ...sound, 'default-env.json': text });
    const line = text.split('\n').findIndex((one) => one.includes('"url"')) + 1;
    expect(stdout).toMatch(
      new RegExp(`^default-env\\.json:${line}:11: error: VCAP_SERVICES/xsuaa/uaa/credentials/url: `, 'm'),
    );
  });

  test('says that xs-app.json is missing', async () => {
    const { status, stdout } = await check({});
    expect(status).toBe(1);
    expect(stdout).toMatch(/^xs-app\.json: error: is missing in .* \[missing-file\]$/m);
  });

  test('writes nothing, not even the key pair that a start would make', async () => {
    const directory = workingDirectory({
      ...sound,
      'destinations.json': [
        {
          Name: 'quay',
          URL: 'https://quay.example',
          Authentication: 'OAuth2SAMLBearerAssertion',
          audience: 'https://quay.example',
          clientKey: 'harbour',
          tokenServiceURL: 'https://quay.example/oauth/token',
          tokenServiceUser: 'harbour',
          tokenServicePassword: 'hush',
        },
      ],
    });
    const { status } = await runRouter(['check', '-w', directory], { cwd: '/' });
    expect(status).toBe(0);
    expect(readdirSync(directory).sort()).toEqual(['default-env.json', 'destinations.json', 'xs-app.json']);
  });

  test('passes over warnings, unless it is told to be strict', async () => {
    const files = { ...sound, 'destinations.json': [{ Name: 'quay', URL: 'https://quay.example', TrustAll: 'true' }] };
    const { status, stdout } = await check(files);
    expect(stdout).toMatch(/^destinations\.json:1:\d+: warning: 0\/TrustAll: .*\n1 warning\.$/m);
    expect(status).toBe(0);
    expect((await check(files, ['--strict'])).status).toBe(1);
  });

  test('tells programs the same', async () => {
    const { status, stdout } = await check(faulty, ['--format', 'json']);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      {
        rule: 'unknown-property',
        level: 'error',
        file: 'xs-app.json',
        line: 2,
        column: 3,
        endLine: 2,
        endColumn: 29,
        at: 'xs-app.json/welcomFile',
        message: 'unknown property; did you mean "welcomeFile"?',
      },
      expect.objectContaining({ rule: 'unknown-destination', line: 4, column: 30, endColumn: 51 }),
    ]);
    expect(JSON.parse((await check(sound, ['--format', 'json'])).stdout)).toEqual([]);
  });

  test('tells code hosts the same as SARIF', async () => {
    // One with a place in a file, one of a whole file, one of the environment.
    const variables = { PORTUNUS_TRUSTED_PROXIES: 'everybody' };
    const { status, stdout } = await check({ ...faulty, 'xs-security.json': '{' }, ['--format=sarif'], variables);
    expect(status).toBe(1);
    expect(sarifProblems(JSON.parse(stdout))).toEqual([]);
    expect(sarifProblems(JSON.parse((await check(sound, ['--format=sarif'])).stdout))).toEqual([]);
    const spoiled = stdout.replace('"results"', '"findings"');
    expect(sarifProblems(JSON.parse(spoiled))).toEqual(['/runs/0 must NOT have additional properties']);
  });

  test('and SARIF leads to the very place', async () => {
    const { stdout } = await check(faulty, ['--format=sarif']);
    const { version, runs } = JSON.parse(stdout);
    expect(version).toBe('2.1.0');
    const [{ tool, results }] = runs;
    for (const { ruleId, ruleIndex, locations } of results) {
      expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(locations[0].physicalLocation.artifactLocation.uri).toBe('xs-app.json');
    }
    expect(results[1]).toMatchObject({
      ruleId: 'unknown-destination',
      level: 'error',
      message: { text: expect.stringContaining('did you mean "quay"?') },
      locations: [{ physicalLocation: { region: { startLine: 4, startColumn: 30, endLine: 4, endColumn: 51 } } }],
    });
  });

  test.each([
    [['--format', 'xml'], /--format is one of text, json, sarif, not "xml"/],
    [['--stirct'], /Unknown option '--stirct'/],
    [['and-another'], /name one directory/],
  ])('cannot be called with %j: status 2, with the usage', async (args, said) => {
    const { status, stdout, stderr } = await check(sound, args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(said);
    expect(stderr).toMatch(/usage: portunus check/);
  });

  test('cannot look at what is no directory: status 2', async () => {
    const { status, stderr } = await runRouter(['check', 'nowhere'], { cwd: '/' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/\/nowhere is no directory/);
  });
});
