import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startVerdict } from '../../../support/make-house.ts';

/** Whatever stands in xs-app.json, a start ends well or with problems that are told, a line each; never otherwise. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e99,
    '',
    '*',
    '(',
    '^(a+)+$',
    '$1',
    '../..',
    '__proto__',
    'constructor',
    'http://x',
    [],
    {},
    [[]],
    '\u0000',
    '\ud800',
    'x'.repeat(5_000),
  ),
  fc.jsonValue({ maxDepth: 3 }),
);
const route = fc.record(
  {
    source: fc.oneof(
      fc.constantFrom<unknown>('^/', '^/(.*)$', '(', '[', { path: '^/x', matchCase: false }, { path: 1 }),
      odd,
    ),
    target: fc.oneof(fc.constantFrom<unknown>('/$1', '$9', ''), odd),
    destination: fc.oneof(fc.constantFrom<unknown>('d', '$1', '*', '__proto__'), odd),
    localDir: odd,
    service: odd,
    scope: fc.oneof(fc.constantFrom<unknown>('a', ['a'], { GET: 'a', default: ['b'] }), odd),
    httpMethods: fc.oneof(fc.constantFrom<unknown>(['GET'], ['get'], 'GET'), odd),
    authenticationType: fc.oneof(fc.constantFrom<unknown>('none', 'xsuaa', 'ias', 'basic'), odd),
    replace: odd,
    csrfProtection: odd,
    cacheControl: odd,
    ['__proto__x']: odd,
  },
  { requiredKeys: [] },
);
const file = fc.record(
  {
    authenticationMethod: fc.oneof(fc.constantFrom<unknown>('none', 'route'), odd),
    routes: fc.oneof(fc.array(route, { maxLength: 3 }), odd),
    welcomeFile: odd,
    logout: fc.oneof(fc.record({ logoutEndpoint: odd, logoutPage: odd }, { requiredKeys: [] }), odd),
    login: odd,
    destinations: odd,
    compression: odd,
    cors: odd,
    errorPage: odd,
    responseHeaders: odd,
    websockets: odd,
    sessionTimeout: odd,
    pluginMetadataEndpoint: odd,
    whitelistService: odd,
  },
  { requiredKeys: [] },
);

const judge = async (xsApp: unknown) => {
  // `startVerdict` throws on whatever is no ConfigError.
  const { problems } = await startVerdict({ xsApp, env: { destinations: [{ name: 'd', url: 'http://localhost:1' }] } });
  for (const line of problems) expect(line).toMatch(/^\S[^\n]*: \S/);
  return problems.length;
};

test('files that are nearly right', { timeout: 60_000 }, async () => {
  let refused = 0;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(file, async (xsApp) => {
      runs += 1;
      if ((await judge(JSON.stringify(xsApp))) > 0) refused += 1;
    }),
    { numRuns: 200 },
  );
  expect(refused).toBeGreaterThan(runs / 4);
});

test('texts that are no file of ours at all', { timeout: 60_000 }, async () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '"routes"',
    'null',
    '1e',
    '\\u',
    '\\',
    '//',
    '/*',
    '\ufeff',
    '\u0000',
    '\n',
    '-',
    'true',
    '"__proto__":{}',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
    fc.json(),
  );
  await fc.assert(
    fc.asyncProperty(text, async (xsApp) => {
      await judge(xsApp);
    }),
    { numRuns: 150 },
  );
});

test('nesting without end', async () => {
  expect(await judge('['.repeat(100_000))).toBeGreaterThan(0);
  expect(await judge(`{"routes":${'['.repeat(20_000)}${']'.repeat(20_000)}}`)).toBeGreaterThan(0);
});
