import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import { close, listen } from '../../../demo/landscape/http/listen.ts';
import { runProcess } from './run-process.ts';

/** One line a flow: what every reader of the report looks for. */
const flows = {
  login: 'GET /app/ 200',
  'user-api': 'GET /user-api/currentUser 200',
  'graph-user': 'GET /graph/me 200',
  'graph-user-assertion': 'GET /graph-assertion/me 200',
  'graph-technical': 'GET /graph-technical/users 200',
  'graph-technical-secret': 'GET /graph-technical-secret/users 200',
  successfactors: 'GET /successfactors/User 200',
  'ias-api': 'GET /ias/cost-centers 200',
  'ias-user': 'GET /ias-user/cost-centers 200',
  logout: 'POST /logout 200',
};

describe('npm run demo -- --check', () => {
  test('walks every flow, says so in a line each, and leaves nothing behind', async () => {
    const check = runProcess('demo/main.ts', ['--check']);
    expect(await check.ended, check.output()).toBe(0);
    const lines = check.output().split('\n');
    for (const [name, request] of Object.entries(flows)) {
      const wanted = new RegExp(`^ok +${name} +${request.replace('/app/', '/app/\\S*')} .* \\d+ ms$`);
      expect(lines.filter((line) => wanted.test(line))).not.toHaveLength(0);
    }
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
    expect(lines).toContainEqual(
      expect.stringMatching(/^ok +successfactors +GET \/successfactors\/User 502 .*refused/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^ok +graph-user +GET \/graph\/me 403 .*refused/));
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^ok +ias-user +POST \/ias-user\/cost-centers\/4100\/bookings 201 the backend's CSRF token/,
      ),
    );
    expect(check.leftovers()).toEqual([]);
  });

  test('shows no token, assertion or secret', async () => {
    const check = runProcess('demo/main.ts', ['--check'], { XS_APP_LOG_LEVEL: 'trace' });
    expect(await check.ended).toBe(0);
    // JWTs begin with eyJ, SAML assertions in base64 with PD94 or PHNhbWw; the client secrets end in ~+&%=/.
    expect(check.output()).not.toMatch(/eyJ[\w-]{10}|PD94|PHNhbWw|~\+&%=\/|%7E%2B%26/);
  });

  test('is not swayed by bindings and destinations of the shell it is called from', async () => {
    const check = runProcess('demo/main.ts', ['--check'], {
      VCAP_SERVICES: '{"xsuaa":[{"name":"x","label":"xsuaa","tags":["xsuaa"],"credentials":{}}]}',
      destinations: 'not even JSON',
      OIDC_ISSUER: 'https://elsewhere.example',
    });
    expect(await check.ended, check.output()).toBe(0);
  });

  test('exits with 1 and says why when a flow is broken, and walks the others all the same', async () => {
    const check = runProcess('test/e2e/demo/check-without-consent.ts', []);
    expect(await check.ended).toBe(1);
    const lines = check.output().split('\n');
    const failed = lines.findIndex((line) => /^FAIL graph-user +GET \/graph\/me 403 On-Behalf-Of/.test(line));
    expect(failed).toBeGreaterThan(0);
    expect(lines[failed + 1]).toContain('200 was expected, 403 came');
    expect(lines).toContainEqual(expect.stringMatching(/^FAIL graph-user-assertion /));
    expect(lines).toContainEqual(expect.stringMatching(/^ok +successfactors +GET \/successfactors\/User 200/));
    expect(lines).toContainEqual(expect.stringMatching(/^2 of \d+ failed/));
    expect(check.leftovers()).toEqual([]);
  });

  test('a check that is interrupted has not succeeded', async () => {
    const check = runProcess('demo/main.ts', ['--check']);
    await check.says('Starting the router');
    check.child.kill('SIGINT');
    expect(await check.ended).toBe(1);
    expect(check.leftovers()).toEqual([]);
  });
});

describe('npm run demo', () => {
  test('says where it is, who one can be and what to try; Ctrl+C, even doubled by npm, stops it cleanly', async () => {
    const demo = runProcess('demo/main.ts', [], { PORT: '0' });
    await demo.says('Stop with Ctrl+C');
    const [, url = ''] = /Portunus is at {2}(\S+)/.exec(demo.output()) ?? [];
    for (const name of ['Mara Lindqvist', 'Tomás Okafor', 'Yuki Brandt']) expect(demo.output()).toContain(name);
    expect(demo.output().match(/^ {2}\d\. /gm)).toHaveLength(5);
    expect((await fetch(`${url}/-/health/live`)).status).toBe(200);
    demo.child.kill('SIGINT');
    demo.child.kill('SIGINT');
    expect(await demo.ended).toBe(0);
    expect(demo.leftovers()).toEqual([]);
    await expect(fetch(`${url}/-/health/live`)).rejects.toThrow();
  });

  test('a port in use is told with the way out', async () => {
    const squatter = createServer();
    const port = await listen(squatter);
    const demo = runProcess('demo/main.ts', [], { PORT: String(port) });
    expect(await demo.ended).toBe(1);
    expect(demo.output()).toContain(`Port ${port} is in use`);
    expect(demo.output()).toContain('PORT=5001 npm run demo');
    expect(demo.leftovers()).toEqual([]);
    await close(squatter);
  });
});
