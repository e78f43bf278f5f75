import { describe, expect, test } from 'vitest';
import type { RouteEntry } from '../../../src/config/xs-app/route-schema.ts';
import { Problems, tellProblem } from '../../../src/errors/config-error.ts';
import { compileReplacement } from '../../../src/routing/compile-replacement.ts';
import {
  isProcessed,
  processedType,
  type Replacement,
  replacePlaceholders,
  unknownPlaceholders,
} from '../../../src/routing/replacement.ts';
import { problemLines } from '../../support/problem-lines.ts';
import { type Files, workingDirectory } from '../../support/working-directory.ts';

const values = new Map([
  ['NAME', 'A & "B" <c>'],
  ['EMPTY', ''],
  ['svc.url', 'https://svc.example/'],
  ['svc.deep.er', '1'],
]);
const replacement: Replacement = { pathSuffixes: ['.html', 'gate.txt', '/lock/x.js'], values };

describe('placeholders in a text (xs-app.md 3.7)', () => {
  test.each([
    ['{{NAME}}', 'A &amp; &quot;B&quot; &lt;c&gt;'],
    ['{{{NAME}}}', 'A & "B" <c>'],
    ['a{{NAME}}b{{{NAME}}}c', 'aA &amp; &quot;B&quot; &lt;c&gt;bA & "B" <c>c'],
    ['{{ NAME }}', 'A &amp; &quot;B&quot; &lt;c&gt;'],
    ['{{svc.url}}', 'https://svc.example/'],
    ['{{svc.deep.er}}', '1'],
    ['{{EMPTY}}', ''],
    ['{{NOBODY}}', ''],
    ['{{{NOBODY}}}', ''],
    ['{{constructor}}', ''],
    ['{NAME}', '{NAME}'],
    ['{{NAME}', '{{NAME}'],
    ['{{a b}}', '{{a b}}'],
    ['function () {{ return {} }}', 'function () {{ return {} }}'],
    ['', ''],
  ])('%j becomes %j', (text, filled) => {
    expect(replacePlaceholders(replacement, text)).toBe(filled);
  });

  test('a value is text, not a template and not a pattern', () => {
    const tricky = {
      pathSuffixes: [],
      values: new Map([
        ['A', '{{{B}}} $& $1'],
        ['B', 'secret'],
      ]),
    };
    expect(replacePlaceholders(tricky, '{{{A}}}')).toBe('{{{B}}} $& $1');
  });

  test('names that nothing stands for are found once each', () => {
    expect(unknownPlaceholders(replacement, '{{NAME}}{{X}}{{{X}}}{{EMPTY}}{{svc.y}}')).toEqual(['X', 'svc.y']);
  });
});

describe('which files are processed: those whose path ends so', () => {
  test.each([
    ['/index.html', true],
    ['/a/floodgate.txt', true],
    ['/gate.txt', true],
    ['/lock/x.js', true],
    ['/a/lock/x.js', true],
    ['/padlock/x.js', false],
    ['/x.js', false],
    ['/index.html.bak', false],
    ['/dock;bay=2/index.html', false],
  ])('%s: %s', (file, processed) => {
    expect(isProcessed(replacement, file)).toBe(processed);
  });

  test.each([
    ['/a.json', 'application/json'],
    ['/a.txt', 'text/plain'],
    ['/a.html', 'text/html'],
    ['/a.js', 'application/javascript'],
    ['/a.CSS', 'text/css'],
    ['/a.xml', 'text/html'],
    ['/a', 'text/html'],
  ])('%s is served as %s', (file, type) => {
    expect(processedType(file)).toBe(type);
  });
});

