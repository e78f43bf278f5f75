import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { faultsOf } from './schemas.ts';

/** As the library says of what it has read: anything. */
type Parsed = ReturnType<typeof parse>;

const root = path.resolve(import.meta.dirname, '../../..');
const folder = path.join(root, '.github/workflows');
const workflows = readdirSync(folder).map(
  (name) => [name, parse(readFileSync(path.join(folder, name), 'utf8'))] as const,
);
const stepsOf = (workflow: Parsed): Parsed[] => Object.values<Parsed>(workflow.jobs).flatMap(({ steps = [] }) => steps);

describe.each(workflows)('%s', (_, workflow) => {
  test('is a workflow', () => {
    expect(faultsOf('workflow', workflow)).toEqual([]);
  });

  test('may no more than it must', () => {
    const granted = [workflow, ...Object.values<Parsed>(workflow.jobs)].flatMap(({ permissions = {} }) =>
      Object.entries(permissions),
    );
    const writing = granted.filter(([, level]) => level !== 'read').map(([name]) => name);
    expect(writing.filter((name) => !['contents', 'id-token'].includes(name))).toEqual([]);
    if (!('tags' in (workflow.on.push ?? {}))) expect(writing).toEqual([]);
  });

  test('uses actions of GitHub only, by their major version, and leaves no token in the checkout', () => {
    for (const { uses, with: given } of stepsOf(workflow).filter((step) => 'uses' in step)) {
      expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
      if (uses.startsWith('actions/checkout@')) expect(given['persist-credentials']).toBe(false);
    }
  });

  test('puts nothing of the event into a script', () => {
    for (const { run } of stepsOf(workflow).filter((step) => 'run' in step)) expect(run).not.toContain('${{');
  });

  test('calls files that are there', () => {
    const called = [
      ...stepsOf(workflow).map(({ run }) => run),
      ...Object.values<Parsed>(workflow.jobs).map(({ uses }) => uses),
    ];
    for (const file of called.filter((one) => /^\.\/?[\w./-]+$/.test(one ?? '')))
      expect(existsSync(path.join(root, file))).toBe(true);
  });
});

test('what changes is tested, and only what was tested is published', () => {
  const { 'test.yml': tested, 'publish.yml': published } = Object.fromEntries(workflows) as Record<string, Parsed>;
  expect(Object.keys(tested.on)).toEqual(expect.arrayContaining(['push', 'pull_request', 'workflow_call']));
  expect(stepsOf(tested).map(({ run }) => run)).toContain('.ci/run');
  expect(published.jobs[published.jobs.publish.needs].uses).toBe('./.github/workflows/test.yml');
  const runs = stepsOf(published)
    .map(({ run }) => run)
    .join('\n');
  expect(runs).toContain('--provenance');
  expect(runs).toContain('npm sbom --omit=dev');
});
