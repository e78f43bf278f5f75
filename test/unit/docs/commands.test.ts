import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPages, root } from './read-pages.ts';

/** Who runs a block: a test, by its file; or nobody here, for a reason that a reader accepts. */
type Run = { readonly test: string } | { readonly notHere: string };

const recipe: Run = { test: 'test/e2e/destination-service/recipe.test.ts' };
const readme: Run = { test: 'test/e2e/deploy/readme.test.ts' };
const tools: Run = { test: 'test/e2e/commands/tools-pages.test.ts' };

/** Every block of commands in the pages, by page and the beginning of its first line. */
const runs: Record<string, Run> = {
  'README.md: npm ci && npm run demo': { test: 'test/e2e/demo/demo-check.test.ts' },
  'README.md: npm cit': { notHere: 'it runs the tests: this one, too; .ci/run does' },
  'README.md: npm run -s portunus -- cert new': readme,
  'README.md: export TENANT=': readme,
  'CONTRIBUTING.md: npm ci': { notHere: 'installs, and runs the tests: .ci/run does; the demo has tests of its own' },
  'docs/recipes/entra-on-behalf-of.md: openssl req': readme,
  'docs/recipes/successfactors-default-trust.md: npx portunus trust prepare': readme,
  'docs/recipes/local-destinations.md: ORDERS_PASSWORD=': recipe,
  'docs/recipes/local-destinations.md: npx portunus destinations key': recipe,
  'docs/recipes/local-destinations.md: export VCAP_SERVICES=': recipe,
  'docs/recipes/local-destinations.md: export NODE_EXTRA_CA_CERTS=': recipe,
  'docs/recipes/local-destinations.md: KEY=$(npx': recipe,
  'docs/observability.md: node --import ./otel.mjs': {
    notHere: 'otel.mjs is the reader’s own; test/e2e/observe/spans.test.ts registers a provider as it would',
  },
  'docs/inspector.md: PORTUNUS_INSPECTOR=on': {
    notHere: 'npx portunus start of an own folder; tests of the inspector start the router with these variables',
  },
  'docs/deploying.md: cf push --no-start': {
    notHere: 'needs an account of Cloud Foundry; the command that it starts is npm start',
  },
  'docs/deploying.md: docker build': {
    notHere: 'needs Docker; test/e2e/deploy/image.test.ts runs what the Dockerfile describes',
  },
  'docs/deploying.md: kubectl create namespace': {
    notHere: 'needs a cluster; test/unit/deploy/chart.test.ts renders the chart',
  },
  'docs/deploying.md: npm ci && npm pack': {
    notHere: 'asks the registry for a hundred packages; test/e2e/deploy/package.test.ts makes and unpacks the package',
  },
};

const lint: Run = { test: 'test/e2e/commands/check-page.test.ts' };
for (const name of readdirSync(path.join(root, 'docs/tools')))
  runs[`docs/tools/${name}: `] = /^(?:check|explain)\.md$/.test(name) ? lint : tools;

const blocks = readPages().flatMap(({ path: page, text }) =>
  [...text.matchAll(/^( *)```(?:sh|bash|shell|console)\n([\s\S]*?)^\1```$/gm)].map(
    ([, , body = '']) => `${page}: ${body.trim()}`,
  ),
);
const keyOf = (block: string) => Object.keys(runs).find((key) => block.startsWith(key));

describe('blocks of commands in the pages', () => {
  test('are each run by a test, or said why not; add a new one to the table above', () => {
    expect(blocks.length).toBeGreaterThan(10);
    expect(blocks.filter((block) => keyOf(block) === undefined).map((block) => block.split('\n')[0])).toEqual([]);
  });

  test('the table has none that is gone', () => {
    const used = new Set(blocks.map(keyOf));
    expect(Object.keys(runs).filter((key) => !used.has(key))).toEqual([]);
  });

  test('the tests that are named there are there, and read the page', () => {
    for (const [key, run] of Object.entries(runs)) {
      if (!('test' in run)) continue;
      expect([run.test, existsSync(path.join(root, run.test))]).toEqual([run.test, true]);
      const page = path.posix.basename(key.split(': ')[0] ?? '', '.md');
      if (run !== runs['README.md: npm ci && npm run demo'])
        expect(readFileSync(path.join(root, run.test), 'utf8')).toContain(page);
    }
  });
});

/** Commands in running text: what they name must be there. */
describe('commands named in running text', () => {
  const pages = readPages().filter(({ path: page }) => !page.startsWith('docs/decisions/') && page !== 'CHANGELOG.md');

  test('npm run NAME is a script of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = pages.flatMap(({ text }) => [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name]) => name));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(`${name}` in scripts))).toEqual([]);
  });

  test('portunus NAME is a command of the program', async () => {
    const { commandTable } = await import('../../../src/commands/command-table.ts');
    const known = new Set(Object.keys(commandTable).flatMap((name) => [name, name.split(' ')[0] ?? '']));
    const named = pages.flatMap(({ path: page, text }) =>
      [...text.matchAll(/(?:`|npx )portunus ([a-z]+)/g)].map(([, name = '']) => ({ page, name })),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
  });
});
