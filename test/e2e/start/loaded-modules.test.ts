import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { workingDirectory } from '../../support/working-directory.ts';
import { ask } from '../support/ask.ts';
import { openBackend } from '../support/open-backend.ts';
import { launchListening } from '../support/spawn-router.ts';

/** Writes down, when SIGUSR2 comes, every file that was loaded, and every module of node's own. */
const writeDown = `
  import { registerHooks } from 'node:module';
  import { renameSync, writeFileSync } from 'node:fs';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  process.on('SIGUSR2', () => {
    const text = [...loaded, ...process.moduleLoadList].join('\\n');
    writeFileSync(process.env.LOADED + '.part', text);
    renameSync(process.env.LOADED + '.part', process.env.LOADED);
    process.exit();
  });
`;

/** What a router loads until its first answer has gone out. */
async function loadedByFirstAnswer(): Promise<string> {
  const backend = await openBackend();
  const directory = workingDirectory({
    'xs-app.json': { authenticationMethod: 'none', routes: [{ source: '^/', destination: 'quay' }] },
    'default-env.json': { destinations: [{ name: 'quay', url: backend.origin }] },
  });
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'loaded-')), 'list');
  const router = await launchListening(['start', '-w', directory], {
    cwd: '/',
    env: {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(writeDown)}`,
      LOADED: file,
      PORT: '0',
      XS_BIND_ADDRESS: '127.0.0.1',
    },
  });
  expect((await ask(router.origin, '/berth/7')).status).toBe(200);
  router.kill('SIGUSR2');
  await router.exited;
  return readFileSync(file, 'utf8');
}

describe('the first answer of a router that needs none of them waits for none of them', () => {
  let loaded = '';
  beforeAll(async () => {
    loaded = await loadedByFirstAnswer();
  }, 60_000);

  test('what it needs would be seen', () => {
    expect(loaded).toMatch(/\/src\/forwarding\/exchange\.ts$/m);
    expect(loaded).toMatch(/\/node_modules\/undici\/lib\/dispatcher\/pool\.js$/m);
    expect(loaded).toMatch(/^NativeModule _http_server$/m);
  });

  test.each([
    ['logins', /\/node_modules\/(openid-client|oauth4webapi)\//],
    ['all of jose', /\/node_modules\/jose\/dist\/webapi\/index\.js/],
    ['key stores', /\/node_modules\/node-forge\//],
    ['signatures of XML', /\/node_modules\/(xml-crypto|@xmldom)\/|\/src\/tokens\/saml\//],
    ['Redis', /\/node_modules\/@redis\//],
    ['upgrades', /\/node_modules\/http-proxy/],
    ['metrics', /\/node_modules\/(prom-client|@opentelemetry)\//],
    ['the linter', /\/node_modules\/(@humanwhocodes\/momoa|redos-detector)\/|\/src\/lint\//],
    ['the inspector', /\/src\/inspector\/(keep-entries|follow-request|show-step|open-inspector)\.ts/],
    ['commands other than start', /\/src\/(commands\/(doctor|explain|check)|destination-service)/],
    ["undici's fetch, caches and mocks", /\/node_modules\/undici\/(index\.js|lib\/(web\/fetch|cache|mock))/],
    ["node's own fetch and WebSocket", /^NativeModule internal\/deps\/undici\/undici$/m],
  ])('%s', (_what, pattern) => {
    expect(loaded.split('\n').filter((line) => pattern.test(line))).toEqual([]);
  });
});
