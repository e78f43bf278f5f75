import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { type Backend, openBackend } from '../support/open-backend.ts';
import { launchListening, runRouter } from '../support/spawn-router.ts';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend();
});

const xsApp = { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'quay' }] };
const loopback = { XS_BIND_ADDRESS: '127.0.0.1' };

/** A directory whose default-env.json names the backend as a value that is no text (xs-app.md 1.1). */
function directoryWith(defaults: object): string {
  const destinations = [{ name: 'quay', url: backend.origin }];
  return workingDirectory({
    'xs-app.json': xsApp,
    'default-env.json': { ...loopback, PORT: '0', destinations, ...defaults },
  });
}

describe('a start', () => {
  test('takes its working directory from -w, wherever it is called', async () => {
    const router = await launchListening(['start', '-w', directoryWith({})], { cwd: '/' });
    expect((await ask(router.origin, '/berth/7')).status).toBe(200);
    expect(backend.last().url).toBe('/berth/7');
  });

  test('takes the current directory without it, and needs no command', async () => {
    const router = await launchListening([], { cwd: directoryWith({}) });
    expect((await ask(router.origin, '/')).status).toBe(200);
  });

  test('reads default-env.json whatever NODE_ENV says, and real variables win', async () => {
    const defaults = { httpHeaders: [{ 'x-dock': 'from-the-file' }], SEND_XFRAMEOPTIONS: 'false' };
    const env = { NODE_ENV: 'production', httpHeaders: '[{"x-dock":"from-the-shell"}]', PKCE_ENABLED: 'false' };
    const router = await launchListening([], { cwd: directoryWith(defaults), env });
    const { headers } = await ask(router.origin, '/');
    expect(headers['x-dock']).toBe('from-the-shell');
    expect(headers['x-frame-options']).toBeUndefined();
    expect(router.output().match(/SESSION_SECRET is not set/g), 'warns once').toHaveLength(1);
    expect(router.output().match(/PKCE_ENABLED/g), 'says what has no effect, once').toHaveLength(1);
  });

  test('names no secret in what it writes', async () => {
    const SESSION_SECRET = 'a-session-secret-of-some-length';
    const password = 'a-password-of-some-length';
    const destinations = [{ name: 'quay', url: backend.origin, User: 'u', Password: password }];
    const env = { SESSION_SECRET, XS_APP_LOG_LEVEL: 'trace' };
    const router = await launchListening([], { cwd: directoryWith({ destinations }), env });
    await ask(router.origin, '/', { headers: { cookie: 'JSESSIONID=s%3Aabcdef.ghijkl' } });
    expect(backend.last().headers.authorization).toMatch(/^Basic /);
    expect(router.output()).not.toMatch(/SESSION_SECRET is not set/);
    for (const secret of [SESSION_SECRET, password, 'abcdef']) expect(router.output()).not.toContain(secret);
  });
});

describe('a port', () => {
  test('that is in use ends the start with status 1, and says which and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => other.once('listening', listening));
    atEnd(() => other.close());
    const { port } = other.address() as AddressInfo;
    const { status, stderr } = await runRouter([], { cwd: directoryWith({}), env: { PORT: String(port) } });
    expect(status).toBe(1);
    expect(stderr).toBe(`port ${port} is in use; set PORT to another one\n`);
    const serve = ['destinations', 'serve', '--port', String(port)];
    const served = await runRouter(serve, { cwd: workingDirectory({ 'destinations.json': [] }) });
    expect([served.status, served.stderr]).toEqual([
      1,
      `port ${port} is in use; choose another one with --port, 0 for a free one\n`,
    ]);
  });
});

describe('a command', () => {
  test('that names a file which is not there says which', async () => {
    const cwd = directoryWith({});
    const { status, stderr } = await runRouter(['destinations', 'import', 'cockpit.json'], { cwd });
    expect([status, stderr]).toEqual([1, `there is no file ${path.join(cwd, 'cockpit.json')}\n`]);
  });

  test('that does not exist is status 2 and shows the usage', async () => {
    const { status, stderr } = await runRouter(['strat'], { cwd: '/' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/unknown command "strat"/);
    expect(stderr).toMatch(/did you mean "start"\?\n.*--help/);
  });

  test('with an unknown option is status 2, without a stack trace', async () => {
    const { status, stderr } = await runRouter(['start', '--fast'], { cwd: '/' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/--fast/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