describe('replace of a route, compiled', () => {
  const bindings = [
    {
      label: 'xsuaa',
      name: 'uaa',
      tags: ['xsuaa', 'security'],
      credentials: { url: 'https://u', nested: { a: 1 }, list: [1], none: null },
    },
    { label: 'other', name: 'db', tags: [], credentials: { url: 'https://db' } },
  ];

  function compile(replace: NonNullable<RouteEntry['replace']>, files: Files = { 'web/x.txt': '' }) {
    const problems = new Problems();
    const variables: Record<string, string> = { PRESENT: 'here' };
    const compiled = compileReplacement({ source: '^/', localDir: 'web', replace }, 'routes/3', {
      environment: { get: (name) => variables[name] },
      bindings,
      workingDirectory: workingDirectory(files),
      problems,
    });
    return { values: compiled?.values, problems: problemLines(problems), warnings: problems.warnings.map(tellProblem) };
  }

  test('only the variables that are named can be inserted', () => {
    const { values: compiled } = compile({ pathSuffixes: [], vars: ['PRESENT'] });
    expect(Object.fromEntries(compiled ?? [])).toEqual({ PRESENT: 'here' });
  });

  test('credentials of a bound service, by the name the route gives it', () => {
    const { values: compiled, problems } = compile({ pathSuffixes: [], services: { svc: { tag: 'security' } } });
    expect(problems).toEqual([]);
    expect(compiled?.get('svc.url')).toBe('https://u');
    expect(compiled?.get('svc.nested.a')).toBe('1');
    expect(compiled?.get('svc.list')).toBe('[1]');
    expect(compiled?.get('svc.none')).toBe('');
  });

  test.each([
    [{ name: 'db' }, 'https://db'],
    [{ label: 'other' }, 'https://db'],
    [{ name: 'uaa', tag: 'xsuaa' }, 'https://u'],
  ])('found by %j', (query, url) => {
    expect(compile({ pathSuffixes: [], services: { svc: query } }).values?.get('svc.url')).toBe(url);
  });

  test.each([[{ name: 'nobody' }], [{ name: 'uaa', tag: 'none' }], [{ plan: 'x' }], [{ tag: 'db' }]])(
    'a service that is not bound refuses the start (1.2): %j',
    (query) => {
      expect(compile({ pathSuffixes: [], services: { svc: query } }).problems).toEqual([
        'xs-app.json/routes/3/replace/services/svc: no bound service fits; bind it, or correct the query',
      ]);
    },
  );

  test('a name both in vars and services refuses the start (1.2)', () => {
    expect(compile({ pathSuffixes: [], vars: ['PRESENT'], services: { PRESENT: { name: 'db' } } }).problems).toEqual([
      'xs-app.json/routes/3/replace/services/PRESENT: is a name in "vars" too; rename one of the two',
    ]);
  });

  test('a variable that is not set is warned of, and empty', () => {
    const { values: compiled, warnings } = compile({ pathSuffixes: [], vars: ['ABSENT'] });
    expect(compiled?.get('ABSENT')).toBe('');
    expect(warnings).toEqual(['xs-app.json/routes/3/replace/vars: the environment variable ABSENT is not set']);
  });

  test('a placeholder that nothing stands for is warned of, with file, route and name (13.1 #9)', () => {
    const files = { 'web/sub/a.html': '{{PRESENT}} {{LOST}}', 'web/b.txt': '{{LOST}}' };
    expect(compile({ pathSuffixes: ['.html'], vars: ['PRESENT'] }, files).warnings).toEqual([
      'xs-app.json/routes/3/replace: sub/a.html: nothing stands for {{LOST}}; it will be empty',
    ]);
  });

  test('no value of a variable or service is in what is told', () => {
    const told = compile({ pathSuffixes: ['.html'], vars: ['PRESENT'], services: { PRESENT: { name: 'db' } } });
    expect(JSON.stringify([told.problems, told.warnings])).not.toMatch(/here|https:/);
  });

  test('a route without it has none', () => {
    const problems = new Problems();
    const sources = { environment: { get: () => undefined }, bindings: [], workingDirectory: '/', problems };
    expect(compileReplacement({ source: '^/', localDir: 'web' }, 'routes/0', sources)).toBeUndefined();
  });
});
