import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { cyclesOf, type Import, importsOf, readSources } from './support/import-graph.ts';

const root = path.resolve(import.meta.dirname, '..');
const sources = readSources(root, ['src', 'routes']);
const files = sources.map((source) => source.path);
const imports = sources.flatMap(importsOf);

/** Stage of a file by its folder: `src/routing/x.ts` is in `routing`; a file of `src` itself is in none. */
function folderOf(file: string): string | undefined {
  return /^src\/([^/]+)\//.exec(file)?.[1];
}
const told = ({ from, to, typeOnly }: Import) => `${from} → ${to}${typeOnly ? ' (type)' : ''}`;
const importing = (name: string) => imports.filter(({ to }) => to === name || to.startsWith(`${name}/`));
const unique = (names: readonly string[]) => [...new Set(names)].sort();

describe('the graph that these tests judge is the real one', () => {
  test('every import statement was read', () => {
    const written = sources.flatMap(({ path: from, text }) =>
      [...text.matchAll(/(?:\bfrom|^import) '([^']+)';$/gm)].map(
        ([, name = '']) => `${from} ${path.posix.basename(name)}`,
      ),
    );
    const read = imports.map(({ from, to }) => `${from} ${path.posix.basename(to)}`);
    expect(written.filter((one) => !read.includes(one))).toEqual([]);
    expect(imports.length).toBeGreaterThan(400);
  });

  test('every import of ours leads to a file', () => {
    expect(imports.filter(({ to }) => /^(src|routes)\//.test(to) && !files.includes(to)).map(told)).toEqual([]);
  });

  test('a cycle would be seen', () => {
    const ring = ['a', 'b', 'c'].map((from, i, all) => ({ from, to: all[(i + 1) % 3] ?? '', typeOnly: false }));
    expect(cyclesOf(['a', 'b', 'c', 'd'], [...ring, { from: 'd', to: 'a', typeOnly: false }])).toEqual([
      ['a', 'b', 'c'],
    ]);
  });

  test('types and values are told apart', () => {
    const text = [
      "import type { A } from 'type';",
      "import { type B, type C } from 'types';",
      "import { type D, e } from 'both';",
      "import f, { type G } from 'default';",
      "import 'effect';",
      "export type { H } from 'exported-type';",
      "export { i } from 'exported';",
      "const j = await import('dynamic');",
      "type K = import('type-query').K;",
    ].join('\n');
    expect(importsOf({ path: 'x.ts', text, lines: 0 }).map(({ to, typeOnly }) => [to, typeOnly])).toEqual([
      ['type', true],
      ['types', true],
      ['both', false],
      ['default', false],
      ['effect', false],
      ['exported-type', true],
      ['exported', false],
      ['dynamic', false],
      ['type-query', true],
    ]);
  });
});

test('no file imports itself round about, not even by type', () => {
  expect(cyclesOf(files, imports)).toEqual([]);
});

describe('stages know only earlier stages, and of those only types (design section 4)', () => {
  const stages = ['accept', 'session', 'routing', 'authorization', 'destinations', 'tokens', 'forwarding'];
  const between = imports.filter(({ from, to }) => {
    const [here, there] = [folderOf(from), folderOf(to)];
    return here !== there && stages.includes(here ?? '') && stages.includes(there ?? '');
  });
  const step = ({ from, to }: Import) => stages.indexOf(folderOf(from) ?? '') - stages.indexOf(folderOf(to) ?? '');

  test('an arrow to the right is a type that the session holds, and no other', () => {
    const rightwards = between.filter((one) => step(one) < 0);
    // A session remembers who logged in: it holds a User, which authorization defines and judges.
    expect(rightwards.map(told)).toEqual(['src/session/session-data.ts → src/authorization/principal.ts (type)']);
  });

  /** Files of earlier stages that may be called: pure, small, and the one place of their rule. */
  const callable: Readonly<Record<string, string>> = {
    'src/authorization/principal.ts': 'the constant `anonymous`',
    'src/destinations/references.ts': 'which destinations a destination refers to',
    'src/destinations/tenant-name.ts': 'what can be the subdomain of a tenant',
    'src/destinations/tls-options.ts': 'whose certificates are trusted, and which one is shown',
    'src/routing/rewrite-path.ts': 'how a base URL and a path are joined',
    'src/routing/replacement.ts': 'which files have placeholders, and how they are filled',
    'src/session/jwt-part.ts': 'how a part of a JWT is read',
    'src/session/same-secret.ts': 'the comparison in constant time',
    'src/session/session-data.ts': 'which cookies were kept for a destination',
    'src/tokens/credential.ts': 'the constant "no credential"',
  };

  test('an arrow to the left is a type, or calls one of the few rules that two stages share', () => {
    const called = unique(between.filter((one) => step(one) > 0 && !one.typeOnly).map(({ to }) => to));
    expect(called).toEqual(Object.keys(callable).sort());
  });

  test('and those have no state and touch nothing outside', () => {
    const needs = imports.filter(({ from, to, typeOnly }) => from in callable && !typeOnly && !to.startsWith('src/'));
    // Node's own context of TLS holds what it was given; the comparison in constant time is a function of its arguments.
    expect(needs.map(told)).toEqual([
      'src/destinations/tls-options.ts → node:tls',
      'src/session/same-secret.ts → node:crypto',
    ]);
  });

  test('login knows the stages before authorization, and no stage knows login', () => {
    const logins = imports.filter(({ from, to }) => folderOf(from) === 'login' && folderOf(to) !== 'login');
    expect(unique(logins.flatMap(({ to }) => folderOf(to) ?? []))).toEqual([
      'accept',
      'authorization',
      'config',
      'errors',
      'observe',
      'session',
    ]);
    expect(logins.filter((one) => folderOf(one.to) === 'authorization' && !one.typeOnly).map(told)).toEqual([]);
    expect(
      imports.filter(({ from, to }) => folderOf(to) === 'login' && stages.includes(folderOf(from) ?? '')).map(told),
    ).toEqual([]);
  });

  test('configuration, errors and the log are open to all, and know no stage', () => {
    const foundations = ['config', 'errors', 'observe'];
    const upwards = imports.filter(({ from, to }) => {
      const there = folderOf(to);
      return foundations.includes(folderOf(from) ?? '') && there !== undefined && !foundations.includes(there);
    });
    // Destinations are configuration as much as a stage: the folder that knows their format parses them.
    expect(upwards.map(told)).toEqual(['src/config/config.ts → src/destinations/read-destinations.ts']);
  });

  test('the house is known to what builds it, and by type to app and doors', () => {
    const users = imports.filter(({ to }) => to === 'src/house.ts');
    expect(users.filter(({ typeOnly }) => !typeOnly).map(({ from }) => from)).toEqual(['src/commands/start.ts']);
    expect(
      users.map(({ from }) => from).filter((from) => !/^(routes\/|src\/(app|commands\/start)\.ts)/.test(from)),
    ).toEqual([]);
  });

  test('only the app knows the doors', () => {
    const users = imports.filter(({ from, to }) => to.startsWith('routes/') && !from.startsWith('routes/'));
    expect(users.map(told)).toEqual(['src/app.ts → routes/index.ts']);
  });
});

describe('a library is known to the place that needs it', () => {
  test('express: the shell, the doors, and the stages that speak HTTP; by value only where an app or router is made', () => {
    const places =
      /^(routes\/|src\/(app|server|extensions|create-router)\.ts|src\/(accept|session|forwarding|own-script|destination-service)\/|src\/errors\/answer-error\.ts)/;
    const users = importing('express');
    expect(users.filter(({ from }) => !places.test(from)).map(told)).toEqual([]);
    expect(unique(users.filter(({ typeOnly }) => !typeOnly).map(({ from }) => from))).toEqual([
      'routes/read-form.ts',
      'src/app.ts',
      'src/destination-service/open-service.ts',
      'src/destination-service/serve-collections.ts',
      'src/destination-service/serve-find.ts',
      'src/destination-service/serve-labels.ts',
      'src/destination-service/serve-token-endpoint.ts',
      'src/destination-service/serve-trust.ts',
      'src/extensions.ts',
    ]);
  });

  test.each([
    ['http-proxy-middleware', ['src/forwarding/forward-upgrade.ts']],
    ['node-forge', ['src/config/key-store-forge.ts']],
    ['xml-crypto', ['src/tokens/saml/sign-assertion.ts']],
    ['compression', ['src/forwarding/compress.ts']],
    ['send', ['src/forwarding/serve-local-dir.ts']],
    ['pino', ['src/observe/log.ts']],
    ['prom-client', ['src/observe/count-metrics.ts']],
    ['redos-detector', ['src/lint/lint-expressions.ts']],
    ['@opentelemetry/api', ['src/observe/open-telemetry.ts']],
    ['cookie-signature', ['src/session/session-cookie.ts']],
    ['@redis/client', ['src/session/connect-redis.ts']],
  ])('%s: one file', (name, places) => {
    expect(unique(importing(name).map(({ from }) => from))).toEqual(places);
  });

  test('undici: what it takes to connect is in one file, and login has its fetch', () => {
    expect(
      unique(
        importing('undici')
          .filter(({ typeOnly }) => !typeOnly)
          .map(({ from }) => from),
      ),
    ).toEqual(['src/login/provider-fetch.ts', 'src/undici-core.ts']);
  });

  test('connections are made in one file of forwarding and of tokens each', () => {
    expect(unique(importing('src/undici-core.ts').map(({ from }) => from))).toEqual([
      'src/forwarding/pools.ts',
      'src/tokens/token-service-pool.ts',
    ]);
  });

  test.each([
    ['openid-client', ['login']],
    ['jose', ['destination-service', 'login']],
    ['zod', ['config']],
    ['express-session', ['session']],
  ])('%s: the folder %j', (name, folders) => {
    expect(unique(importing(name).map(({ from }) => folderOf(from) ?? from))).toEqual(folders);
  });

  test('no XML is read and no signature of XML is verified: there is no parser to attack (T-60, T-64)', () => {
    const parsers = [
      '@xmldom/xmldom',
      'fast-xml-parser',
      'xml2js',
      'libxmljs',
      'sax',
      '@node-saml/node-saml',
      'samlify',
    ];
    expect(parsers.flatMap(importing).map(told)).toEqual([]);
    expect(
      sources.filter(({ text }) => /checkSignature|validateSignature/.test(text)).map((source) => source.path),
    ).toEqual([]);
  });

  test('routing and authorization open no connection; of routing only placeholders look at files, at start', () => {
    const pure = imports.filter(({ from }) => ['routing', 'authorization'].includes(folderOf(from) ?? ''));
    const outside = pure.filter(({ to }) => /^node:(fs|http|https|net|tls|dns|child_process)/.test(to));
    expect(outside.map(told)).toEqual(['src/routing/compile-replacement.ts → node:fs']);
  });
});

describe('the environment', () => {
  test('of the process is read in one file', () => {
    const readers = sources.filter(({ text }) => /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\[/.test(text));
    expect(readers.map((source) => source.path)).toHaveLength(1);
  });

  test('has no development mode: NODE_ENV decides nothing (T-09)', () => {
    const mentions = sources.filter(({ text }) => /NODE_ENV/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')));
    expect(mentions.map((source) => source.path)).toEqual([]);
  });
});

test('no function literal is assigned to a property of `this`: V8 would make it an old object', () => {
  // Its parser takes that for a method of a prototype and allocates the closure among old objects. One made for each
  // request then keeps all it reaches until the next full collection: a third of the memory, a tenth of the time.
  const assigned = sources.filter(({ text }) =>
    /\bthis\.#?\w+ = (async )?(function\b|\([^)\n]*\) =>|\w+ =>)/.test(text),
  );
  expect(assigned.map((source) => source.path)).toEqual([]);
});

describe('files are small, and named after what they do', () => {
  /** Files over 200 lines, and why. */
  const long: Readonly<Record<string, string>> = {
    'src/config/settings.ts': 'a table: one row for each variable',
    'src/house.ts': 'the composition root: one place that wires, read from top to bottom',
    'src/commands/command-table.ts': 'a table: what the command line can be asked for, with its help',
    'src/tokens/token-error-table.ts': 'a table: one row for each error of a token service',
  };

  test('none is over 200 lines without a reason', () => {
    expect(
      sources
        .filter(({ lines }) => lines > 200)
        .map((source) => source.path)
        .sort(),
    ).toEqual(Object.keys(long).sort());
  });

  test('half of them are under 80 lines', () => {
    const lengths = sources.map(({ lines }) => lines).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(80);
  });

  const names = unique(
    readSources(root, ['src', 'routes', 'demo', 'test', 'bench']).flatMap((source) => source.path.split('/')),
  );

  test('there is no drawer for things without a name', () => {
    expect(names.filter((name) => /^(utils?|helpers?|common|lib|misc|shared|tools)(\.ts)?$/i.test(name))).toEqual([]);
  });

  test('names are in kebab-case', () => {
    expect(names.filter((name) => !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(name))).toEqual([]);
  });

  test('no barrels: the map of the doors is the only index', () => {
    expect(files.filter((file) => file.endsWith('/index.ts'))).toEqual(['routes/index.ts']);
    expect(sources.filter(({ text }) => /^export \*/m.test(text)).map((source) => source.path)).toEqual([]);
  });

  test('no default exports: a thing has the same name everywhere', () => {
    expect(sources.filter(({ text }) => /^export default/m.test(text)).map((source) => source.path)).toEqual([]);
  });
});
